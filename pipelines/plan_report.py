"""The result of a plan in words: what it found, and what may be said of those nobody visited."""

from __future__ import annotations

from targeting.feedback.estimates import Prevalence
from targeting.feedback.intervals import Interval
from targeting.feedback.plan_result import PlanResult

__all__ = ["render_result"]


def render_result(result: PlanResult) -> str:
    """The result as a page of text; intervals are 95 %."""
    parts = [
        _arms(result),
        _cohort(result),
        _areas(result),
        _calibration(result),
        _price(result),
        _overrides(result),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _arms(result: PlanResult) -> list[str]:
    lines = [f"{result.slots} slots as proposed, {result.without_outcome} without an inspection result"]
    lines += [
        f"  {one.arm:<12} inspected {one.inspected} of {one.slots}, breach at {one.hits} "
        f"(expected {one.expected:.1f}), hit rate {_interval(one.rate)}"
        for one in result.arms
    ]
    if result.lift:
        lines.append(f"  the ranked arm finds a breach {_times(result.lift)} times as often as a random inspection")
    return lines


def _cohort(result: PlanResult) -> list[str]:
    one = result.cohort
    if one is None:
        return ["prevalence in the cohort: fewer than five drawn establishments have a result, so nothing can be said"]
    lines = [
        f"prevalence of breach among the {one.establishments} that could be drawn: {_interval(one.interval)} "
        f"({one.default}; {one.sampled} sampled, {one.census} known in every plan)"
    ]
    lines += [f"  {name:<18} {_interval(interval)}" for name, interval in one.by.items()]
    lines.append(
        f"  Hajek's interval is {one.hajek_to_difference:.3f} times as wide as the difference estimator's; without "
        f"scores in draw and estimate the quoted one would be about {one.bought_by_scores:.2f} times as wide"
    )
    if one.missing:
        lines.append(f"  {one.missing} outcomes missing: at worst {one.bounds[0]:.1%} to {one.bounds[1]:.1%}")
    if result.uncovered:
        lines.append(f"  {result.uncovered} eligible establishments fit in no plan; nothing is said of them")
    if result.naive_rate:
        lines.append(f"  not to be quoted as prevalence: {result.naive_rate.estimate:.1%} among all inspected")
    return lines


def _areas(result: PlanResult) -> list[str]:
    if not result.areas:
        return []
    return ["by area", *(f"  {name:<28} {_area(one)}" for name, one in result.areas.items())]


def _area(one: Prevalence | None) -> str:
    return f"{_interval(one.interval)} ({one.sampled} sampled)" if one else "too few sampled"


def _calibration(result: PlanResult) -> list[str]:
    rows = [
        f"  {one.low:.1f}-{one.high:.1f}  score {one.mean_score:.2f}, found {_interval(one.rate)} of {one.inspected}"
        for one in result.calibration
        if one.mean_score is not None
    ]
    return ["scores against what was found", *rows] if rows else []


def _price(result: PlanResult) -> list[str]:
    price = result.price
    if not price.slots:
        return []
    paid = f"{price.paid:.1f}" if price.paid is not None else "not known yet"
    return [f"price of the {price.slots} drawn slots in breaches: expected {price.expected:.1f}, paid {paid}"]


def _overrides(result: PlanResult) -> list[str]:
    if not result.overrides:
        return []
    lines = ["overrides by reason"]
    for one in result.overrides:
        gained = f", found {one.gained} at {one.newcomers_inspected} newcomers" if one.gained is not None else ""
        given = f": expected breaches given up {one.given_up:.1f}{gained}" if one.given_up is not None else ""
        lines.append(f"  {one.reason_code:<20} {one.overrides}{given}")
    return lines


def _interval(one: Interval | None) -> str:
    return f"{one.estimate:.1%} [{one.low:.1%}, {one.high:.1%}]" if one else "not known yet"


def _times(one: Interval) -> str:
    return f"{one.estimate:.2f} [{one.low:.2f}, {one.high:.2f}]"
