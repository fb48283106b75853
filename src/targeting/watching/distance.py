"""How far two histograms are apart: PSI, KS on the bins, and what chance alone gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.stats import chi2

__all__ = ["ks", "nearest", "noise", "psi"]

_HALF: Final = 0.5
_LEVEL: Final = 0.99
"""Of a hundred quarters without drift, one goes beyond `noise`; there are a hundred features a quarter."""


def psi(now: Sequence[float], before: Sequence[float]) -> float:
    """The population stability index of two histograms over the same bins; 0 where either is empty.

    Half a row is added to every bin, so that an empty one is rare rather than infinitely far.

    >>> round(psi([50, 50], [50, 50]), 3), round(psi([90, 10], [50, 50]), 2)
    (0.0, 0.85)
    """
    if not sum(now) or not sum(before):
        return 0.0
    one, other = (np.asarray(counts, dtype=np.float64) + _HALF for counts in (now, before))
    share, reference = one / one.sum(), other / other.sum()
    return float(((share - reference) * np.log(share / reference)).sum())


def ks(now: Sequence[float], before: Sequence[float]) -> float:
    """The largest distance of the cumulated shares of ordered bins: at most the Kolmogorov-Smirnov distance of values.

    >>> ks([90, 10], [50, 50])
    0.4
    """
    if not sum(now) or not sum(before):
        return 0.0
    one, other = (np.cumsum(counts) / sum(counts) for counts in (now, before))
    return round(float(np.abs(one - other).max()), 6)


def noise(now: Sequence[float], before: Sequence[float], distinct: int = 0) -> float:
    """The PSI that two samples of these sizes from one population stay under 99 times in a hundred.

    Without drift PSI is about chi-square with one degree of freedom less than bins in use, times (1/n + 1/m): of
    small groups it is large for no reason. Rows that share their values are worth `distinct` rows, no more (0: all).

    >>> round(noise([5] * 10, [500] * 10), 2), round(noise([5000] * 10, [5000] * 10), 4)
    (0.44, 0.0009)
    >>> round(noise([5000] * 10, [5000] * 10, distinct=88), 2)
    0.49
    """
    used = sum(1 for one, other in zip(now, before, strict=True) if one or other)
    if used < 2 or not sum(now) or not sum(before):
        return 0.0
    most = distinct or np.inf
    return float(chi2.ppf(_LEVEL, used - 1) * (1 / min(sum(now), most) + 1 / min(sum(before), most)))


def nearest(now: Sequence[int], before: Sequence[int], low: Sequence[int], high: Sequence[int]) -> tuple[float, ...]:
    """The counts `before` might have had, had its values moved within their reach, that are nearest to `now`.

    Most rows of a smoothed rate are one number, which moves a little every quarter: an edge beside it would call that
    drift. `low` and `high` are the rows up to each inner edge less and plus the reach.

    >>> nearest([10, 90], [90, 10], [5], [95]), nearest([10, 90], [90, 10], [80], [95])
    ((10.0, 90.0), (80.0, 20.0))
    """
    if not sum(now) or not sum(before):
        return tuple(map(float, before))
    reached = np.cumsum(now)[:-1] * (sum(before) / sum(now))
    inside = np.clip(reached, low, high)
    return tuple(float(one) for one in np.diff([0.0, *inside, float(sum(before))]))
