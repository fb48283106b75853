"""What no inspection told cannot be estimated away: the least and the most that a figure can be.

In the worst case nobody unlabelled had a breach, in the best case everybody had (or the other way round, where a breach
makes the figure worse). Nothing is assumed, so the two ends are far apart where few were inspected; that distance is
what the estimates between them rest on.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.modelling.columns import Reals

__all__ = ["Bounds", "labelled_share", "mean_bounds", "recall_bounds", "score_bounds"]

_EDGE: Final = 1e-6


class Bounds(NamedTuple):
    """The worst and the best a figure can be, whatever the unlabelled hold."""

    worst: float
    best: float


def labelled_share(labelled: Reals, counted: Reals) -> float:
    """The share of the rows, each counting `counted`, that have a label."""
    return float((labelled * counted).sum() / counted.sum())


def mean_bounds(outcome: Reals, counted: Reals, most: float = 1.0) -> Bounds:
    """The mean of `outcome` (NaN: unlabelled) over rows that count `counted`: all others 0, then all others `most`.

    >>> mean_bounds(np.array([1.0, 0.0, np.nan, np.nan]), np.ones(4))
    Bounds(worst=0.25, best=0.75)
    """
    total = float(counted.sum())
    known = ~np.isnan(outcome)
    found = float((outcome[known] * counted[known]).sum())
    unknown = float(counted[~known].sum())
    return Bounds(found / total, (found + most * unknown) / total)


def recall_bounds(outcome: Reals, membership: Reals, sizes: Reals) -> Bounds | None:
    """Share of all breaches that are among the top: no unlabelled breach in it and all outside it, then the reverse.

    Null where even the best case holds no breach.

    >>> recall_bounds(np.array([1.0, np.nan, np.nan, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4))
    Bounds(worst=0.5, best=1.0)
    """
    inside, outside = membership * sizes, (1.0 - membership) * sizes
    low_in, high_in = _totals(outcome, inside)
    low_out, high_out = _totals(outcome, outside)
    if high_in + high_out == 0.0:
        return None
    worst = low_in / (low_in + high_out) if low_in + high_out else 0.0
    return Bounds(worst, high_in / (high_in + low_out) if high_in else 0.0)


def score_bounds(probabilities: Reals, outcome: Reals, sizes: Reals, *, logarithmic: bool) -> Bounds:
    """Mean Brier score (or log loss) when each unlabelled outcome is the less expected one, then the more expected.

    Smaller is better, so `worst` is the larger number.
    """
    kept = np.clip(probabilities, _EDGE, 1.0 - _EDGE)
    expected = (kept >= 0.5).astype(np.float64)
    ends = [_loss(kept, np.where(np.isnan(outcome), guess, outcome), logarithmic) for guess in (1 - expected, expected)]
    return Bounds(*(float(np.average(loss, weights=sizes)) for loss in ends))


def _totals(outcome: Reals, counted: Reals) -> tuple[float, float]:
    return tuple(float((np.where(np.isnan(outcome), guess, outcome) * counted).sum()) for guess in (0.0, 1.0))  # type: ignore[return-value]


def _loss(probabilities: Reals, outcome: Reals, logarithmic: bool) -> Reals:
    if logarithmic:
        return -(outcome * np.log(probabilities) + (1.0 - outcome) * np.log(1.0 - probabilities))
    return (probabilities - outcome) ** 2
