"""A number that somebody decided to purge is nowhere any more, but where people acted on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import pipelines.purge_places
from pipelines.__main__ import app as commands
from pipelines.purge import Decision, PurgeReport, purge, render
from targeting.domain import BadInputError, OrganisationNumber, RefusedError, Target
from targeting.ledger import Asked, EventKind, Ledger, open_ledger, trail_of, url_of, verify
from targeting.planning.drafts import keep_draft, kept_frame
from targeting.published import PublishedRun, open_current, open_run, run_ids
from targeting.snapshots import Store
from targeting.tables import Establishments, Inspections
from tests.lib.plan_story import by, plan_record
from tests.lib.published_run import publish
from tests.lib.signed_in import signed_in
from tests.lib.small_country import conforming, number

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)
LISTED, UNIT, OWNER = number(1), number(60), number(100_060)
PLAN = plan_record()


def load(home: Path, name: str, known_on: date) -> None:
    """One register file: a unit and its inspection."""
    unit = {"establishment": UNIT, "enterprise": OWNER, "known_on": known_on, "version": 0, "status": "living"}
    visit = {"inspection": f"i-{name}", "establishment": UNIT, "occurred_on": known_on, "known_on": known_on}
    with Store(home).begin("test", name, name.ljust(64, "0"), known_on) as begun:
        begun.add(Establishments, conforming(Establishments, [unit]))
        begun.add(Inspections, conforming(Inspections, [visit]))


def frame() -> pa.Table:
    """Drawn from a hundred, of whom the plan lists six."""
    names = [number(index) for index in range(100)]
    return pa.table({"establishment": names, "score": [0.5] * 100, "probability": [0.1] * 100})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path, seed=1, digit="a", targets=tuple(Target))
    publish(tmp_path, seed=2, digit="b", as_of=date(2027, 2, 1))
    load(tmp_path, "first", date(2026, 5, 1))
    (tmp_path / "quarantine").mkdir()
    refused = [
        {"line": 3, "got": f"{UNIT[:3]} {UNIT[3:6]} {UNIT[6:]}"},
        {"line": 4, "got": f"1{UNIT}"},
        {"line": 5, "got": UNIT},
    ]
    (tmp_path / "quarantine" / "c0ffee.jsonl").write_text("".join(json.dumps(one) + "\n" for one in refused))
    shadow = tmp_path / "shadow" / ("a" * 16)
    shadow.mkdir(parents=True)
    pq.write_table(pa.table({"establishment": [UNIT, LISTED], "score": [0.1, 0.2]}), shadow / "work_crime_v2.parquet")
    pq.write_table(pa.table({"establishment": [UNIT], "probability": [0.1]}), tmp_path / "plans.probabilities.parquet")
    return tmp_path


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with closing(open_ledger(url_of(home))) as opened:
        with opened.write() as connection:
            keep_draft(connection, by(), home, PLAN, frame())
        (home / "plans.probabilities.parquet").rename(home / "plans" / "c0ffee.probabilities.parquet")
        (home / "plans" / "c0ffee.json").write_text(f'["{UNIT}"]')
        never_kept = home / "plans" / ("f" * 12)
        never_kept.mkdir()
        pq.write_table(frame(), never_kept / "frame.parquet")
        yield opened


def purged(home: Path, ledger: Ledger, unit: str = UNIT, *, apply: bool = True, at: datetime = NOW) -> PurgeReport:
    return purge(home, ledger, Decision(OrganisationNumber(unit), "decision of 2 May", "kari", at), apply=apply)


def naming(home: Path, unit: str) -> set[str]:
    """Every file of the home, but the ledger, that holds the number."""
    found = set()
    for path in (one for one in home.rglob("*") if one.is_file() and not one.name.startswith("ledger.db")):
        told = str(pq.read_table(path, partitioning=None).to_pylist()).encode() if path.suffix == ".parquet" else b""
        if unit.encode() in (told + path.read_bytes()).replace(f"1{unit}".encode(), b""):
            found.add(str(path.relative_to(home)))
    return found


def told(ledger: Ledger) -> list[tuple[str, str | None]]:
    with ledger.read() as connection:
        events = trail_of(connection, Asked(kinds=[EventKind.NUMBER_PURGED])).events
    assert {(one.actor, one.text) for one in events} <= {("kari", "decision of 2 May")}
    assert UNIT not in str(events)
    return [(str(one.payload["where"]), one.target) for one in reversed(events)]


def files(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file() and "ledger.db" not in path.name}


def test_a_dry_run_says_what_would_go_and_touches_nothing(home: Path, ledger: Ledger) -> None:
    before = files(home)
    report = purged(home, ledger, apply=False)
    assert files(home) == before
    assert told(ledger) == []
    assert "dry run" in render(report)
    assert {one.where for one in report.places} >= {"the store", "quarantine/c0ffee.jsonl", f"run {'b' * 16}"}


def test_what_was_purged_is_in_no_file_and_every_place_is_in_the_audit(home: Path, ledger: Ledger) -> None:
    assert len(naming(home, UNIT)) > 10
    report = purged(home, ledger)
    assert naming(home, UNIT) == set()
    assert told(ledger) == [(one.where, one.target) for one in report.places]
    assert {one.where: one.target for one in report.places if one.target} == {
        f"run {'a' * 16}": Target.WORK_CRIME,
        f"shadow/{'a' * 16}/work_crime_v2.parquet": Target.WORK_CRIME,
    }
    assert verify(ledger) == ()
    assert report.stays == ()
    assert [line["line"] for line in quarantined(home)] == [4], "a longer number is another one"
    again = purged(home, ledger, at=NOW + timedelta(days=1))
    assert (again.places, render(again).splitlines()[0]) == (
        (),
        "it was purged before, and nothing holds it but what stays",
    )


def quarantined(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "quarantine" / "c0ffee.jsonl").read_text().splitlines()]


def test_everybody_else_stays_as_they_were(home: Path, ledger: Ledger) -> None:
    before = {one: rows_of(open_run(home, one)) for one in run_ids(home)}
    purged(home, ledger)
    for one in run_ids(home):
        run = open_run(home, one)
        assert rows_of(run) == [row for row in before[one] if UNIT not in row]
        for target in run.about.targets:
            assert run.ranked_list(target) is not None
    with ledger.read() as connection:
        left = kept_frame(connection, home, PLAN.id)
    assert left.column("establishment").to_pylist() == [
        None if name == UNIT else name for name in frame().column("establishment").to_pylist()
    ]
    assert left.drop_columns("establishment") == frame().drop_columns("establishment"), "the draw stays what it was"


def rows_of(run: PublishedRun) -> list[str]:
    tables = [run.establishments, run.sectors, *(run.scores(target) for target in sorted(run.about.targets))]
    return [str(row) for table in tables for row in table.to_pylist()]


def test_an_enterprise_takes_its_establishments_out_of_the_runs(home: Path, ledger: Ledger) -> None:
    purged(home, ledger, OWNER)
    assert naming(home, OWNER) == set()
    assert UNIT not in "".join(rows_of(open_current(home)))
    (row,) = (row for path in Store(home).paths(Establishments) for row in pq.read_table(path).to_pylist())
    assert (row["establishment"], row["enterprise"]) == (UNIT, None)


def test_whoever_is_listed_stays_listed_and_that_is_said(home: Path, ledger: Ledger) -> None:
    report = purged(home, ledger, LISTED)
    assert naming(home, LISTED) == {f"plans/{PLAN.id[:12]}/frame.parquet"}
    assert [line.split(":")[0] for line in report.stays] == [f"plan {PLAN.id[:12]} names it", "the audit"]
    with ledger.read() as connection:
        assert LISTED in kept_frame(connection, home, PLAN.id).column("establishment").to_pylist()


def test_no_older_file_brings_it_back_and_what_a_register_says_later_is_new(home: Path, ledger: Ledger) -> None:
    purged(home, ledger)
    load(home, "older", date(2026, 6, 1))
    assert naming(home, UNIT) == set()
    load(home, "newer", NOW.date() + timedelta(days=1))
    assert naming(home, UNIT)
    again = purged(home, ledger, at=NOW + timedelta(days=2))
    assert [one.where for one in again.places] == ["the store"]
    assert naming(home, UNIT) == set()


@pytest.mark.parametrize("act", ["forget", "settle_run", "keep_file"])
def test_interrupted_anywhere_the_same_command_finishes(
    home: Path, ledger: Ledger, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power goes at the first act of a kind: what was recorded then is recorded once."""

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(pipelines.purge if act == "forget" else pipelines.purge_places, act, cut)
        purged(home, ledger)
    purged(home, ledger)
    assert naming(home, UNIT) == set()
    assert len(told(ledger)) == len(set(told(ledger)))
    assert verify(ledger) == ()


