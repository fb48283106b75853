"""Who asks gets everything that may be told, each exemption by its clause, and a trace in the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines.access_request import access_request, rendered
from pipelines.correction import correct, rescored
from targeting.domain import BadInputError, OrganisationNumber
from targeting.features import load_families
from targeting.feedback.access import AccessAnswer, Question, answered, as_text, sections
from targeting.feedback.access.looks import _PURPOSES
from targeting.feedback.access.scored import _FACTS
from targeting.ledger import (
    Asked,
    AuditEvent,
    EventKind,
    Ledger,
    open_ledger,
    record_event,
    record_plan,
    trail_of,
    url_of,
)
from targeting.parameters.access import withheld
from targeting.parameters.registers import registers
from targeting.planning import life
from targeting.published import ESTABLISHMENTS, open_run, run_ids
from targeting.snapshots.correcting import Correction
from targeting.tables import ALL_TABLES, Coordination, Establishments, Incidents, Inspections
from tests.lib.plan_story import APPROVER, PLAN, by, found, plan_record
from tests.lib.published_run import publish
from tests.lib.small_country import conforming, number, small_country, store_of
from tests.lib.two_runs import ONLY_WORK_CRIME, SEEN, publish_both

NOW = datetime(2027, 4, 1, 9, tzinfo=UTC)
SLOT = number(0)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(url_of(tmp_path / "ledger"))) as opened:
        yield opened


def looked(ledger: Ledger, actor: str, minutes: int, establishment: str = SLOT, target: str = "bht_use") -> None:
    at = NOW - timedelta(days=30) + timedelta(minutes=minutes)
    with ledger.write() as connection:
        record_event(connection, AuditEvent(EventKind.LOOKED_UP, actor, at, establishment=establishment, target=target))


def ask(home: Path, ledger: Ledger, unit: str = SLOT, **how: Any) -> AccessAnswer:
    """As the web process asks: from published runs and the ledger alone."""
    runs = [open_run(home, one) for one in run_ids(home)]
    with ledger.write() as connection:
        return answered(Question(OrganisationNumber(unit), NOW.date(), **how), runs, connection, "kari", NOW).answer


def cells(answer: AccessAnswer) -> str:
    return answer.to_json() + as_text(answer, "nb") + as_text(answer, "en")


def test_every_run_tells_its_score_with_reasons_newest_first(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path, digit="1", as_of=date(2026, 10, 1))
    publish(tmp_path, digit="2", as_of=date(2027, 1, 1), seed=2)
    run = open_run(tmp_path, "2" * 16)

    told = ask(tmp_path, ledger).scores

    assert [one.as_of for one in told] == sorted((one.as_of for one in told), reverse=True)
    assert {one.run for one in told} == {"1" * 16, "2" * 16}
    for one in told:
        table = open_run(tmp_path, one.run).scores(one.target).to_pylist()  # type: ignore[arg-type]
        (row,) = [row for row in table if row["establishment"] == SLOT]
        assert (one.rank, one.score, one.among) == (row["rank"], row["score"], len(table))
        assert [reason.text.nb for reason in one.reasons] == [reason["text_nb"] for reason in row["reasons"]]
        assert (one.band is None) == (row["band"] is None)
    assert {one.field for one in ask(tmp_path, ledger).facts} < set(run.establishments.column_names)


def test_an_enterprise_is_told_of_its_establishments(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path)
    answer = ask(tmp_path, ledger, number(100_000))
    assert (answer.kind, answer.establishments) == ("enterprise", (SLOT,))
    assert {one.establishment for one in answer.scores} == {SLOT}


def test_looks_are_told_by_day_and_purpose_with_staff_numbered(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path)
    for minutes, actor in enumerate(("olaq", "evaq", "olaq")):
        looked(ledger, actor, minutes)
    looked(ledger, "perq", 9, number(1))

    seen = ask(tmp_path, ledger).seen
    assert [one.who.en for one in seen] == [f"member of staff {n}" for n in (1, 2, 1)]
    assert all("BHT" in one.purpose.nb for one in seen)
    assert not [name for name in ("olaq", "evaq", "perq") if name in cells(ask(tmp_path, ledger))]
    assert "olaq" in {one.who.nb for one in ask(tmp_path, ledger, staff_named=True).seen}


def test_a_plan_is_told_when_it_is_over_for_the_establishment_and_not_before(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path)
    before = ask(tmp_path, ledger)
    with ledger.write() as connection:
        life.draft(connection, by(), plan_record())
        life.propose(connection, by(minutes=1), PLAN)
        life.approve(connection, by(APPROVER, minutes=2), PLAN)
        life.viewed(connection, by(minutes=3), PLAN)

    during = ask(tmp_path, ledger)
    assert during.plans == ()
    assert [one.purpose for one in during.seen][1:] == [one.purpose for one in before.seen]

    with ledger.write() as connection:
        life.record(connection, by(minutes=5), PLAN, [found(0, breach=True)])
    (told,) = ask(tmp_path, ledger).plans
    assert (told.part.en, told.breach, told.inspected_on) == ("place 1 of 6, high on the list", True, date(2027, 2, 1))
    assert {"inspection plan read", "inspection plan approved"} <= {
        one.purpose.en for one in ask(tmp_path, ledger).seen
    }
    assert ask(tmp_path, ledger, number(1)).plans == ()
    assert PLAN[:12] not in cells(ask(tmp_path, ledger, number(1)))


def test_work_crime_leaves_no_byte_for_whoever_may_not_be_told(tmp_path: Path) -> None:
    """The same question in two worlds: one in which there are work-crime scores, plans and look-ups, one without."""
    worlds = tmp_path / "without", tmp_path / "with"
    publish_both(*worlds)
    answers = []
    for home in worlds:
        with closing(open_ledger(url_of(home))) as ledger:
            looked(ledger, "ola", 1, SEEN)
            if home.name == "with":
                looked(ledger, "eva", 2, SEEN, "work_crime")
                with ledger.write() as connection:
                    record_plan(connection, AuditEvent(EventKind.DRAFTED, "eva", NOW, PLAN), plan_record("work_crime"))
                ask(home, ledger, SEEN, closed_too=True)
            answers.append([cells(ask(home, ledger, one)) for one in (SEEN, ONLY_WORK_CRIME, number(7))])
    assert answers[0] == answers[1]
    assert "personopplysningsloven § 16 første ledd bokstav b" in answers[0][0]


def test_whoever_may_be_told_of_work_crime_is_and_the_record_is_closed_too(tmp_path: Path, ledger: Ledger) -> None:
    publish_both(tmp_path / "without", tmp_path)
    answer = ask(tmp_path, ledger, ONLY_WORK_CRIME, closed_too=True)

    assert [one.target for one in answer.scores] == ["work_crime"]
    assert "work_crime" not in [one.id for one in answer.exemptions]
    with ledger.read() as connection:
        assert trail_of(connection, Asked(hidden=["work_crime"])).events == ()


def test_every_answer_is_in_the_audit_by_its_hash(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path)
    answer = ask(tmp_path, ledger)
    with ledger.read() as connection:
        (event,) = trail_of(connection, Asked(establishment=SLOT)).events
    assert (event.kind, event.actor) == (EventKind.ACCESS_REQUEST_ANSWERED, "kari")
    assert event.payload["rows"]["scores"] == len(answer.scores) > 0
    assert len(event.payload["sha256"]) == 64


def test_a_number_nobody_knows_is_answered_and_recorded_too(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path)
    answer = ask(tmp_path, ledger, number(99_999))
    assert (answer.kind, answer.scores, answer.holdings) == ("unknown", (), ())
    assert "Vi har ingen registeropplysninger" in as_text(answer, "nb")
    assert [one.purpose.en for one in ask(tmp_path, ledger, number(99_999)).seen] == ["access request answered"]


def test_an_answer_before_the_first_run(tmp_path: Path, ledger: Ledger) -> None:
    assert ask(tmp_path, ledger).scores == ()


def country(home: Path) -> str:
    """A small country, and one establishment of it about which there is something to withhold."""
    tables = small_country(3)
    unit: str = sorted(tables["establishments"].column("establishment").to_pylist())[0]
    day = date(2026, 1, 5)
    store_of(tables, home)
    visit = {"inspection": "T9", "establishment": unit, "occurred_on": day, "known_on": day}
    case = {"establishment": unit, "occurred_on": day, "known_on": day}
    control = {"establishment": unit, "authority": number(5), "known_on": day}
    from targeting.snapshots import Store

    with Store(home).begin("test", "more", "9" * 64, day) as load:
        planned = visit | {"inspection": "T10", "status": "planlegging", "topic": "KOMMENDE"}
        load.add(Inspections, conforming(Inspections, [visit | {"origin": "tip", "inspector": "QX7"}, planned]))
        kinds = [case | {"incident": f"S{kind}", "kind": kind} for kind in ("tip", "concern", "accident")]
        load.add(Incidents, conforming(Incidents, kinds))
        load.add(Coordination, conforming(Coordination, [control | {"reference": "HEMMELIG", "status": "open"}]))
    return unit


def test_the_complete_answer_holds_every_row_and_nothing_that_is_withheld(tmp_path: Path, ledger: Ledger) -> None:
    unit = country(tmp_path)
    answer = access_request(tmp_path, ledger, Question(OrganisationNumber(unit), NOW.date()), "kari", NOW)

    assert (answer.kind, answer.complete) == ("establishment", True)
    told = json.loads(rendered(answer, "json", "nb"))
    rows = {(one["number"], one["table"]): one["values"] for one in told["holdings"]}
    assert {"Saccident"} == {row["incident"] for row in rows[unit, "incidents"]} & {"Saccident", "Stip", "Sconcern"}
    assert "T9" in {row["inspection"] for row in rows[unit, "inspections"]}
    text = cells(answer)
    assert not [secret for secret in ("Stip", "Sconcern", "KOMMENDE", "HEMMELIG", "QX7") if secret in text]
    assert "origin" not in rows[unit, "inspections"][0]
    assert any(table == "enterprises" for _, table in rows)
    assert all(len(one["values"]) == one["rows"] for one in told["holdings"])


def test_the_index_of_a_run_counts_the_rows_that_may_be_told(tmp_path: Path) -> None:
    from targeting.domain import AsOf
    from targeting.snapshots import AsOfView, Store
    from targeting.snapshots.holdings import held_rows, write_holdings

    unit = country(tmp_path)
    with AsOfView.open(Store(tmp_path), None, [AsOf(NOW.date())]) as view:
        write_holdings(view, Store(tmp_path), tmp_path / "holdings.parquet")
        write_holdings(view, Store(tmp_path), tmp_path / "by_ranges.parquet", at_once=5)
    assert (tmp_path / "by_ranges.parquet").read_bytes() == (tmp_path / "holdings.parquet").read_bytes()
    index = pq.read_table(tmp_path / "holdings.parquet", filters=[("number", "=", unit)]).to_pylist()
    counted = {row["table_name"]: row for row in index}
    incidents = held_rows(Store(tmp_path), Incidents, unit)
    accidents = [row for row in incidents if row["kind"] == "accident"]
    assert counted["incidents"]["rows"] == len(accidents) < len(incidents)
    assert counted["establishments"]["rows"] == len(held_rows(Store(tmp_path), Establishments, unit))
    assert counted["establishments"]["first_known_on"] < NOW.date()


def test_a_correction_and_the_run_that_has_it_are_told(tmp_path: Path, ledger: Ledger) -> None:
    unit = country(tmp_path)
    wanted = Correction(unit, "name", "RETT NAVN AS", "letter of 2 May")
    correct(tmp_path, ledger, wanted, "ida", datetime(2026, 5, 4, tzinfo=UTC))
    publish(tmp_path, as_of=date(2027, 1, 1))
    rescored(tmp_path, ledger, "score", NOW)

    answer = access_request(tmp_path, ledger, Question(OrganisationNumber(unit), NOW.date()), "kari", NOW)
    (told,) = answer.corrections
    assert (told.field, told.value, told.rescored_in) == ("name", "RETT NAVN AS", ("a" * 16,))
    assert "letter of 2 May" in as_text(answer, "nb")
    assert "ida" not in as_text(answer, "nb").split()


@pytest.mark.parametrize(("format", "language"), [("xml", "nb"), ("text", "sv")])
def test_another_format_or_language_is_refused(tmp_path: Path, ledger: Ledger, format: str, language: str) -> None:  # noqa: A002
    with pytest.raises(BadInputError):
        rendered(ask(tmp_path, ledger), format, language)


def test_every_section_is_said_in_both_languages_with_tables_of_one_width(tmp_path: Path, ledger: Ledger) -> None:
    publish(tmp_path)
    looked(ledger, "ola", 1)
    answer = ask(tmp_path, ledger)
    nb, en = sections(answer, "nb"), sections(answer, "en")
    assert len(nb) == len(en)
    assert all(one.title != other.title for one, other in zip(nb, en, strict=True))
    for one in (*nb, *en):
        assert all(len(row) == len(one.header) for row in one.rows)


def test_every_table_has_a_register_and_every_rule_names_what_there_is() -> None:
    columns = {f"{table.about.name}.{name}" for table in ALL_TABLES for name in table.columns()}
    columns |= {f"published.{name}" for name in ESTABLISHMENTS.names}
    assert {one.table for one in registers()} == {table.about.name for table in ALL_TABLES}
    features = {feature.name for family in load_families() for feature in family.features}
    for rule in withheld(NOW.date()):
        assert set(rule.features) <= features
        assert set(rule.columns) <= columns
        assert {f"{one.table}.{one.column}" for one in rule.rows} <= columns


def test_every_kind_of_event_is_told_or_left_out_on_purpose() -> None:
    """A new kind of event has to be thought of: it is somebody's look, or it is named here."""
    not_a_look = {
        EventKind.BEGUN, EventKind.CLOSED, EventKind.WITHDRAWN, EventKind.SLOT_ADDED, EventKind.SLOT_REMOVED,
        EventKind.SLOT_SWAPPED, EventKind.OUTCOMES_RECORDED, EventKind.TRIAL_FROZEN, EventKind.TRIAL_TOLD,
        EventKind.LISTED, EventKind.AUDIT_READ, EventKind.SIGNED_IN, EventKind.SIGNED_OUT, EventKind.SIGN_IN_REFUSED,
        EventKind.ACCESS_REFUSED, EventKind.RESCORED, EventKind.SCORES_DELETED, EventKind.NUMBER_PURGED,
        EventKind.SESSIONS_ENDED,
    }  # fmt: skip
    assert set(_PURPOSES) | not_a_look == set(EventKind)


