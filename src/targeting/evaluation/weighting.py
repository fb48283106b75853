"""Inverse-propensity weights, and shares among everybody estimated from those who were inspected.

An inspected establishment with a chance of one in fifty to be labelled speaks for fifty. Hajek's ratio divides by what
the weights add up to, so the level of the propensities cancels and only their differences matter. Intervals come from
the ratio's influence function, summed within clusters (enterprises): two establishments of one enterprise are not two
independent answers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy import stats

from targeting.modelling.columns import Reals, Texts

__all__ = [
    "CLIP",
    "TRAINING_CLIP",
    "Estimate",
    "clusters_of",
    "mean_of",
    "ratio_of",
    "share_of",
    "stabilised_weights",
    "top_membership",
    "training_weights",
]

CLIP: Final = 20.0
"""A labelled row speaks for at most twenty average labelled rows: beyond that one visit would decide the figure, and
the small bias of clipping costs less than the variance it saves. The overlap diagnostics say how many it touched."""

TRAINING_CLIP: Final = 5.0
"""In training the weights only say where the model should fit best, so there is less to lose by clipping."""

_FEW: Final = 5
_LEVEL: Final = 0.975


class Estimate(NamedTuple):
    """An estimate with its 95 % interval, the labelled rows behind it and how many even weights would be worth."""

    value: float
    low: float
    high: float
    rows: int
    effective: float


class _Ratio(NamedTuple):
    value: float
    variance: float
    df: float


def stabilised_weights(propensity: Reals, marginal: float, clip: float = CLIP) -> Reals:
    """The `marginal` over each propensity, at most `clip`: 1 for a row as likely to be labelled as the average one.

    >>> stabilised_weights(np.array([0.02, 0.01, 0.0001]), 0.02).tolist()
    [1.0, 2.0, 20.0]
    """
    return np.minimum(marginal / np.maximum(propensity, marginal / (clip * 10.0)), clip)


def training_weights(propensity: Reals, clip: float = TRAINING_CLIP) -> Reals:
    """Weights of training rows with mean 1: the fewer like it were inspected, the more a row counts, up to `clip`.

    `propensity` is that of each training row on its own as-of day.
    """
    weights = stabilised_weights(propensity, float(1.0 / np.mean(1.0 / propensity)), clip)
    return np.asarray(weights / weights.mean())


def top_membership(scores: Reals, k: float, sizes: Reals) -> Reals:
    """How far each row belongs to the k highest scores when it stands for `sizes` rows; ties at the cut share it.

    >>> top_membership(np.array([0.9, 0.5, 0.5, 0.1]), 2, np.ones(4)).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    order = np.argsort(-scores, kind="stable")
    reached = np.cumsum(sizes[order])
    cut = scores[order][min(int(np.searchsorted(reached, k)), len(order) - 1)]
    above, tied = scores > cut, scores == cut
    places = min(1.0, max(0.0, (k - float(sizes[above].sum())) / float(sizes[tied].sum())))
    return np.where(above, 1.0, np.where(tied, places, 0.0))


def clusters_of(names: Texts) -> np.ndarray:
    """A number from 0 for each distinct name, in the order of the rows."""
    return np.asarray(np.unique(names.astype(str), return_inverse=True)[1])


def share_of(outcome: Reals, weights: Reals, clusters: np.ndarray) -> Estimate | None:
    """The weighted share of `outcome` (0 or 1), with Wilson's interval at the effective number of rows; null for none.

    With fewer than five of either kind a variance cannot be read off the rows, so it is at least that of a share with
    one success and one failure more.
    """
    kept = weights > 0.0
    if not kept.any():
        return None
    y, w, ids = outcome[kept], weights[kept], clusters[kept]
    found, kish = _ratio(y * w, w, ids), _kish(w)
    supposed = (found.value * kish + 1.0) / (kish + 2.0)
    least = supposed * (1.0 - supposed) / kish
    variance = max(found.variance, least) if min(y.sum(), len(y) - y.sum()) < _FEW else found.variance
    return _wilson(found.value, max(variance, 1e-12), found.df, len(y), kish)


def ratio_of(above: Reals, below: Reals, clusters: np.ndarray) -> Estimate | None:
    """The ratio of two weighted sums, one a part of the other (recall); null where the lower one is 0."""
    kept = below > 0.0
    if not kept.any():
        return None
    found = _ratio(above[kept], below[kept], clusters[kept])
    spread = max(found.variance, 1e-12)
    return _wilson(found.value, spread, found.df, int(kept.sum()), _kish(below[kept]))


def mean_of(outcome: Reals, weights: Reals, clusters: np.ndarray, most: float) -> Estimate | None:
    """The weighted mean of an outcome between 0 and `most` (severity), with a t interval kept inside; null for none."""
    kept = weights > 0.0
    if not kept.any():
        return None
    found = _ratio(outcome[kept] * weights[kept], weights[kept], clusters[kept])
    half = _t(found.df) * float(np.sqrt(found.variance))
    rows = int(kept.sum())
    low, high = max(0.0, found.value - half), min(most, found.value + half)
    return Estimate(found.value, low, high, rows, _kish(weights[kept]))


def _ratio(above: Reals, below: Reals, clusters: np.ndarray) -> _Ratio:
    """The ratio of sums, its linearised variance over clusters, and Satterthwaite's degrees of freedom."""
    total = float(below.sum())
    value = float(above.sum()) / total
    codes = np.unique(clusters, return_inverse=True)[1]
    influence = np.bincount(codes, weights=(above - value * below) / total)
    squares, count = influence**2, len(influence)
    if count < 2 or squares.sum() <= 0.0:
        return _Ratio(value, 0.0, max(1.0, count - 1.0))
    # Few heavy rows make the variance itself uncertain: they count as the few that they are.
    df = min(count - 1.0, float(squares.sum() ** 2 / (squares**2).sum()))
    return _Ratio(value, float(squares.sum()) * count / (count - 1.0), max(1.0, df))


def _wilson(value: float, variance: float, df: float, rows: int, kish: float) -> Estimate:
    """Wilson's interval as if `value` had been counted among as many rows as its variance is worth.

    Where the value itself is 0 or 1 its variance says nothing, and the effective rows stand in.
    """
    spread = value * (1.0 - value)
    effective = spread / variance if spread > 0.0 else kish
    stretch = _t(df) ** 2 / max(effective, 1e-9)
    centre = (value + stretch / 2.0) / (1.0 + stretch)
    half = float(np.sqrt(stretch * (spread + stretch / 4.0))) / (1.0 + stretch)
    return Estimate(value, max(0.0, min(value, centre - half)), min(1.0, max(value, centre + half)), rows, kish)


def _kish(weights: Reals) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())


def _t(df: float) -> float:
    return float(stats.t.ppf(_LEVEL, df))
