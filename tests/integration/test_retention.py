"""What may no longer be kept goes, once, recorded; what was selected, what serves and the audit stay."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import pipelines.retention
from pipelines.retention import RetentionReport, render, retain
from targeting.domain import Arm, Slot, Target
from targeting.feedback.plan_result import frame_from_table, plan_result
from targeting.ledger import (
    Answer,
    Asked,
    EventKind,
    Ledger,
    Outcome,
    OutcomeResult,
    PlanRecord,
    ProposedSlot,
    Standby,
    WriteRequest,
    files_of,
    open_ledger,
    plan_of,
    remember,
    trail_of,
    url_of,
    verify,
)
from targeting.planning import life
from targeting.published import PublishedRun, open_current, open_run, recover_runs, reduce_run
from tests.lib.plan_story import by
from tests.lib.published_run import publish

OLD = "a" * 16
PLAN = "c0ffee" + "0" * 58
IN_QUARTER = datetime(2027, 3, 31, 12, tzinfo=UTC)
AFTER_QUARTER = datetime(2027, 4, 1, 12, tzinfo=UTC)
AFTER_YEAR = datetime(2028, 1, 1, 12, tzinfo=UTC)
TARGET = Target.BHT_USE


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Two runs of 2027, the second in service, and a plan of three from the first; its standbys were never called."""
    publish(tmp_path, seed=1, digit="a", as_of=date(2027, 1, 1))
    publish(tmp_path, seed=2, digit="b", as_of=date(2027, 4, 1))
    opened = open_ledger(url_of(tmp_path))
    frame = drawing_frame(open_run(tmp_path, OLD))
    path = tmp_path / "plans" / PLAN[:12] / "frame.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(frame, path)
    with opened.write() as connection:
        life.draft(connection, by(), plan_of_run(frame), {"frame.parquet": sha256_of(path)})
    return opened


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def drawing_frame(run: PublishedRun) -> pa.Table:
    scores = run.scores(TARGET)
    count = scores.num_rows
    return pa.table(
        {
            "establishment": scores.column("establishment"),
            "score": scores.column("score"),
            "probability": pa.array([5 / count] * count),
            "score_bin": pa.array([0] * count, pa.int64()),
            "certain": pa.array([False] * count),
            "areas": pa.array([["construction_injuries"]] * count),
        }
    )


def plan_of_run(frame: pa.Table) -> PlanRecord:
    rows = frame.to_pylist()
    slots = tuple(
        ProposedSlot(Slot(row["establishment"], arm, row["probability"], row["score"], ()), (("county", "03"),))
        for row, arm in zip(rows, [Arm.RANKED, *[Arm.EXPLORATION] * 5], strict=False)
    )
    standbys = tuple(Standby("county", "03", place, rows[20 + place]["establishment"], 0.4) for place in (1, 2))
    return PlanRecord(PLAN, OLD, str(TARGET), {"capacity": 6}, slots, standbys)


def listed(run: PublishedRun, target: Target = TARGET) -> set[str]:
    return set(run.scores(target).column("establishment").to_pylist())


def slots_of(ledger: Ledger) -> set[str]:
    with ledger.read() as connection:
        return {one.slot.establishment for one in plan_of(connection, PLAN).slots}


def deleted(ledger: Ledger) -> list[tuple[str, str | None]]:
    with ledger.read() as connection:
        found = trail_of(connection, Asked(kinds=[EventKind.SCORES_DELETED])).events
    return [(str(one.payload["where"]), one.target) for one in reversed(found)]


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*.parquet"))}


def test_nothing_goes_in_the_quarter_itself(ledger: Ledger, tmp_path: Path) -> None:
    before = files(tmp_path)

    assert render(retain(tmp_path, ledger, IN_QUARTER, apply=True)) == "nothing has to go"
    assert files(tmp_path) == before


def test_a_dry_run_says_what_would_go_and_leaves_it(ledger: Ledger, tmp_path: Path) -> None:
    before = files(tmp_path)
    report = retain(tmp_path, ledger, AFTER_YEAR)

    assert not report.applied
    assert "would be deleted" in render(report)
    assert files(tmp_path) == before
    assert deleted(ledger) == []
    applied = retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    assert applied.deletions == report.deletions


