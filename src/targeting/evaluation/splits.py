"""Forward splits: which windows are tested, and what each may be trained on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from targeting.domain import AsOf, Quarter
from targeting.modelling.columns import days, numbers
from targeting.modelling.specification import Specification
from targeting.modelling.training import row_weights, trainable

__all__ = ["Split", "forward_splits", "matured_windows"]


@dataclass(frozen=True)
class Split:
    """A test window that begins with `quarter`: row numbers trained on (labels known before it) and tested on.

    `weight` is what the window counts for beside others: its test rows, each by what the law changes since leave of it.
    """

    quarter: Quarter
    train: np.ndarray
    test: np.ndarray
    weight: float


def matured_windows(specification: Specification, until: AsOf) -> tuple[tuple[Quarter, Quarter], ...]:
    """The last matured windows as (first, last) quarter: their labels have had time to become known before `until`."""
    span = specification.splits.span
    ripe = until.day - timedelta(days=specification.label.maturation_days)
    end = Quarter.of(ripe).next(-1)
    latest = [end.next(-back * span) for back in range(specification.splits.number)]
    windows = [(last.next(1 - span), last) for last in reversed(latest)]
    return tuple(window for window in windows if window[0] >= specification.splits.first_test)


def forward_splits(frame: pd.DataFrame, specification: Specification, until: AsOf) -> tuple[Split, ...]:
    """The splits that hold enough rows of both kinds; every candidate is fitted and tested on these same rows.

    None at all where the test rows of all of them hold too few of the rarer label: a handful of breaches puts the
    candidates in an order by luck.
    """
    labels = numbers(frame, "label")
    possible = [_split(frame, specification, window, until.day) for window in matured_windows(specification, until)]
    usable = tuple(split for split in possible if _usable(split, labels, specification))
    tested = np.concatenate([np.zeros(0), *(labels[split.test] for split in usable)])
    return usable if _both(tested, specification) else ()


def _split(frame: pd.DataFrame, specification: Specification, window: tuple[Quarter, Quarter], until: date) -> Split:
    first, last = window
    occurred, known = days(frame, "occurred_on"), days(frame, "label_known_on")
    begins, ends = np.datetime64(first.first_day), np.datetime64(last.next().first_day)
    tested = np.flatnonzero((occurred >= begins) & (occurred < ends) & (known < np.datetime64(until)))
    train = np.flatnonzero(trainable(frame, specification, first.first_day))
    return Split(first, train, tested, float(row_weights(frame.iloc[tested], specification).sum()))


def _usable(split: Split, labels: np.ndarray, specification: Specification) -> bool:
    gates = specification.gates
    enough = len(split.train) >= gates.min_rows and len(split.test) >= gates.min_test_rows
    return _both(labels[split.train], specification) and enough and split.weight > 0.0


def _both(labels: np.ndarray, specification: Specification) -> bool:
    return bool(min(labels.sum(), len(labels) - labels.sum()) >= specification.gates.min_breaches)
