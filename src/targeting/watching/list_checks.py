"""The lights of what cannot be mended before a run: churn, calibration, age."""

from __future__ import annotations

from datetime import date

from targeting.domain import AsOf, Quarter
from targeting.parameters.watching import bounds
from targeting.watching.calibration import Calibration
from targeting.watching.check import Check, Group, Light, light_of
from targeting.watching.churn import Churn
from targeting.watching.telling import at_most, tell
from targeting.watching.words import Words, named, percent, say

__all__ = ["check_calibration", "check_churn", "check_run_age"]


def check_churn(found: Churn, on: AsOf) -> Check:
    """Yellow or red where too many of the first places are new; the commonest causes are said."""
    limit = bounds(on.day).churn
    target, bound = named("target", found.target), at_most(limit)
    if found.reduced:
        words = say("CHU001", "reduced", target=target, before=found.before_as_of)
        return _check("CHU001", "churn", Light.YELLOW, found, None, bound, words)
    causes = list(found.causes("entered"))[:3]
    nb, en = (", ".join(getattr(named("cause", one), language) for one in causes) for language in ("nb", "en"))
    words = say(
        "CHU001",
        target=target,
        entered=found.entered,
        k=found.stayed + found.entered,
        before=found.before_as_of,
        causes=Words(f": {nb}" if nb else "", f": {en}" if en else ""),
    )
    light = light_of(found.share, limit)
    return _check("CHU001", "churn", light, found, round(found.share, 6), bound, words)


def check_calibration(found: Calibration, on: AsOf) -> Check:
    """Yellow or red by how far what was expected lies outside the interval of what was found."""
    limit = bounds(on.day).calibration
    target, bound = named("target", found.target), at_most(limit)
    expected, share, low, high = found.expected, found.found, found.low, found.high
    if expected is None or share is None or low is None or high is None:
        words = say("CAL001", "few", target=target, quarter=found.quarter)
        return _check("CAL001", "calibration", Light.GREEN, found, None, bound, words)
    beyond = max(0.0, low - expected, expected - high)
    words = say(
        "CAL001",
        target=target,
        quarter=found.quarter,
        expected=percent(expected),
        found=percent(share),
        low=percent(low),
        high=percent(high),
        rows=found.rows,
    )
    light = light_of(beyond, limit)
    return _check("CAL001", "calibration", light, found, round(beyond, 6), bound, words)


def check_run_age(as_of: AsOf, on: date) -> Check:
    """How old the run in service is on a day."""
    limit, age = bounds(on).run_age_days, (on - as_of.day).days
    words = say("RUN001", quarter=str(Quarter.of(as_of.day)), observed=age)
    bound = f"≤ {limit.yellow:.0f} / {limit.red:.0f}"
    return tell("RUN001", "scores", light_of(age, limit), "published", age, bound, words)


def _check(
    code: str, group: Group, light: Light, about: Churn | Calibration, observed: float | None, bound: str, words: Words
) -> Check:
    where = str(about.target) if isinstance(about, Churn) else f"{about.target} {about.quarter}"
    return tell(code, group, light, where, observed, bound, words, about.target)
