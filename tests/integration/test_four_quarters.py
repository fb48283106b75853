"""The loop closes: what a plan's inspections found is in the store, dated, and the next quarter is built on it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.ingest import ingest
from pipelines.plan import plan_from_published
from pipelines.plan_acts import ledger_at
from pipelines.progress import Progress
from pipelines.simulation import CarriedOut, Learned, Nature, carry_out, learn
from pipelines.synthetic import synthetic
from targeting.domain import Arm, AsOf, BadInputError, Target
from targeting.labels import label_rows
from targeting.ledger import OutcomeResult, verify
from targeting.planning import Exploration, default_problem
from targeting.published import open_run
from targeting.snapshots import Store
from targeting.tables import Inspections

pytestmark = pytest.mark.night

QUIET = Progress("test", visible=False)
FIRST, SECOND = AsOf(date(2026, 1, 1)), AsOf(date(2026, 4, 1))
INSPECTED_ON, KNOWN_ON = FIRST.day + timedelta(days=30), FIRST.day + timedelta(days=80)
CAPACITY, SHARE = 20, 0.25
UNITS = ("enheter_", "underenheter_", "oppdateringer_")
INSPECTIONS = tuple(f"{kind}_{year}" for kind in ("tilsyn", "kontrollpunkt") for year in range(2021, 2027))
PROBLEM = replace(default_problem(), capacity=CAPACITY, exploration=Exploration(share=SHARE, bins=5))


class Story(NamedTuple):
    home: Path
    nature: Nature
    gone: str
    learned: tuple[Learned, Learned]
    done: tuple[CarriedOut, CarriedOut]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Two quarters; the establishment that the first list would call best has closed when somebody comes."""
    folder = tmp_path_factory.mktemp("country")
    home, registers, truth = folder / "home", folder / "registers", folder / "truth.parquet"
    synthetic(5_000, 3, registers, truth, QUIET)
    files = [one for one in sorted(registers.iterdir()) if one.name.startswith((*UNITS, *INSPECTIONS))]
    assert not ingest(files, home, date(2026, 12, 31), True, QUIET).refused
    first = learn(home, FIRST, QUIET)
    gone = best_of(home)
    nature = Nature(without(truth, gone), 1)
    done = carry_out(home, FIRST, replace(PROBLEM, seed=1), nature, QUIET)
    second = learn(home, SECOND, QUIET)
    again = carry_out(home, SECOND, replace(PROBLEM, seed=2), nature, QUIET)
    return Story(home, nature, gone, (first, second), (done, again))


def best_of(home: Path) -> str:
    """Whom a greedy plan puts first."""
    return (
        plan_from_published(home, replace(PROBLEM, exploration=Exploration(share=0.0), seed=1)).slots[0].establishment
    )


def without(truth: Path, establishment: str) -> Path:
    """The truth in which `establishment` employs nobody in the first quarter."""
    rows = pq.read_table(truth)
    there = pc.or_(pc.not_equal(rows["establishment"], establishment), pc.greater(rows["quarter_start"], FIRST.day))
    path = truth.with_name("truth_without_one.parquet")
    pq.write_table(rows.filter(there), path)
    return path


def inspected(done: CarriedOut) -> dict[str, bool]:
    return {one.establishment: bool(one.breach) for one in done.live.outcomes if one.breach is not None}


def test_outcomes_are_a_dated_source_of_the_store(story: Story) -> None:
    found = inspected(story.done[0])
    rows = label_rows(Store(story.home), Target.BHT_USE, SECOND).to_pylist()
    ours = {row["establishment"]: row for row in rows if row["inspection"].startswith("plan-")}
    assert {name: bool(row["label"]) for name, row in ours.items()} == found
    assert {(row["occurred_on"], row["known_on"]) for row in ours.values()} == {(INSPECTED_ON, KNOWN_ON)}
    loads = [load.file for load in Store(story.home).manifest().loads if "_plan_" in load.file]
    assert {name.split("_")[0] for name in loads} == {"tilsyn", "kontrollpunkt", "reaksjon", "ikke"}


def test_an_outcome_is_not_known_on_the_day_it_is_recorded_but_on_the_next(story: Story) -> None:
    def ours(until: date) -> int:
        rows = label_rows(Store(story.home), Target.BHT_USE, AsOf(until))["inspection"].to_pylist()
        return sum(name.startswith("plan-") for name in rows)

    assert ours(KNOWN_ON) == 0
    assert ours(KNOWN_ON + timedelta(days=1)) == CAPACITY


