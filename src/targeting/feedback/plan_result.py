"""What a plan tells: everything its outcomes allow to say, and nothing they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from targeting.domain import Arm, BadInputError
from targeting.feedback.arms import (
    ArmResult,
    Calibration,
    Price,
    SlotOutcome,
    calibration,
    hit_rates,
    lift,
    price_paid,
)
from targeting.feedback.drawn import Drawn, Frame, draw_of
from targeting.feedback.estimates import Prevalence, prevalence, prevalence_by_area
from targeting.feedback.intervals import Interval, wilson
from targeting.feedback.overrides import OverrideScore, score_overrides
from targeting.ledger import Outcome, PlanRecord, SlotChange

__all__ = ["PlanResult", "frame_from_table", "plan_result", "slot_outcomes"]


class PlanResult(NamedTuple):
    """The result of one plan. Grain of `slots`: the slots as *proposed*; standbys are in nobody's estimate.

    `cohort` is null while fewer than five of the exploration arm have an outcome; `lift` needs it.
    """

    slots: int
    without_outcome: int
    arms: tuple[ArmResult, ...]
    naive_rate: Interval | None
    cohort: Prevalence | None
    areas: Mapping[str, Prevalence | None]
    lift: Interval | None
    calibration: tuple[Calibration, ...]
    price: Price
    overrides: tuple[OverrideScore, ...]
    uncovered: int


def plan_result(
    record: PlanRecord, changes: Sequence[SlotChange], outcomes: Sequence[Outcome], frame: Frame
) -> PlanResult:
    """The result of a plan from what was proposed, overridden and found. `frame` is what the draw was made from."""
    slots = slot_outcomes(record, outcomes)
    drawn = _drawn(frame, slots)
    cohort = prevalence(frame, drawn) if drawn else None
    breaches = {one.establishment: one.breach for one in outcomes if one.breach is not None}
    seen = [one.breach for one in slots if one.breach is not None]
    return PlanResult(
        slots=len(slots),
        without_outcome=len(slots) - len(seen),
        arms=hit_rates(slots),
        naive_rate=wilson(sum(seen), len(seen)),
        cohort=cohort,
        areas=prevalence_by_area(frame, drawn) if drawn else {},
        lift=lift(slots, cohort) if cohort else None,
        calibration=calibration(slots),
        price=price_paid(slots, _expected_price(record.summary)),
        overrides=score_overrides(changes, {one.establishment: one.score for one in slots}, breaches),
        uncovered=frame.uncovered,
    )


def slot_outcomes(record: PlanRecord, outcomes: Sequence[Outcome]) -> tuple[SlotOutcome, ...]:
    """The proposed slots with what was found there."""
    breaches = {one.establishment: one.breach for one in outcomes}
    slots = (one.slot for one in record.slots)
    return tuple(SlotOutcome(s.establishment, s.arm, s.score, breaches.get(s.establishment)) for s in slots)


def _drawn(frame: Frame, slots: Sequence[SlotOutcome]) -> Drawn | None:
    by_arm = {
        arm: {one.establishment: np.nan if one.breach is None else float(one.breach) for one in slots if one.arm is arm}
        for arm in Arm
    }
    explored = by_arm[Arm.EXPLORATION]
    return draw_of(frame, explored, by_arm[Arm.RANKED]) if explored else None


def _expected_price(summary: Mapping[str, Any]) -> float:
    prices = summary.get("prices", ())
    return sum(float(one["price"]) for one in prices if str(one["rule"]).startswith("exploration share"))


def frame_from_table(table: pa.Table) -> Frame:
    """A frame from its file: establishment, score, probability, score_bin, certain, areas; null probability: uncovered.

    Raises `BadInputError` when a column is absent.
    """
    needed = ("establishment", "score", "probability", "score_bin", "certain", "areas")
    if absent := [name for name in needed if name not in table.column_names]:
        raise BadInputError(expected=f"a column {absent[0]}", got="none", where="the drawing frame")
    chance = table.column("probability").fill_null(0.0).to_numpy()
    covered = table.filter(pa.array(chance > 0))
    listed = covered.column("areas").to_pylist()
    names = sorted({name for areas in listed for name in areas})
    return Frame(
        establishments=tuple(covered.column("establishment").to_pylist()),
        score=covered.column("score").to_numpy(),
        probability=covered.column("probability").to_numpy(),
        stratum=covered.column("score_bin").to_numpy(),
        certain=covered.column("certain").to_numpy(zero_copy_only=False),
        areas={name: np.array([name in areas for areas in listed]) for name in names},
        uncovered=int((chance <= 0).sum()),
    )
