"""What each arm found, how much better the ranked one was than chance, and what the draw cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from targeting.domain import Arm
from targeting.feedback.estimates import Prevalence
from targeting.feedback.intervals import Interval, of_ratio, wilson

__all__ = ["ArmResult", "Calibration", "Price", "SlotOutcome", "calibration", "hit_rates", "lift", "price_paid"]

_EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_LEAST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class SlotOutcome:
    """A slot as proposed and what came of it; `breach` is null when it was not inspected or nothing is known yet."""

    establishment: str
    arm: Arm
    score: float
    breach: bool | None


class ArmResult(NamedTuple):
    """The hit rate of an arm: of its inspected slots only, which is *not* the prevalence of breach in the cohort."""

    arm: Arm
    slots: int
    inspected: int
    hits: int
    expected: float
    rate: Interval | None


class Calibration(NamedTuple):
    """Scores from `low` up to `high` against what was found. `rate` is null for fewer than five inspected."""

    low: float
    high: float
    inspected: int
    mean_score: float | None
    rate: Interval | None


class Price(NamedTuple):
    """What the draw cost in breaches. `expected`: as planned. `paid`: found by as many ranked slots next to the draw
    (the lowest scored ones) less found by the draw; null when either group was not inspected.
    """

    expected: float
    paid: float | None
    slots: int


def hit_rates(slots: Sequence[SlotOutcome]) -> tuple[ArmResult, ...]:
    """One result per arm that has slots, ranked first. `expected`: the sum of the inspected slots' scores."""
    return tuple(_of_arm(arm, [one for one in slots if one.arm is arm]) for arm in Arm if _has(slots, arm))


def _has(slots: Sequence[SlotOutcome], arm: Arm) -> bool:
    return any(one.arm is arm for one in slots)


def _of_arm(arm: Arm, slots: Sequence[SlotOutcome]) -> ArmResult:
    seen = [one for one in slots if one.breach is not None]
    hits = sum(bool(one.breach) for one in seen)
    return ArmResult(arm, len(slots), len(seen), hits, sum(one.score for one in seen), wilson(hits, len(seen)))


def lift(slots: Sequence[SlotOutcome], cohort: Prevalence) -> Interval | None:
    """How many times more often the ranked arm finds a breach than an inspection drawn at random would.

    The ranked arm's inspected slots are taken as independent trials; the random inspection finds what is prevalent.
    """
    ranked = next((one for one in hit_rates(slots) if one.arm is Arm.RANKED), None)
    if ranked is None or ranked.rate is None:
        return None
    share = ranked.rate.estimate
    return of_ratio(ranked.rate, share * (1 - share) / ranked.inspected, cohort.interval, cohort.variance, cohort.df)


def calibration(slots: Sequence[SlotOutcome]) -> tuple[Calibration, ...]:
    """Observed calibration in five bins of score, both arms together: given the score, the arm tells nothing more."""
    seen = [one for one in slots if one.breach is not None]
    return tuple(_bin(low, high, seen) for low, high in pairwise(_EDGES))


def _bin(low: float, high: float, seen: Sequence[SlotOutcome]) -> Calibration:
    inside = [one for one in seen if low <= one.score < high or (one.score == high == _EDGES[-1])]
    if len(inside) < _LEAST_SHOWN:
        return Calibration(low, high, len(inside), None, None)
    hits = sum(bool(one.breach) for one in inside)
    return Calibration(low, high, len(inside), float(np.mean([one.score for one in inside])), wilson(hits, len(inside)))


def price_paid(slots: Sequence[SlotOutcome], expected: float) -> Price:
    """The price of exploration; `expected` is what the plan said it would be."""
    drawn = [one for one in slots if one.arm is Arm.EXPLORATION]
    ranked = sorted((one for one in slots if one.arm is Arm.RANKED), key=lambda one: (one.score, one.establishment))
    beside, found = _rate(ranked[: len(drawn)]), _rate(drawn)
    paid = None if beside is None or found is None else (beside - found) * len(drawn)
    return Price(expected, paid, len(drawn))


def _rate(slots: Sequence[SlotOutcome]) -> float | None:
    seen = [float(bool(one.breach)) for one in slots if one.breach is not None]
    return float(np.mean(seen)) if seen else None