def test_the_next_training_learns_from_every_inspection_of_the_plan(story: Story) -> None:
    first, second = story.learned
    assert second.labels >= first.labels + CAPACITY
    assert second.version != first.version


def test_the_list_that_was_approved_is_the_list_that_was_carried_out(story: Story) -> None:
    # Nobody fell out of the second plan, so its content is still what the approval froze; the first had a swap.
    first, second = story.done
    assert second.live.hash == second.approved
    assert first.live.hash != first.approved
    for done in story.done:
        assert done.live.frozen is not None and done.live.frozen.payload["hash"] == done.approved
        assert done.live.frozen.actor != done.live.record.author
    with closing(ledger_at(story.home)) as ledger:
        assert verify(ledger) == ()


def test_who_has_closed_down_calls_a_standby(story: Story) -> None:
    live = story.done[0].live
    missed = [one for one in live.outcomes if one.result is OutcomeResult.NOT_INSPECTED]
    assert [(one.establishment, one.reason) for one in missed] == [(story.gone, "closed_down")]
    assert [one.establishment for one in live.changes] == [story.gone]
    assert live.changes[0].taken in inspected(story.done[0])
    assert len(inspected(story.done[0])) == CAPACITY


def test_nobody_is_inspected_twice_inside_the_cool_down(story: Story) -> None:
    first, second = (set(inspected(done)) for done in story.done)
    assert not first & second
    frames = [pq.read_table(story.home / "plans" / d.live.record.id[:12] / "frame.parquet") for d in story.done]
    eligible = [set(frame["establishment"].to_pylist()) for frame in frames]
    assert first <= eligible[0] and not first & eligible[1]


def test_the_next_run_shows_when_its_establishments_were_inspected(story: Story) -> None:
    known = open_run(story.home, story.done[1].live.record.run).establishments
    wanted = pa.array(sorted(inspected(story.done[0])))
    rows = known.filter(pc.is_in(known["establishment"], value_set=wanted))
    assert rows.num_rows > 0
    assert set(rows["last_bht_inspected_on"].to_pylist()) == {INSPECTED_ON}


def test_draws_are_counted_and_kept_as_drawn_at_random(story: Story) -> None:
    for done in story.done:
        slots = [one.slot for one in done.live.record.slots]
        drawn = [one for one in slots if one.arm is Arm.EXPLORATION]
        assert len(drawn) == SHARE * CAPACITY and len(slots) == CAPACITY
        assert all(0 < one.inclusion_probability < 1 for one in drawn)
    drawn_names = {
        one.slot.establishment
        for done in story.done
        for one in done.live.record.slots
        if one.slot.arm is Arm.EXPLORATION and one.slot.establishment != story.gone
    }
    assert drawn_at_random(story.home) == drawn_names


def drawn_at_random(home: Path) -> set[str]:
    columns = ["inspection", "establishment", "random_selection"]
    rows = pa.concat_tables([pq.read_table(path, columns=columns) for path in Store(home).paths(Inspections)])
    return {
        row["establishment"]
        for row in rows.to_pylist()
        if row["random_selection"] and row["inspection"].startswith("plan-")
    }


def test_two_policies_find_the_same_in_the_same_place_and_quarter(story: Story) -> None:
    names = [f"{number:09d}" for number in range(2_000)]
    lots = [story.nature.lot(name, FIRST) for name in names]
    assert lots == [Nature(story.nature.truth, 1).lot(name, FIRST) for name in names]
    assert all(0 <= lot < 1 for lot in lots)
    assert abs(sum(lots) / len(lots) - 0.5) < 4 * (1 / 12 / len(lots)) ** 0.5
    assert lots != [story.nature.lot(name, SECOND) for name in names]
    chances = story.nature.probabilities(FIRST)
    assert inspected(story.done[0]) == {
        name: story.nature.lot(name, FIRST) < chances[name] for name in inspected(story.done[0])
    }


def test_a_quarter_without_a_truth_is_refused(story: Story) -> None:
    with pytest.raises(BadInputError, match="a truth for the quarter from 2031-01-01"):
        story.nature.probabilities(AsOf(date(2031, 1, 1)))
