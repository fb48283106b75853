"""The order and size of scores, judged on weighted rows; with weights of 1 they are those of `metrics`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from targeting.evaluation.weighting import Estimate
from targeting.modelling.categories import log_odds
from targeting.modelling.columns import Reals
from targeting.modelling.fitting import Fit, ridge_logistic

__all__ = [
    "clustered_interval",
    "weighted_auc",
    "weighted_average_precision",
    "weighted_brier",
    "weighted_calibration",
    "weighted_calibration_error",
    "weighted_log_loss",
]

_BINS: Final = 10
_ROWS_A_BIN: Final = 100
_EDGE: Final = 1e-6
_Z: Final = 1.959963984540054


def weighted_auc(scores: Reals, labels: Reals, weights: Reals) -> float:
    """The chance that a breach is ranked above a non-breach, both drawn by weight; NaN when one kind is absent.

    >>> weighted_auc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4))
    0.875
    """
    _, group = np.unique(scores, return_inverse=True)
    breaches = np.bincount(group, weights=weights * labels)
    others = np.bincount(group, weights=weights * (1.0 - labels))
    pairs = float(breaches.sum() * others.sum())
    if pairs == 0.0:
        return float("nan")
    below = np.cumsum(others) - others
    return float((breaches * (below + others / 2.0)).sum() / pairs)


def weighted_average_precision(scores: Reals, labels: Reals, weights: Reals) -> float:
    """Precision averaged over the breaches by weight, tied scores entering together. NaN without a breach.

    >>> round(weighted_average_precision(np.array([0.9, 0.5, 0.1]), np.array([1.0, 0.0, 1.0]), np.ones(3)), 4)
    0.8333
    """
    _, group = np.unique(-scores, return_inverse=True)
    gained = np.bincount(group, weights=weights * labels)
    reached = np.cumsum(np.bincount(group, weights=weights))
    if gained.sum() == 0.0:
        return float("nan")
    precision = np.cumsum(gained) / np.maximum(reached, 1e-300)
    return float((gained * precision).sum() / gained.sum())


def weighted_brier(probabilities: Reals, labels: Reals, weights: Reals) -> float:
    """Mean squared distance between probability and outcome."""
    return float(np.average((probabilities - labels) ** 2, weights=weights))


def weighted_log_loss(probabilities: Reals, labels: Reals, weights: Reals) -> float:
    """Mean negative log-likelihood, probabilities kept off 0 and 1."""
    kept = np.clip(probabilities, _EDGE, 1.0 - _EDGE)
    return float(np.average(-(labels * np.log(kept) + (1.0 - labels) * np.log(1.0 - kept)), weights=weights))


def weighted_calibration_error(probabilities: Reals, labels: Reals, weights: Reals) -> float:
    """Expected calibration error over groups of equal weight: ten, fewer below a hundred even rows' worth each."""
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    bins = min(_BINS, max(1, int(effective / _ROWS_A_BIN)))
    order = np.argsort(probabilities, kind="stable")
    reached = np.cumsum(weights[order])
    group = np.minimum(((reached - weights[order] / 2.0) / reached[-1] * bins).astype(np.int64), bins - 1)
    gap = np.bincount(group, weights=((probabilities - labels) * weights)[order], minlength=bins)
    return float(np.abs(gap).sum() / reached[-1])


def weighted_calibration(probabilities: Reals, labels: Reals, weights: Reals) -> Fit:
    """Slope and intercept of the outcome on the log-odds given: 1 and 0 where the probabilities are right."""
    kept = np.clip(probabilities, _EDGE, 1.0 - _EDGE)
    return ridge_logistic([log_odds(kept)], labels, weights, strength=1e4)


def clustered_interval(
    statistic: Callable[[Reals], float], clusters: np.ndarray, rows: int, seed: int, draws: int = 60
) -> Estimate | None:
    """`statistic` of multiplicities (1 for every row) with a 95 % interval from a bootstrap of whole clusters.

    Each draw counts every cluster a Poisson(1) number of times; `effective` is the number of clusters. Null where
    `statistic` is NaN on the rows.
    """
    value = statistic(np.ones(len(clusters)))
    if np.isnan(value):
        return None
    random, count = np.random.default_rng(seed), int(clusters.max(initial=0)) + 1
    drawn = np.array([statistic(random.poisson(1.0, count)[clusters] + 1e-12) for _ in range(draws)])
    known = drawn[~np.isnan(drawn)]
    half = _Z * float(known.std(ddof=1)) if len(known) > 1 else float("nan")
    return Estimate(value, value - half, value + half, rows, float(len(np.unique(clusters))))
