"""Confidence intervals at 95 %: for a share counted, for an estimate with a variance, for a ratio of two."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

__all__ = ["Interval", "level_t", "of_ratio", "of_share", "wilson"]

_LEVEL = 0.95


class Interval(NamedTuple):
    """An estimate with the ends of its 95 % interval."""

    estimate: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """High minus low."""
        return self.high - self.low


def level_t(df: float) -> float:
    """How many standard errors a two-sided 95 % interval reaches with `df` degrees of freedom (at least 1).

    >>> round(level_t(20), 3), round(level_t(float("inf")), 3)
    (2.086, 1.96)
    """
    return float(stats.t.ppf((1 + _LEVEL) / 2, max(1.0, df)))


def wilson(hits: int, count: int) -> Interval | None:
    """Wilson's interval of `hits` among `count`; null for nobody.

    >>> [round(x, 3) for x in wilson(5, 10)]
    [0.5, 0.237, 0.763]
    """
    if count == 0:
        return None
    return of_share(hits / count, count, np.inf)


def of_share(estimate: float, effective: float, df: float) -> Interval:
    """Wilson's interval of an estimated share that is worth `effective` independent answers, with t for z.

    Around an estimate of 0 or 1 it keeps its width, which a plain t interval loses.

    >>> [round(x, 3) for x in of_share(0.5, 10, float("inf"))] == [round(x, 3) for x in wilson(5, 10)]
    True
    """
    middle_of = float(np.clip(estimate, 0.0, 1.0))
    more = level_t(df) ** 2 / effective
    middle = (middle_of + more / 2) / (1 + more)
    half = np.sqrt(more) / (1 + more) * np.sqrt(middle_of * (1 - middle_of) + more / 4)
    return Interval(middle_of, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def of_ratio(
    above: Interval, variance_above: float, below: Interval, variance_below: float, df: float
) -> Interval | None:
    """The ratio of two independent estimates, its interval on the log scale; null when either estimate is 0."""
    if above.estimate <= 0 or below.estimate <= 0:
        return None
    ratio = above.estimate / below.estimate
    relative = variance_above / above.estimate**2 + variance_below / below.estimate**2
    reach = float(np.exp(level_t(df) * np.sqrt(relative)))
    return Interval(ratio, ratio / reach, ratio * reach)