def test_a_reason_is_needed_and_never_names_the_number(home: Path, ledger: Ledger) -> None:
    for reason in ("", "  ", f"letter about {UNIT[:3]} {UNIT[3:]}"):
        with pytest.raises(BadInputError, match="reason"):
            purge(home, ledger, Decision(OrganisationNumber(UNIT), reason, "kari", NOW), apply=True)
    assert naming(home, UNIT)
    with pytest.raises(RefusedError), Store(home).begin("test", "x", "f" * 64, NOW.date()):
        purged(home, ledger)


def test_the_run_in_service_is_served_without_it(home: Path, ledger: Ledger) -> None:
    client = signed_in(home)
    before = client.get("/v1/rankings/bht_use", params={"limit": 500}).json()["rows"]
    assert client.get(f"/v1/establishments/{UNIT}").status_code == 200
    purged(home, ledger)
    after = client.get("/v1/rankings/bht_use", params={"limit": 500}).json()["rows"]
    assert after == [row for row in before if row["establishment"] != UNIT]
    assert client.get(f"/v1/establishments/{UNIT}").status_code == 404


def test_from_the_command_line(home: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGETING_HOME", str(home))
    words = ["purge", UNIT, "--reason", "decision of 2 May", "--by", "kari"]
    assert "would be purged" in CliRunner().invoke(commands, words).output
    assert "purged:" in CliRunner().invoke(commands, [*words, "--apply"]).output
    assert naming(home, UNIT) == set()
    assert CliRunner().invoke(commands, ["purge", "123", "--reason", "x", "--by", "kari"]).exit_code == 2
