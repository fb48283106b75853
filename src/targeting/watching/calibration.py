"""Calibration as outcomes come in: what published runs expected of those inspected since, and what was found.

Among the inspected, who were chosen: it tells whether the probabilities of those inspected held, and is no prevalence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import binomtest

from targeting.domain import AsOf, Quarter, Target
from targeting.labels import labels_of
from targeting.parameters.watching import bounds
from targeting.published import PublishedRun, score_rows_of
from targeting.snapshots import Store

__all__ = ["Bin", "Calibration", "calibration_of"]

_ROWS_A_BIN: Final = 20
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Inspected establishments of like scores: how many, the mean expected, the share found."""

    rows: int
    expected: float
    found: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """One run and target: `rows` inspections of the run's quarter whose outcome is known now.

    `expected`, `found` (with its 95 % Wilson interval) and `ece` are shares; all null, and `bins` empty, below the
    least number of answers. `banded` says that the published scores are rates of bands.
    """

    run: str
    quarter: str
    target: Target
    banded: bool
    rows: int
    expected: float | None = None
    found: float | None = None
    low: float | None = None
    high: float | None = None
    ece: float | None = None
    bins: tuple[Bin, ...] = ()


def calibration_of(
    store: Store, runs: Sequence[Callable[[], PublishedRun]], now: AsOf, *, threads: int = 2
) -> tuple[Calibration, ...]:
    """Every run (opened one at a time) against the outcomes known before `now`, by quarter, run and target.

    An inspection belongs to the run in whose quarter it was made. A run of the future of `now` is left out.
    """
    if not runs:
        return ()
    labels = labels_of(store, list(Target), now, threads=threads)
    found = [one for open_run in runs for one in _of_run(open_run(), labels, now)]
    return tuple(sorted(found, key=lambda one: (one.quarter, one.run, one.target)))


def _of_run(run: PublishedRun, labels: dict[Target, pa.Table], now: AsOf) -> list[Calibration]:
    if run.about.as_of.day >= now.day:
        return []
    return [_of_target(run, target, labels[target], now) for target in sorted(run.about.targets)]


def _of_target(run: PublishedRun, target: Target, labels: pa.Table, now: AsOf) -> Calibration:
    until = Quarter.of(run.about.as_of.day).next().first_day
    made = _within(labels, run.about.as_of.day, until)
    outcome: dict[str, float] = {}
    for row in made.to_pylist():
        # The first inspection of the quarter is the one that the score was for.
        outcome.setdefault(row["establishment"], float(row["label"]))
    rows = score_rows_of(run, target, outcome.keys())
    about = Calibration(run.about.run, str(run.about.quarter), target, bool(run.about.targets[target].bands), len(rows))
    if len(rows) < bounds(now.day).least_answers:
        return about
    return _measured(about, rows, outcome)


def _within(labels: pa.Table, start: date, end: date) -> pa.Table:
    days = labels["occurred_on"]
    inside = pc.and_(pc.greater_equal(days, pa.scalar(start)), pc.less(days, pa.scalar(end)))
    return labels.filter(inside).select(["establishment", "label"])


def _measured(about: Calibration, rows: list[dict[str, Any]], outcome: dict[str, float]) -> Calibration:
    scores = np.array([row["score"] for row in rows])
    labels = np.array([outcome[row["establishment"]] for row in rows])
    interval = binomtest(int(labels.sum()), len(labels)).proportion_ci(method="wilson")
    bins = _bins(scores, labels)
    return Calibration(
        about.run,
        about.quarter,
        about.target,
        about.banded,
        about.rows,
        expected=round(float(scores.mean()), 6),
        found=round(float(labels.mean()), 6),
        low=round(float(interval.low), 6),
        high=round(float(interval.high), 6),
        ece=round(sum(one.rows * abs(one.expected - one.found) for one in bins) / len(rows), 6),
        bins=bins,
    )


def _bins(scores: NDArray[np.float64], labels: NDArray[np.float64]) -> tuple[Bin, ...]:
    """Groups of like size by score, none of fewer than twenty: smaller ones would measure chance."""
    wanted = min(_BINS, max(1, len(scores) // _ROWS_A_BIN))
    groups = np.array_split(np.argsort(scores, kind="stable"), wanted)
    return tuple(Bin(len(group), _mean(scores[group]), _mean(labels[group])) for group in groups)


def _mean(values: NDArray[np.float64]) -> float:
    return round(float(values.mean()), 6)
