"""Dated entries of many keys, asked for what was known strictly before a day.

Every answer depends on the asked key's own earlier entries only, to the last bit: running sums are taken over values
rounded to a binary fraction, so that other keys' entries cancel exactly, and decayed sums run within each key.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.evaluation.open_format.cells import ALWAYS, Days
from targeting.modelling.columns import Reals

__all__ = ["Asked", "Keys", "Ledger", "Sums", "ledger_of"]

Keys = NDArray[np.int64]

_SPAN: Final = 1 << 22  # more days than lie between the first and the last possible one
_GRAIN: Final = float(1 << 16)


class Asked(NamedTuple):
    """What is asked: one key and one day a row; the answer is as of the start of that day."""

    keys: Keys
    days: Days


class Sums(NamedTuple):
    """How many entries, and the sum of their values."""

    number: Reals
    total: Reals


@dataclass(frozen=True)
class Ledger:
    """Entries ordered by key, then day, then as given. `sums[i]` is the sum of the first i values, all keys."""

    places: NDArray[np.int64]
    starts: NDArray[np.int64]
    days: Days
    values: Reals
    sums: Reals

    def sums_before(self, asked: Asked, within: int | None = None) -> Sums:
        """Over the entries before each row's day; with `within`, those of the last so many days."""
        low, high = self._span(asked)
        if within is not None:
            recent = _place(asked.keys, np.maximum(asked.days - within, ALWAYS))
            low = np.maximum(low, np.searchsorted(self.places, recent, "left"))
        return self._sums(low, high)

    def sums_of_last(self, asked: Asked, number: int) -> Sums:
        """Over the last `number` entries before each row's day."""
        low, high = self._span(asked)
        return self._sums(np.maximum(low, high - number), high)

    def value_of_last(self, asked: Asked, back: int = 1) -> Reals:
        """The value of the `back`-th entry before the day, counted backwards; NaN when there is none."""
        return self._of_last(self.values, asked, back)

    def days_since_last(self, asked: Asked, back: int = 1) -> Reals:
        """Days from the `back`-th last entry to the row's day; NaN when there is none."""
        return asked.days - self._of_last(self.days.astype(np.float64), asked, back)

    def days_since_first(self, asked: Asked) -> Reals:
        """Days from the key's first entry to the row's day; NaN when none is before it."""
        low, high = self._span(asked)
        first = np.append(self.days, 0)[low]
        return np.where(high > low, asked.days - first, np.nan)

    def decayed(self, asked: Asked, half_life: float) -> Sums:
        """Entries counted and summed with weights that halve every `half_life` days before the row's day."""
        low, high = self._span(asked)
        count, total = self._running(half_life)
        last = np.maximum(high - 1, 0)
        days = np.append(self.days, 0)[last]
        fade = np.where(high > low, np.exp2(-(asked.days - days) / half_life), 0.0)
        return Sums(np.append(count, 0.0)[last] * fade, np.append(total, 0.0)[last] * fade)

    def _running(self, half_life: float) -> Sums:
        """At each entry: the decayed count and sum of its key's entries up to it. One pass a rank within the key."""
        count, total = np.ones(len(self.days)), self.values.copy()
        rank = np.arange(len(self.days)) - self.starts
        order = np.argsort(rank, kind="stable")
        bounds = np.searchsorted(rank[order], np.arange(1, int(rank.max(initial=0)) + 2))
        for begin, end in pairwise(bounds.tolist()):
            own = order[begin:end]
            fade = np.exp2(-(self.days[own] - self.days[own - 1]) / half_life)
            count[own] += count[own - 1] * fade
            total[own] += total[own - 1] * fade
        return Sums(count, total)

    def _of_last(self, column: Reals, asked: Asked, back: int) -> Reals:
        low, high = self._span(asked)
        there = high - back >= low
        return np.where(there, np.append(column, 0.0)[np.where(there, high - back, 0)], np.nan)

    def _span(self, asked: Asked) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        low = np.searchsorted(self.places, _place(asked.keys, np.full(len(asked.keys), ALWAYS)), "left")
        return low, np.searchsorted(self.places, _place(asked.keys, asked.days), "left")

    def _sums(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> Sums:
        return Sums((high - low).astype(np.float64), self.sums[high] - self.sums[low])


def ledger_of(keys: Keys, days: Days, values: Reals) -> Ledger:
    """A ledger of entries, each known on its day.

    >>> ledger = ledger_of(np.array([7, 7]), np.array([10, 20]), np.array([1.0, 3.0]))
    >>> ledger.sums_before(Asked(np.array([7, 7, 8]), np.array([20, 21, 99]))).total.tolist()
    [1.0, 4.0, 0.0]
    """
    places = _place(keys, days)
    order = np.argsort(places, kind="stable")
    sorted_keys = keys[order]
    starts = np.searchsorted(sorted_keys, sorted_keys, "left")
    kept = values[order]
    sums = np.concatenate([[0.0], np.cumsum(np.round(kept * _GRAIN) / _GRAIN)])
    return Ledger(places[order], starts, days[order], kept, sums)


def _place(keys: Keys, days: Days) -> NDArray[np.int64]:
    return np.asarray(keys.astype(np.int64) * _SPAN + (days - ALWAYS))
