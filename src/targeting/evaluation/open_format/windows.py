"""Forward windows inside the training period, for data of any length and rhythm."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from targeting.domain import Quarter
from targeting.evaluation.splits import Split
from targeting.modelling.columns import days, numbers

__all__ = ["capacity_of_windows", "forward_windows"]

_LARGEST_SHARE: Final = 0.5
_FEW_ROWS: Final = 15_000
_MANY_ROWS: Final = 150_000
_MOST_TRAINING_ROWS: Final = 80_000
_LEAST_CAPACITY: Final = 10


def forward_windows(frame: pd.DataFrame, test_rows: int) -> tuple[Split, ...]:
    """The last windows of `frame` (training rows), each as long as the test period in rows, oldest first.

    Together they are at most the later half of the rows, cut at whole days; six of them, four or three where there
    are very many rows and each fit is dear. Each is trained on what was known before it began, evenly thinned to
    80 000 rows: enough to tell candidates apart. A window that lacks an outcome, in training or test, is left out.
    """
    number = 6 if len(frame) < _FEW_ROWS else 4 if len(frame) < _MANY_ROWS else 3
    length = max(min(test_rows, int(len(frame) * _LARGEST_SHARE / number)), 1)
    occurred, known = days(frame, "occurred_on"), days(frame, "label_known_on")
    ordered = np.sort(occurred)
    places = [max(len(ordered) - length * back, 0) for back in range(number, 0, -1)]
    begins = np.unique(ordered[places]) if len(ordered) else ordered
    ends = np.append(begins[1:], ordered[-1:] + 1)
    splits = [_window(occurred, known, begin, end) for begin, end in zip(begins, ends, strict=True)]
    labels = numbers(frame, "label")
    return tuple(split for split in splits if _both(labels[split.train]) and _both(labels[split.test]))


def capacity_of_windows(splits: tuple[Split, ...], k: int, test_rows: int) -> int:
    """The k that takes the same share of an average window as `k` takes of the test rows, at least ten."""
    if not splits:
        return k
    rows = float(np.mean([len(split.test) for split in splits]))
    return max(min(round(k * rows / max(test_rows, 1)), k), min(_LEAST_CAPACITY, k))


def _window(occurred: np.ndarray, known: np.ndarray, begin: np.datetime64, end: np.datetime64) -> Split:
    train, test = _thinned(np.flatnonzero(known < begin)), np.flatnonzero((occurred >= begin) & (occurred < end))
    # The quarter only names the window, and is a lower bound of the day on which it begins.
    return Split(Quarter.of(date.fromisoformat(str(begin))), train, test, float(len(test)))


def _thinned(rows: np.ndarray) -> np.ndarray:
    """At most `_MOST_TRAINING_ROWS` of them, evenly spread over time."""
    if len(rows) <= _MOST_TRAINING_ROWS:
        return rows
    return rows[np.linspace(0, len(rows) - 1, _MOST_TRAINING_ROWS).astype(np.int64)]


def _both(labels: np.ndarray) -> bool:
    return bool(0 < labels.sum() < len(labels))