def test_sole_proprietors_go_with_the_quarter_unless_selected(ledger: Ledger, tmp_path: Path) -> None:
    whole = open_run(tmp_path, OLD)
    sole = set(whole.establishments.filter(whole.establishments.column("sole_proprietor")).column(0).to_pylist())
    selected = slots_of(ledger)
    kept = listed(whole) - (sole - selected)
    others = listed(whole, Target.WORKING_ENVIRONMENT) - sole
    retain(tmp_path, ledger, AFTER_QUARTER, apply=True)
    left = open_run(tmp_path, OLD)

    assert sole & listed(whole) > sole & selected
    assert listed(left) == kept
    assert listed(left, Target.WORKING_ENVIRONMENT) == others, "selected for one purpose is not kept for another"
    assert listed(open_current(tmp_path)) & sole, "the run in service is whole"


def test_after_the_year_only_the_selected_are_left_and_everybody_as_a_number(ledger: Ledger, tmp_path: Path) -> None:
    whole = open_run(tmp_path, OLD)
    selected, before = slots_of(ledger), whole.scores(TARGET)
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    left = open_run(tmp_path, OLD)

    assert listed(left) == selected
    assert set(left.establishments.column("establishment").to_pylist()) == selected
    wanted = pa.array(sorted(selected))
    assert left.scores(TARGET).equals(before.filter(pc.is_in(before.column("establishment"), value_set=wanted)))
    assert left.scores(Target.UNLAWFUL_HIRING).num_rows == 0
    assert left.sectors.equals(whole.sectors)
    assert (left.reduced, open_current(tmp_path).reduced) == (True, False)
    everybody = left.aggregates(TARGET).to_pylist()
    assert [row for row in everybody if row["per"] == "all"] == [
        {
            "per": "all",
            "value": "all",
            "establishments": before.num_rows,
            "mean_score": pytest.approx(sum(before.column("score").to_pylist()) / before.num_rows),
        }
    ]
    assert {row["per"] for row in everybody} == {"all", "area", "county", "score", "section"}
    assert min(row["establishments"] for row in everybody) >= 5
    assert deleted(ledger) == [(f"run {OLD}", None), (f"plan {PLAN[:12]}", None)]
    assert verify(ledger) == ()


def test_what_went_with_the_quarter_is_still_in_the_numbers_after_the_year(ledger: Ledger, tmp_path: Path) -> None:
    before = open_run(tmp_path, OLD).scores(TARGET).num_rows
    for moment in (AFTER_QUARTER, AFTER_YEAR):
        retain(tmp_path, ledger, moment, apply=True)
    left = open_run(tmp_path, OLD)

    assert listed(left) == slots_of(ledger)
    assert left.aggregates(TARGET).to_pylist()[0]["establishments"] == before


def test_doing_it_again_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    before, told = files(tmp_path), deleted(ledger)

    assert retain(tmp_path, ledger, AFTER_YEAR, apply=True) == RetentionReport(True, (), 0)
    assert (files(tmp_path), deleted(ledger)) == (before, told)


def test_a_plan_tells_the_same_after_its_frame_lost_its_names(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "plans" / PLAN[:12] / "frame.parquet"
    outcomes = [
        Outcome(one, OutcomeResult.INSPECTED, place % 2 == 0, None, date(2027, 2, 1), date(2027, 3, 1))
        for place, one in enumerate(sorted(slots_of(ledger)))
    ]
    with ledger.read() as connection:
        record = plan_of(connection, PLAN)
    before = plan_result(record, (), outcomes, frame_from_table(pq.read_table(path)))
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    frame = pq.read_table(path)

    assert set(frame.column("establishment").to_pylist()) == {None, *slots_of(ledger)}
    assert str(plan_result(record, (), outcomes, frame_from_table(frame))) == str(before)
    with ledger.read() as connection:
        assert files_of(connection, PLAN) == {"frame.parquet": sha256_of(path)}
        assert life.live_plan(connection, PLAN).version == 1, "a plan's life is not what happens to its file"


def test_closed_targets_are_deleted_where_only_those_who_see_them_read(tmp_path: Path) -> None:
    """A person without the role must not learn from the audit that there were such scores."""
    publish(tmp_path, digit="a", as_of=date(2027, 1, 1), targets=tuple(Target))
    publish(tmp_path, digit="b", as_of=date(2027, 4, 1), targets=tuple(Target))
    ledger = open_ledger(url_of(tmp_path))
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)

    assert deleted(ledger) == [(f"run {'a' * 15}0", None), (f"run {OLD}", "work_crime")]
    with ledger.read() as connection:
        shown = trail_of(connection, Asked(hidden=["work_crime"])).events
    assert not any("work_crime" in str(one.payload) or OLD in str(one.payload) for one in shown)


