"""What an upload of outcomes came to, and what the outcomes tell."""

from __future__ import annotations

from typing import Literal

from api.schemas.base import Output
from api.schemas.plans import PlanStanding
from targeting.domain import Target

__all__ = [
    "ArmOut",
    "BinOut",
    "Estimates",
    "IntervalOut",
    "OverridesOut",
    "PlanResultOut",
    "PrevalenceOut",
    "RefusedRowOut",
    "ReplacedOut",
    "UploadOut",
]


class RefusedRowOut(Output):
    """One refused row: its line (the header is line 1) and column, and what was expected there."""

    line: int
    column: str
    expected: str
    got: str


class ReplacedOut(Output):
    """Who could not be inspected, and who stepped in; null when nobody was left."""

    establishment: str
    taken: str | None


class UploadOut(Output):
    """`read` rows are `accepted`, `unfilled` or `quarantined`; no accepted row is no act."""

    plan: PlanStanding
    read: int
    accepted: int
    unfilled: int
    quarantined: list[RefusedRowOut]
    replaced: list[ReplacedOut]


class IntervalOut(Output):
    """An estimate with the ends of its 95 % interval."""

    estimate: float
    low: float
    high: float


class ArmOut(Output):
    """The hit rate of an arm, over its inspected slots only: not how common breaches are."""

    arm: Literal["ranked", "exploration"]
    slots: int
    inspected: int
    hits: int
    expected: float
    rate: IntervalOut | None


class PrevalenceOut(Output):
    """How common breaches are among `establishments`, by each estimator; `estimator` is the one to quote.

    `bounds`: the ends if every missing outcome were no breach, or one.
    """

    establishments: int
    sampled: int
    census: int
    missing: int
    estimator: str
    estimate: IntervalOut
    by: dict[str, IntervalOut]
    bounds: list[float]


class BinOut(Output):
    """Scores from `low` up to `high` against what was found; null for fewer than five inspected."""

    low: float
    high: float
    inspected: int
    mean_score: float | None
    rate: IntervalOut | None


class OverridesOut(Output):
    """The overrides with one reason code; `withheld` for the codes with fewer than five, together."""

    reason_code: str
    overrides: int
    given_up: float | None
    newcomers_inspected: int | None
    gained: int | None


class PlanResultOut(Output):
    """What one plan tells. `cohort` is null while too few of the drawn slots have an outcome; `lift` needs it."""

    plan: str
    target: Target
    version: int
    slots: int
    without_outcome: int
    arms: list[ArmOut]
    cohort: PrevalenceOut | None
    areas: dict[str, PrevalenceOut | None]
    lift: IntervalOut | None
    calibration: list[BinOut]
    price_expected: float
    price_paid: float | None
    overrides: list[OverridesOut]
    uncovered: int


class Estimates(Output):
    """What every plan for the target tells that is in progress or closed, newest first."""

    target: Target
    plans: list[PlanResultOut]
