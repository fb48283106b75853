"""The forward backtest: every candidate, every split, the rows it would have ranked and what was found there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import AsOf
from targeting.evaluation.metrics import (
    Metrics,
    auc,
    bootstrap_error,
    calibration_error,
    capacity_in,
    measure,
    precision_at,
)
from targeting.evaluation.splits import Split, forward_splits
from targeting.features.family import Feature
from targeting.modelling.calibration import fit_calibrator
from targeting.modelling.columns import Reals, days, numbers
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates

__all__ = ["Backtest", "Forward", "Summary", "backtest"]

Track = Callable[[Sequence[Split]], Iterable[Split]]


class Forward(NamedTuple):
    """A candidate on one split's test rows: log-odds as ranked by, log-odds and probability as actually inspected.

    The probability is calibrated as it would have been then: on earlier windows' labels known before this one.
    """

    ranked: Reals
    inspected: Reals
    probability: Reals


class Summary(NamedTuple):
    """A candidate over all splits: means by their weights, bootstrap standard errors; the ECE is pooled."""

    metrics: Metrics
    precision_error: float
    auc_error: float


@dataclass(frozen=True)
class Backtest:
    """The splits, the labels of their test rows, and each candidate's forward log-odds and metrics per split."""

    splits: tuple[Split, ...]
    labels: tuple[Reals, ...]
    forward: Mapping[str, tuple[Forward, ...]]
    metrics: Mapping[str, tuple[Metrics, ...]]
    summaries: Mapping[str, Summary]

    def held_out(self, candidate: str) -> tuple[Reals, Reals]:
        """All (log-odds as inspected, label) pairs of a candidate: what its calibrator learns from."""
        if not self.splits:
            return np.zeros(0), np.zeros(0)
        return np.concatenate([part.inspected for part in self.forward[candidate]]), np.concatenate(self.labels)


def backtest(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    specification: Specification,
    until: AsOf,
    *,
    splits: tuple[Split, ...] | None = None,
    track: Track = iter,
    threads: int = 1,
) -> Backtest:
    """Train before each test quarter, rank it, and count. Needs the columns that `fit_candidates` needs.

    `splits` replaces the specification's own quarters, for data that do not come in quarters.
    """
    if splits is None:
        splits = forward_splits(frame, specification, until)
    parts = [_forward(frame, features, specification, split, threads) for split in track(splits)]
    raw = {one.name: tuple(part[one.name] for part in parts) for one in specification.candidates}
    labels = tuple(numbers(frame, "label")[split.test] for split in splits)
    known = days(frame, "label_known_on")
    forward = {name: _calibrated(own, splits, labels, known) for name, own in raw.items()}
    metrics = {name: _measured(own, labels, specification) for name, own in forward.items()}
    summaries = {
        name: _summary(forward[name], splits, labels, metrics[name], specification) for name in forward if splits
    }
    return Backtest(splits, labels, forward, metrics, summaries)


def _forward(
    frame: pd.DataFrame, features: Sequence[Feature], specification: Specification, split: Split, threads: int
) -> Mapping[str, tuple[Reals, Reals]]:
    """Per candidate the log-odds of the test rows, as ranked by and as inspected."""
    models = fit_candidates(specification, frame.iloc[split.train], features, threads=threads)
    tested = frame.iloc[split.test]
    ranked = {name: model.log_odds(tested, threads=threads) for name, model in models.items()}
    return {name: (ranked[name], ranked[name] + model.assignment(tested)) for name, model in models.items()}


def _calibrated(
    raw: Sequence[tuple[Reals, Reals]], splits: Sequence[Split], labels: Sequence[Reals], known: np.ndarray
) -> tuple[Forward, ...]:
    done = []
    for place, split in enumerate(splits):
        begins = np.datetime64(split.quarter.first_day)
        ripe = [known[earlier.test] < begins for earlier in splits[:place]]
        seen = [inspected[keep] for (_, inspected), keep in zip(raw, ripe, strict=False)]
        found = [own[keep] for own, keep in zip(labels, ripe, strict=False)]
        calibrator = fit_calibrator(np.concatenate([np.zeros(0), *seen]), np.concatenate([np.zeros(0), *found]))
        done.append(Forward(*raw[place], calibrator.probability(raw[place][1])))
    return tuple(done)


def _measured(forward: Sequence[Forward], labels: Sequence[Reals], specification: Specification) -> tuple[Metrics, ...]:
    return tuple(
        measure(part.ranked, part.probability, own, capacity_in(len(own), specification.capacity))
        for part, own in zip(forward, labels, strict=True)
    )


def _summary(
    forward: Sequence[Forward],
    splits: Sequence[Split],
    labels: Sequence[Reals],
    metrics: Sequence[Metrics],
    specification: Specification,
) -> Summary:
    weights = np.array([split.weight for split in splits], dtype=np.float64)
    means = {name: _mean([getattr(one, name) for one in metrics], weights) for name in Metrics._fields[3:]}
    means["base_rate"] = _mean([one.base_rate for one in metrics], weights)
    # Pooled, because the error of one small quarter is mostly chance; the later half, because the first quarters had
    # no earlier ones to be calibrated on.
    later = slice(len(metrics) // 2, None)
    means["ece"] = calibration_error(
        np.concatenate([part.probability for part in forward[later]]), np.concatenate(labels[later])
    )
    pooled = Metrics(
        rows=sum(one.rows for one in metrics), k=round(float(np.mean([one.k for one in metrics]))), **means
    )
    errors = [
        _split_errors(part.ranked, own, one, specification.seed)
        for part, own, one in zip(forward, labels, metrics, strict=True)
    ]
    shares = weights / weights.sum()
    precision, area = (float(np.sqrt(((shares * np.array(column)) ** 2).sum())) for column in zip(*errors, strict=True))
    return Summary(pooled, precision, area)


def _split_errors(scores: Reals, labels: Reals, metrics: Metrics, seed: int) -> tuple[float, float]:
    def precision(rows: np.ndarray) -> float:
        return precision_at(scores[rows], labels[rows], metrics.k)

    def area(rows: np.ndarray) -> float:
        return auc(scores[rows], labels[rows])

    return bootstrap_error(precision, len(labels), seed), bootstrap_error(area, len(labels), seed)


def _mean(values: Sequence[float], weights: Reals) -> float:
    array = np.array(values, dtype=np.float64)
    kept = ~np.isnan(array)
    return float(np.average(array[kept], weights=weights[kept])) if kept.any() else float("nan")