def test_a_draft_that_was_never_kept_goes_after_the_year_it_was_for(ledger: Ledger, tmp_path: Path) -> None:
    """Its transaction never ended. A folder with more in it is of a plan that was kept, whatever this ledger says."""
    frame = tmp_path / "plans" / PLAN[:12] / "frame.parquet"
    for name in ("0" * 12, "1" * 12, "2" * 12):
        folder = tmp_path / "plans" / name
        folder.mkdir()
        (folder / "frame.parquet").write_bytes(frame.read_bytes())
    (tmp_path / "plans" / ("1" * 12) / "outcomes").mkdir()
    for name, day in (("0" * 12, date(2026, 12, 1)), ("1" * 12, date(2026, 12, 1)), ("2" * 12, date(2027, 12, 31))):
        at = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        os.utime(tmp_path / "plans" / name, (at, at))
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    assert sorted(path.name for path in (tmp_path / "plans").iterdir()) == ["1" * 12, "2" * 12, PLAN[:12]]
    assert (f"plans/{'0' * 12}", None) in deleted(ledger)


def test_working_files_of_the_plan_command_go_after_the_year_they_were_for(ledger: Ledger, tmp_path: Path) -> None:
    """One of December 2026 was for 2027; one of December 2027 is for 2028."""
    folder = tmp_path / "plans"
    for name, day in (("old", datetime(2026, 12, 20, tzinfo=UTC)), ("new", datetime(2027, 12, 20, tzinfo=UTC))):
        for path in (folder / f"{name}.json", folder / f"{name}.probabilities.parquet"):
            pq.write_table(pa.table({"establishment": ["x"]}), path)
            os.utime(path, (day.timestamp(), day.timestamp()))
    retain(tmp_path, ledger, datetime(2027, 12, 31, tzinfo=UTC), apply=True)
    assert (folder / "old.json").exists()
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)

    assert sorted(path.name for path in folder.glob("*.*")) == ["new.json", "new.probabilities.parquet"]


def test_what_a_shadow_scored_goes_after_the_year(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "shadow" / OLD
    folder.mkdir(parents=True)
    table = folder / "bht_use_v0123456789ab.parquet"
    pq.write_table(pa.table({"establishment": ["312345678"]}), table)
    table.with_suffix(".json").write_text("{}")
    retain(tmp_path, ledger, IN_QUARTER, apply=True)
    assert table.exists()
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    assert not table.exists()
    assert table.with_suffix(".json").exists()
    assert (f"shadow/{OLD}/{table.name}", None) in deleted(ledger)


def test_answers_to_repeated_requests_go_after_thirty_days(ledger: Ledger, tmp_path: Path) -> None:
    request = WriteRequest.of("key", "ada", "POST /v1/plans", b"")
    with ledger.write() as connection:
        remember(connection, request, Answer(200, b""), datetime(2027, 3, 1, 12, tzinfo=UTC))

    assert retain(tmp_path, ledger, datetime(2027, 3, 31, 12, tzinfo=UTC), apply=True).answers == 0
    assert retain(tmp_path, ledger, datetime(2027, 3, 31, 13, tzinfo=UTC), apply=True).answers == 1


def test_interrupted_anywhere_the_next_time_finishes_it(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the record and before the deletion; then between the two renames."""

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(pipelines.retention, "settle_run", power_cut)
        with pytest.raises(KeyboardInterrupt):
            retain(tmp_path, ledger, AFTER_YEAR, apply=True)
    assert deleted(ledger) == [(f"run {OLD}", None)]
    assert len(listed(open_run(tmp_path, OLD))) > len(slots_of(ledger)), "recorded, not yet gone"
    retain(tmp_path, ledger, AFTER_YEAR, apply=True)

    assert listed(open_run(tmp_path, OLD)) == slots_of(ledger)
    assert deleted(ledger) == [(f"run {OLD}", None), (f"plan {PLAN[:12]}", None)]


def test_a_crash_between_the_renames_is_mended(ledger: Ledger, tmp_path: Path) -> None:
    run = open_run(tmp_path, OLD)
    kept = {target: frozenset(listed(run, target)) for target in run.about.targets}
    made = {target: pipelines.retention.aggregates_of(run, target, 5) for target in kept}
    reduced = reduce_run(run, kept, made)
    reduced.final.rename(tmp_path / "published" / f".expired-{OLD}")
    recover_runs(tmp_path)

    assert open_run(tmp_path, OLD).reduced
    assert [path.name for path in (tmp_path / "published").glob(".[er]*")] == []