def test_every_published_field_is_told_withheld_or_told_elsewhere() -> None:
    """A new published column is not told until somebody has thought of it: here, in facts.toml or in access.toml."""
    elsewhere = {"establishment", "enterprise", "industry", "employees_low"}
    hidden = {column.removeprefix("published.") for one in withheld(NOW.date()) for column in one.columns}
    assert set(ESTABLISHMENTS.names) == set(_FACTS) | elsewhere | (hidden & set(ESTABLISHMENTS.names))
    assert not set(_FACTS) & hidden


def test_no_line_of_the_text_is_wider_than_a_screen(tmp_path: Path, ledger: Ledger) -> None:
    unit = country(tmp_path)
    answer = access_request(tmp_path, ledger, Question(OrganisationNumber(unit), NOW.date()), "kari", NOW)
    for language in ("nb", "en"):
        assert max(map(len, as_text(answer, language).splitlines())) <= 120


def test_a_reason_about_neighbours_is_told_without_their_figures_and_one_about_notices_not_at_all() -> None:
    from targeting.feedback.access.answer import Words
    from targeting.feedback.access.scored import _reasons

    hidden = {name: Words(one.instead_nb, one.instead_en) for one in withheld(NOW.date()) for name in one.features}
    row = {"text_nb": "73 %", "text_en": "73%", "contribution": 0.5}
    told = [one.text.nb for name in ("address_breach_rate", "notices_1y", "solidity")
            for one in _reasons([row | {"feature": name}], hidden)]  # fmt: skip
    assert told == ["Forhold ved andre virksomheter på samme adresse", "73 %"]
