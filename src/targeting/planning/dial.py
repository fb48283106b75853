"""The exploration dial: hits given up against how well the plan will tell the true prevalence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from targeting.planning.arrays import Reals
from targeting.planning.plan import Plan, make_plan
from targeting.planning.problem import Exploration, Problem

__all__ = ["SHARES", "Setting", "dial"]

SHARES: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_Z95: Final = 1.959964


class Setting(NamedTuple):
    """One position of the dial.

    `hits_given_up`: expected breaches lost against share 0 (the drawn arm counted at its expectation). `width` of a
    95 % interval for the prevalence of breach in the cohort, in [0, 1]; `width_assisted` when the estimator uses the
    scores. Both take the scores as true probabilities; with no exploration nothing is known and the width is 1.
    """

    share: float
    slots: int
    hits_given_up: float
    width: float
    width_assisted: float


def dial(problem: Problem, table: pa.Table, shares: Sequence[float] = SHARES) -> tuple[Setting, ...]:
    """The settings for `shares`, in that order. One draw stands for each; only the ranked arm varies with it."""
    greedy = _expected_hits(_at(problem, table, 0.0))
    return tuple(_setting(_at(problem, table, share), share, greedy) for share in shares)


def _at(problem: Problem, table: pa.Table, share: float) -> Plan:
    explored = Exploration(share, problem.exploration.bins)
    return make_plan(replace(problem, exploration=explored), table, with_prices=False)


def _expected_hits(plan: Plan) -> float:
    ranked = sum(slot.score for slot in plan.slots[: len(plan.slots) - plan.design.slots])
    scores = plan.eligible.numbers(plan.problem.objective.score)
    return float(ranked + plan.design.probability @ scores)


def _setting(plan: Plan, share: float, greedy: float) -> Setting:
    scores = plan.eligible.numbers(plan.problem.objective.score)
    lost = max(0.0, greedy - _expected_hits(plan))  # where nearly everybody is planned, one draw is all noise
    return Setting(share, plan.design.slots, lost, _width(plan, scores), _width_assisted(plan, scores))


def _width(plan: Plan, scores: Reals) -> float:
    """Bernoulli outcomes of unequal chance vary in a bin as one of the mean chance does: p (1 - p)."""
    means = {b: float(scores[plan.design.score_bin == b].mean()) for b in _bins(plan)}
    return _interval(plan, {b: mean * (1 - mean) for b, mean in means.items()})


def _width_assisted(plan: Plan, scores: Reals) -> float:
    """What the scores foretell is taken off; the chance itself remains: the mean of p (1 - p)."""
    spread = np.clip(scores * (1 - scores), 0.0, None)
    return _interval(plan, {b: float(spread[plan.design.score_bin == b].mean()) for b in _bins(plan)})


def _bins(plan: Plan) -> list[int]:
    return [int(b) for b in np.unique(plan.design.score_bin) if b >= 0]


def _interval(plan: Plan, variances: dict[int, float]) -> float:
    if not plan.design.hands:
        return 1.0
    total, reachable = 0.0, float((plan.design.score_bin >= 0).sum())
    for number, variance in variances.items():
        members = plan.design.score_bin == number
        size, drawn = float(members.sum()), float(plan.design.probability[members].sum())
        total += (size / reachable) ** 2 * variance / drawn * max(0.0, 1 - drawn / size)
    return min(1.0, 2 * _Z95 * float(np.sqrt(total)))
