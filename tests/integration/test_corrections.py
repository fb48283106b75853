"""A correction is one more dated source: it counts from its day, and a register cannot undo it without a trace."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.correction import correct, render, rescored
from targeting.domain import AsOf, BadInputError, NotFoundError, RefusedError
from targeting.ledger import Asked, EventKind, Ledger, open_ledger, trail_of, url_of, verify
from targeting.snapshots import AsOfView, Store
from targeting.snapshots.correcting import Correction
from targeting.tables import Accounts, Corrections, Establishments, Findings, Inspections, Table
from tests.lib.published_run import publish
from tests.lib.small_country import conforming, number

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TODAY = NOON.date()
UNIT, OTHER, ENTERPRISE = number(1), number(2), number(100)


def entry(unit: str, known_on: date, version: int = 0, **about: Any) -> dict[str, Any]:
    base = {"establishment": unit, "known_on": known_on, "version": version, "status": "living", "employees": 12}
    return base | {"enterprise": ENTERPRISE, "name": f"SYNTETISK {unit}", "employees_registered": True} | about


def load(home: Path, name: str, table: type[Table], rows: list[dict[str, Any]], *, complete: bool = False) -> None:
    received = max(row["known_on"] for row in rows)
    with Store(home).begin("test", name, name.ljust(64, "0"), received, complete=complete) as found:
        found.add(table, conforming(table, rows))


def employees(home: Path, on: date, unit: str = UNIT) -> int | None:
    with AsOfView.open(Store(home), None, [AsOf(on)], tables=[Establishments]) as view:
        sql = "SELECT employees FROM establishments_asof WHERE establishment = $unit"
        found: int | None = view.connection.execute(sql, {"unit": unit}).fetchall()[0][0]
        return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    load(tmp_path, "first", Establishments, [entry(UNIT, date(2026, 1, 1)), entry(OTHER, date(2026, 1, 1))])
    return tmp_path


@pytest.fixture
def ledger(home: Path) -> Any:
    with closing(open_ledger(url_of(home))) as opened:
        yield opened


def make(
    home: Path, ledger: Ledger, field: str = "employees", value: str = "7", at: datetime = NOON, **more: Any
) -> Any:
    wanted = Correction(more.pop("number", UNIT), field, value, more.pop("why", "letter of 2 May"), **more)
    return correct(home, ledger, wanted, "ida", at)


def test_it_counts_from_the_day_after_and_the_past_stays_as_it_was(home: Path, ledger: Ledger) -> None:
    made = make(home, ledger)

    assert [employees(home, day) for day in (TODAY, TODAY + timedelta(days=1))] == [12, 7]
    assert employees(home, date(2027, 1, 1), OTHER) == 12
    assert "'12' is now '7', known from 2026-05-04" in render(made)


def test_it_is_in_the_audit_with_the_ground_and_the_name(home: Path, ledger: Ledger) -> None:
    make(home, ledger)

    with ledger.read() as connection:
        (event,) = trail_of(connection, Asked(establishment=UNIT)).events
    assert (event.kind, event.actor, event.text) == (EventKind.CORRECTION_RECORDED, "ida", "letter of 2 May")
    assert (event.payload["field"], event.payload["disputed"], event.payload["value"]) == ("employees", "12", "7")
    assert verify(ledger) == ()


@pytest.mark.parametrize("complete", [False, True])
def test_a_register_that_says_the_old_value_again_does_not_undo_it_and_leaves_a_trace(
    home: Path, ledger: Ledger, *, complete: bool
) -> None:
    make(home, ledger)
    june = date(2026, 6, 1)
    load(home, "again", Establishments, [entry(UNIT, june), entry(OTHER, june)], complete=complete)

    assert employees(home, date(2027, 1, 1)) == 7
    counts = Store(home).manifest().loads[-1].counts[0]
    assert (counts.accepted, counts.stored, counts.corrected) == (2, 0, 1)


def test_the_registers_other_news_comes_in_beside_the_corrected_value(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    load(home, "news", Establishments, [entry(UNIT, date(2026, 6, 1), name="NYTT NAVN")])

    with AsOfView.open(Store(home), None, [AsOf(date(2027, 1, 1))], tables=[Establishments]) as view:
        sql = f"SELECT name, employees FROM establishments_asof WHERE establishment = '{UNIT}'"
        assert view.connection.sql(sql).fetchall() == [("NYTT NAVN", 7)]


def test_a_register_that_says_a_third_thing_counts_and_so_does_the_old_value_after_it(
    home: Path, ledger: Ledger
) -> None:
    make(home, ledger)
    load(home, "third", Establishments, [entry(UNIT, date(2026, 6, 1), employees=20)])
    assert employees(home, date(2026, 6, 15)) == 20

    load(home, "back", Establishments, [entry(UNIT, date(2026, 7, 1))])
    assert employees(home, date(2026, 7, 15)) == 12


def test_a_third_value_and_the_old_one_in_the_same_file_are_told_apart(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    days = [(date(2026, 6, 1), 12), (date(2026, 6, 2), 20), (date(2026, 6, 3), 12)]
    load(home, "feed", Establishments, [entry(UNIT, day, 9, employees=count) for day, count in days])

    seen = [employees(home, day + timedelta(days=1)) for day, _ in days]
    assert seen == [7, 20, 12]


def test_a_file_of_the_same_day_does_not_undo_it(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    load(home, "bulk", Establishments, [entry(UNIT, TODAY, name="NYTT")])
    load(home, "feed", Establishments, [entry(UNIT, TODAY, 4711, name="NYERE")])

    assert employees(home, date(2027, 1, 1)) == 7


def test_an_older_file_found_later_changes_nothing(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    load(home, "old", Establishments, [entry(UNIT, date(2025, 1, 1), employees=3)])

    assert [employees(home, day) for day in (date(2025, 6, 1), date(2027, 1, 1))] == [3, 7]


def test_a_correction_can_be_corrected_and_taken_back(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    make(home, ledger, value="8", at=NOON + timedelta(hours=1))
    load(home, "again", Establishments, [entry(UNIT, date(2026, 6, 1))])
    assert employees(home, date(2026, 7, 1)) == 8

    make(home, ledger, value="12", at=NOON + timedelta(days=90))
    assert employees(home, date(2027, 1, 1)) == 12
    load(home, "once more", Establishments, [entry(UNIT, date(2027, 2, 1))])
    assert employees(home, date(2027, 3, 1)) == 12


def test_not_known_is_a_value_too(home: Path, ledger: Ledger) -> None:
    make(home, ledger, value="")
    load(home, "again", Establishments, [entry(UNIT, date(2026, 6, 1))])
    assert employees(home, date(2027, 1, 1)) is None


def test_accounts_and_findings_are_chosen_by_what_they_are_of(home: Path, ledger: Ledger) -> None:
    years = [
        {"enterprise": ENTERPRISE, "year": year, "kind": "company", "known_on": TODAY, "equity": 10.0}
        for year in (2024, 2025)
    ]
    load(home, "accounts", Accounts, years)
    visit = {"inspection": "T1", "establishment": UNIT, "occurred_on": TODAY, "known_on": TODAY}
    load(home, "visits", Inspections, [visit])
    load(
        home,
        "answers",
        Findings,
        [{"inspection": "T1", "control_point": "BHT-01", "known_on": TODAY, "answer": "breach"}],
    )

    with pytest.raises(BadInputError, match=r"2: .*year=2024.*--of"):
        make(home, ledger, "accounts.equity", "5.5", number=ENTERPRISE)
    accounts = make(home, ledger, "accounts.equity", "5.5", number=ENTERPRISE, of=(("year", "2025"),))
    finding = make(home, ledger, "findings.answer", "met")

    assert accounts.row.to_pylist()[0]["known_on"] == TODAY + timedelta(days=1)  # after what it corrects
    assert (finding.record["entity"], finding.record["disputed"]) == (
        '{"control_point": "BHT-01", "inspection": "T1"}',
        "breach",
    )
    load(home, "accounts again", Accounts, [row | {"known_on": date(2026, 8, 1)} for row in years])
    assert Store(home).manifest().loads[-1].counts[0].corrected == 1
    assert Store(home).manifest().loads[-1].counts[0].stored == 0


@pytest.mark.parametrize(
    ("field", "value", "error", "says"),
    [
        ("employees", "many", BadInputError, "a number"),
        ("employees", "12", RefusedError, "not held yet"),
        ("enterprise", OTHER, BadInputError, "expected one of"),
        ("shoe_size", "44", BadInputError, "shoe_size"),
        ("started_on", "4.5.2026", BadInputError, "YYYY-MM-DD"),
        ("employees_registered", "kanskje", BadInputError, "yes or no"),
        ("industry_standard", "SN1994", BadInputError, "SN2007"),
        ("accounts.equity", "1", NotFoundError, "a row of accounts"),
        ("weather.rain", "1", NotFoundError, "weather.rain"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    home: Path, ledger: Ledger, field: str, value: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make(home, ledger, field, value)
    assert len(Store(home).manifest().loads) == 1
    with ledger.read() as connection:
        assert trail_of(connection, Asked()).events == ()


def test_a_ground_with_a_persons_number_is_refused_everywhere(home: Path, ledger: Ledger) -> None:
    with pytest.raises(BadInputError, match="national identity"):
        make(home, ledger, why="told by 0101" + "9012345")
    assert not Store(home).paths(Corrections)


def test_a_crash_between_audit_and_store_is_mended_by_the_same_command(
    home: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("targeting.snapshots.store.publish", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make(home, ledger)
    assert employees(home, date(2027, 1, 1)) == 12

    make(home, ledger)
    assert employees(home, date(2027, 1, 1)) == 7
    with ledger.read() as connection:
        assert len(trail_of(connection, Asked(kinds=[EventKind.CORRECTION_RECORDED])).events) == 1


def test_a_purged_unit_takes_its_corrections_with_it(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    with Store(home).begin("test", "purge", "f" * 64, date(2026, 6, 1)) as found:
        found.purge([UNIT])

    content = b"".join(path.read_bytes() for path in Store(home).folder.rglob("*.parquet"))
    assert UNIT.encode() not in content
    assert UNIT not in (Store(home).folder / "manifest.jsonl").read_text()


def test_the_first_run_that_contains_it_is_recorded_once(home: Path, ledger: Ledger) -> None:
    make(home, ledger)
    publish(home, as_of=date(2026, 4, 1), digit="1")
    assert rescored(home, ledger, "score", NOON) == ()

    publish(home, as_of=date(2026, 7, 1), digit="2")
    (found,) = rescored(home, ledger, "score", NOON + timedelta(days=60))
    assert (found.number, found.field, found.run) == (UNIT, "employees", "2" * 16)
    assert rescored(home, ledger, "score", NOON + timedelta(days=61)) == ()
    assert verify(ledger) == ()


def test_rows_of_a_correction_conform_like_any_other(home: Path, ledger: Ledger) -> None:
    made = make(home, ledger)
    assert isinstance(made.row, pa.Table)
    assert made.row.schema == Establishments.schema()
