"""A trial is assigned fairly, frozen before the first visit, powered as it says, and read once."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.feedback.trial import missing_outcomes, trial_result
from targeting.ledger import trial_of, verify
from targeting.planning.problem import AtMostPer, Exclusion, Problem
from targeting.planning.trial import (
    METRIC,
    Trial,
    TrialArm,
    TrialCandidate,
    design_trial,
    freeze,
    frozen_trial,
    power,
    slots_needed,
)
from targeting.planning.trial_candidates import allot, trial_candidates
from tests.lib.plan_story import by, new_ledger
from tests.lib.small_country import number

BLOCKS = {"03": 20, "46": 10}


def candidates(count: int = 400, seed: int = 1) -> list[TrialCandidate]:
    rng = random.Random(seed)
    return [TrialCandidate(number(i), "03" if i % 3 else "46", rng.random(), rng.random()) for i in range(count)]


def trial(seed: int = 7) -> Trial:
    return design_trial("autumn", "bht_use", candidates(), BLOCKS, seed, run="1" * 16, rule="oldest first")


def test_every_block_gives_every_arm_its_number_and_nobody_twice() -> None:
    made = trial()

    assert Counter((one.block, str(one.arm)) for one in made.assignments) == {
        (block, str(arm)): count for block, count in BLOCKS.items() for arm in TrialArm
    }
    assert len({one.establishment for one in made.assignments}) == 3 * (20 + 10)
    assert made.metric == METRIC


def test_same_seed_same_trial_and_the_id_covers_the_assignment() -> None:
    assert trial().id == trial().id
    assert trial().id != trial(8).id
    assert replace(trial(), metric="another").id != trial().id
    assert Trial.from_json(trial().as_json()) == trial()


def test_each_arm_chooses_by_its_own_light() -> None:
    by_name = {one.establishment: one for one in candidates()}
    chosen = {arm: [by_name[o.establishment] for o in trial().assignments if o.arm is arm] for arm in TrialArm}

    assert np.mean([one.model for one in chosen[TrialArm.MODEL]]) > 0.7
    assert np.mean([one.rule for one in chosen[TrialArm.RULE]]) > 0.7
    assert abs(np.mean([one.model for one in chosen[TrialArm.RANDOM]]) - 0.5) < 0.2


def test_a_block_that_is_too_small_is_refused() -> None:
    with pytest.raises(BadInputError, match="block 46"):
        design_trial("autumn", "bht_use", candidates(60), {"46": 10}, 1, run="", rule="")


def test_a_frozen_trial_is_kept_and_not_frozen_again(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    with ledger.write() as connection:
        identifier = freeze(connection, by(), trial())
    with ledger.read() as connection:
        assert Trial.from_json(trial_of(connection, identifier)) == trial()
    with pytest.raises(RefusedError), ledger.write() as connection:
        freeze(connection, by(), trial())
    assert verify(ledger) == ()


def test_a_design_with_another_metric_or_somebody_twice_is_not_frozen(tmp_path: Path) -> None:
    twice = trial().assignments + trial().assignments[:1]
    for broken in (replace(trial(), metric="clicks"), replace(trial(), assignments=twice)):
        with pytest.raises(BadInputError), new_ledger(tmp_path).write() as connection:
            freeze(connection, by(), broken)


def test_a_frozen_trial_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    with ledger.write() as connection:
        identifier = freeze(connection, by(), trial())
    with ledger.read() as connection:
        found = frozen_trial(connection, identifier[:8])
        assert (found.trial, found.event.actor, found.event.target) == (trial(), "ada", "bht_use")
        for wrong in ("", "zz"):
            with pytest.raises(NotFoundError):
                frozen_trial(connection, wrong)


def of_blocks(sizes: dict[str, int]) -> list[TrialCandidate]:
    return [TrialCandidate(f"{block}{i}", block, 0.5, 0.5) for block, size in sizes.items() for i in range(size)]


def test_blocks_give_in_proportion_and_never_more_than_a_third() -> None:
    assert allot(10, of_blocks({"03": 60, "46": 30, "55": 2})) == {"03": 7, "46": 3}
    assert allot(30, of_blocks({"03": 60, "46": 30, "55": 2})) == {"03": 20, "46": 10}
    for wrong in (0, 31):
        with pytest.raises(BadInputError, match="from 1 to 30"):
            allot(wrong, of_blocks({"03": 60, "46": 30, "55": 2}))


def test_only_who_may_be_planned_takes_part_and_one_an_enterprise() -> None:
    rows = pa.table(
        {
            "establishment": ["a", "b", "c", "d"],
            "enterprise": ["1", "1", "2", None],
            "score": [0.9, 0.8, 0.7, 0.6],
            "county": ["03", "03", None, "46"],
            "age": [5, 6, None, 7],
            "open_case": [False, False, False, True],
        }
    )
    problem = Problem(0, at_most_per=(AtMostPer("enterprise", 1),), exclude=(Exclusion("open_case", (True,)),))
    for seed in range(4):
        sibling, other = trial_candidates(replace(problem, seed=seed), rows, "county", "age")
        assert sibling in (TrialCandidate("a", "03", 0.9, 5.0), TrialCandidate("b", "03", 0.8, 6.0))
        assert other == TrialCandidate("c", "missing", 0.7, -np.inf)
    with pytest.raises(BadInputError, match="higher ones"):
        trial_candidates(problem, rows, "county", "establishment")


def test_no_result_before_the_last_outcome() -> None:
    made = trial()
    known: dict[str, bool | None] = {one.establishment: True for one in made.assignments[:-1]}

    assert missing_outcomes(made, known) == (made.assignments[-1].establishment,)
    with pytest.raises(RefusedError, match="1 of 90 missing"):
        trial_result(made, known)


def test_not_inspected_is_known_and_counted() -> None:
    made = trial()
    known: dict[str, bool | None] = {one.establishment: i % 2 == 0 for i, one in enumerate(made.assignments)}
    known[made.assignments[0].establishment] = None
    result = trial_result(made, known)

    assert result.not_inspected == 1
    assert sum(one.inspected for one in result.arms) == 90 - 1


def test_the_interval_of_the_difference_covers_as_it_says() -> None:
    made = trial()
    chance = {TrialArm.MODEL: 0.65, TrialArm.RULE: 0.5, TrialArm.RANDOM: 0.4}
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(600):
        found = {one.establishment: bool(rng.random() < chance[one.arm]) for one in made.assignments}
        gap = trial_result(made, found).model_less_rule
        covered += gap.low <= 0.65 - 0.5 <= gap.high

    assert 0.92 <= covered / 600 <= 0.98


def test_power_is_what_simulation_gives() -> None:
    rng = np.random.default_rng(4)
    rule, model = rng.binomial(173, 0.45, 4000) / 173, rng.binomial(173, 0.60, 4000) / 173
    pooled = (rule + model) / 2
    seen = np.abs(model - rule) > 1.959964 * np.sqrt(2 * pooled * (1 - pooled) / 173)

    assert seen.mean() == pytest.approx(power(0.45, 0.60, 173), abs=0.03)
    assert power(0.45, 0.60, slots_needed(0.45, 0.60) - 1) < 0.8 <= power(0.45, 0.60, slots_needed(0.45, 0.60))
