"""What a plan tells, as an answer."""

from __future__ import annotations

from api.plans import Recorded
from api.schemas.of_plans import standing_of
from api.schemas.outcomes import (
    ArmOut,
    BinOut,
    IntervalOut,
    OverridesOut,
    PlanResultOut,
    PrevalenceOut,
    RefusedRowOut,
    ReplacedOut,
    UploadOut,
)
from targeting.domain import Target
from targeting.feedback.estimates import Prevalence
from targeting.feedback.intervals import Interval
from targeting.feedback.plan_result import PlanResult
from targeting.planning.life import LivePlan

__all__ = ["interval_out", "result_out", "upload_out"]


def upload_out(recorded: Recorded) -> UploadOut:
    """What an upload came to."""
    upload = recorded.upload
    return UploadOut(
        plan=standing_of(recorded.plan),
        read=upload.read,
        accepted=len(upload.accepted),
        unfilled=upload.unfilled,
        quarantined=[RefusedRowOut(**one._asdict()) for one in upload.quarantined],
        replaced=[ReplacedOut(**one._asdict()) for one in recorded.replaced],
    )


def interval_out(found: Interval) -> IntervalOut:
    """An interval."""
    return IntervalOut(**found._asdict())


def _maybe(found: Interval | None) -> IntervalOut | None:
    return interval_out(found) if found is not None else None


def result_out(plan: LivePlan, found: PlanResult) -> PlanResultOut:
    """What one plan tells."""
    return PlanResultOut(
        plan=plan.record.id,
        target=Target(plan.record.target),
        version=plan.version,
        slots=found.slots,
        without_outcome=found.without_outcome,
        arms=[
            ArmOut(
                arm=one.arm.value,
                slots=one.slots,
                inspected=one.inspected,
                hits=one.hits,
                expected=one.expected,
                rate=_maybe(one.rate),
            )
            for one in found.arms
        ],
        cohort=_prevalence(found.cohort),
        areas={area: _prevalence(one) for area, one in found.areas.items()},
        lift=_maybe(found.lift),
        calibration=[
            BinOut(
                low=one.low,
                high=one.high,
                inspected=one.inspected,
                mean_score=one.mean_score,
                rate=_maybe(one.rate),
            )
            for one in found.calibration
        ],
        price_expected=found.price.expected,
        price_paid=found.price.paid,
        overrides=[OverridesOut(**one._asdict()) for one in found.overrides],
        uncovered=found.uncovered,
    )


def _prevalence(found: Prevalence | None) -> PrevalenceOut | None:
    if found is None:
        return None
    return PrevalenceOut(
        establishments=found.establishments,
        sampled=found.sampled,
        census=found.census,
        missing=found.missing,
        estimator=found.default.value,
        estimate=interval_out(found.interval),
        by={estimator.value: interval_out(one) for estimator, one in found.by.items()},
        bounds=list(found.bounds),
    )
