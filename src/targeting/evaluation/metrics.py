"""Metrics of a ranking and of probabilities. Ties count with their expectation, never with the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

__all__ = [
    "Metrics",
    "auc",
    "average_precision",
    "bootstrap_error",
    "brier",
    "calibration_error",
    "capacity_in",
    "log_loss",
    "measure",
    "precision_at",
]

Reals = NDArray[np.float64]

_BINS: Final = 10
_ROWS_A_BIN: Final = 100
_EDGE: Final = 1e-6
_LARGEST_SHARE: Final = 0.2


class Metrics(NamedTuple):
    """One candidate on one set of test rows. Every figure is among the inspected, never a prevalence."""

    rows: int
    base_rate: float
    k: int
    precision_at_k: float
    auc: float
    average_precision: float
    brier: float
    log_loss: float
    ece: float

    def to_dict(self) -> Mapping[str, float]:
        """By name, for logging."""
        return self._asdict()


def capacity_in(rows: int, capacity: int) -> int:
    """The k that stands for `capacity` in a test set: at most a fifth of its rows, at least one.

    >>> capacity_in(5000, 300), capacity_in(150, 300)
    (300, 30)
    """
    return max(1, min(capacity, int(rows * _LARGEST_SHARE)))


def precision_at(scores: Reals, labels: Reals, k: int) -> float:
    """The expected share of breaches among the k highest scores when ties at the cut are drawn at random.

    >>> precision_at(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]), 2)
    0.75
    """
    cut = np.partition(scores, len(scores) - k)[len(scores) - k]
    above, tied = scores > cut, scores == cut
    places = k - int(above.sum())
    return float((labels[above].sum() + places * labels[tied].mean()) / k)


def auc(scores: Reals, labels: Reals) -> float:
    """The chance that a breach is ranked above a non-breach; a tie counts one half. NaN when one kind is absent.

    >>> auc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]))
    0.875
    """
    breaches = float(labels.sum())
    others = len(labels) - breaches
    if breaches == 0 or others == 0:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[labels == 1].sum() - breaches * (breaches + 1) / 2) / (breaches * others))


def average_precision(scores: Reals, labels: Reals) -> float:
    """Precision averaged over the breaches, tied scores entering together. NaN without a breach.

    >>> round(average_precision(np.array([0.9, 0.5, 0.1]), np.array([1.0, 0.0, 1.0])), 4)
    0.8333
    """
    if labels.sum() == 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = np.cumsum(labels[order])[ends]
    gained = np.diff(np.concatenate([[0.0], found]))
    return float((gained * found / (ends + 1)).sum() / labels.sum())


def brier(probabilities: Reals, labels: Reals) -> float:
    """Mean squared distance between probability and outcome."""
    return float(((probabilities - labels) ** 2).mean())


def log_loss(probabilities: Reals, labels: Reals) -> float:
    """Mean negative log-likelihood, probabilities kept off 0 and 1."""
    kept = np.clip(probabilities, _EDGE, 1.0 - _EDGE)
    return float(-(labels * np.log(kept) + (1.0 - labels) * np.log(1.0 - kept)).mean())


def calibration_error(probabilities: Reals, labels: Reals, bins: int | None = None) -> float:
    """Expected calibration error over `bins` groups of equal size; by default ten, fewer below a hundred rows each.

    Groups of equal size rather than width: where the scores are, there the error counts. Smaller groups would
    measure chance: thirty coins land a tenth off one half.
    """
    groups_wanted = bins or min(_BINS, max(1, len(labels) // _ROWS_A_BIN))
    order = np.argsort(probabilities, kind="stable")
    groups = [group for group in np.array_split(order, groups_wanted) if len(group)]
    gaps = [abs(probabilities[group].mean() - labels[group].mean()) * len(group) for group in groups]
    return float(sum(gaps) / len(order))


def measure(scores: Reals, probabilities: Reals, labels: Reals, k: int) -> Metrics:
    """Everything at once: order by `scores`, size by `probabilities`."""
    return Metrics(
        rows=len(labels),
        base_rate=float(labels.mean()),
        k=k,
        precision_at_k=precision_at(scores, labels, k),
        auc=auc(scores, labels),
        average_precision=average_precision(scores, labels),
        brier=brier(probabilities, labels),
        log_loss=log_loss(probabilities, labels),
        ece=calibration_error(probabilities, labels),
    )


def bootstrap_error(statistic: Callable[[NDArray[np.int64]], float], rows: int, seed: int, draws: int = 50) -> float:
    """The standard deviation of `statistic` over `draws` resamples of the row numbers 0..rows-1."""
    generator = np.random.default_rng(seed)
    values = np.array([statistic(generator.integers(0, rows, rows)) for _ in range(draws)])
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else float("nan")
