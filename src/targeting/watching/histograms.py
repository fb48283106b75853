"""Histograms whose bins are fixed when the reference is made, counted a partition at a time and added up.

A number falls into quantile bins of the reference, a category into its own bin or, where it was rare or is new, into
the pooled one; nulls are a bin of their own. Bins come from a sample of the rows chosen by a hash of the
establishment's number, so they do not depend on how the country was cut into partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from targeting.domain import BadInputError
from targeting.features import Feature, FeatureKind

__all__ = ["RARE", "SCORE", "Histogram", "added", "bins_of", "counted", "with_reach"]

SCORE: Final = "score"
"""The name of the column that holds published scores."""

RARE: Final = "…"
"""The pooled bin of categories: rare when the reference was made, or unknown to it."""

_BINS: Final = 10
_NO_MOVE: Final = 0.1
_NO_RELATIVE_MOVE: Final = 0.01
_SPREADS_BETWEEN: Final = 2.563
"""The first and the ninth decile of a normal distribution are so many standard deviations apart."""

_LEAST_SHARE: Final = 0.01
_MOST_CATEGORIES: Final = 40


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts over bins, then `nulls`. Numbers have `edges`, categories have `values`, never both.

    Bin i of a number holds what is above edge i-1 and at most edge i; the first is open below, the last above. Of a
    category, bin i holds `values[i]`, and the last one everything else.

    `reach` is by how much values may move without that being drift: a tenth of a standard deviation (by deciles), or a
    hundredth of the median. A reference also holds `low` and `high`, the rows up to each edge less and plus the reach,
    and of measured quantities `distinct`: how many values there were (0: not asked). A rate of an industry is shared by
    all of its rows: they are one observation, not many.
    """

    edges: tuple[float, ...]
    values: tuple[str, ...]
    counts: tuple[int, ...]
    nulls: int
    reach: float = 0.0
    low: tuple[int, ...] = ()
    high: tuple[int, ...] = ()
    distinct: int = 0

    @property
    def categorical(self) -> bool:
        """Whether the bins are values."""
        return bool(self.values)

    @property
    def rows(self) -> int:
        """Everything that was counted, nulls too."""
        return sum(self.counts) + self.nulls

    @property
    def every(self) -> tuple[int, ...]:
        """The counts with the nulls as one more bin."""
        return (*self.counts, self.nulls)

    @property
    def names(self) -> tuple[str, ...]:
        """What each bin of `counts` holds, in words that need no language."""
        if self.categorical:
            return self.values
        ends = [f"{edge:g}" for edge in self.edges]
        if not ends:
            return ("*",)
        return (f"≤ {ends[0]}", *(f"≤ {end}" for end in ends[1:]), f"> {ends[-1]}")

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Histogram:
        """What `to_dict` gave; raises `KeyError` or `TypeError` for anything else."""
        listed: dict[str, Any] = {name: tuple(raw[name]) for name in ("edges", "values", "counts", "low", "high")}
        return cls(**(dict(raw) | listed))


def bins_of(sample: pd.DataFrame, features: Sequence[Feature]) -> dict[str, Histogram]:
    """Empty histograms for every feature and, where the sample has them, the scores."""
    kinds = {feature.name: feature.kind for feature in features}
    if SCORE in sample:
        kinds[SCORE] = FeatureKind.REAL
    return {
        name: _values_of(sample[name]) if kind is FeatureKind.CATEGORY else _edges_of(sample[name], kind)
        for name, kind in sorted(kinds.items())
    }


def counted(frame: pd.DataFrame, bins: Mapping[str, Histogram]) -> dict[str, Histogram]:
    """The rows of `frame` over `bins`, whose own counts are not looked at, without columns that the frame lacks."""
    return {name: _counted(frame[name], one) for name, one in bins.items() if name in frame}


def with_reach(histogram: Histogram, column: pd.Series[Any]) -> Histogram:
    """`histogram` of a reference, with the rows of `column` up to each edge less and plus the reach."""
    values = np.sort(column.dropna().to_numpy(dtype=np.float64)) if histogram.edges else np.zeros(0)
    low, high = (
        np.searchsorted(values, np.asarray(histogram.edges) + sign * histogram.reach, side="right") for sign in (-1, 1)
    )
    return replace(histogram, low=tuple(map(int, low)), high=tuple(map(int, high)))


def added(parts: Iterable[Histogram]) -> Histogram:
    """The sum of histograms over the same bins; raises `BadInputError` when their bins differ, or there is none."""
    every = list(parts)
    if not every or any((one.edges, one.values) != (every[0].edges, every[0].values) for one in every):
        raise BadInputError(
            expected="histograms over the same bins",
            got="other bins, or none",
            where="drift",
            do="count every partition over the bins of one reference",
        )
    counts = np.sum([one.counts for one in every], axis=0)
    return replace(every[0], counts=tuple(map(int, counts)), nulls=sum(one.nulls for one in every))


def _edges_of(column: pd.Series[Any], kind: FeatureKind) -> Histogram:
    """Inner edges at the deciles, or on both sides of a value that is several deciles at once.

    An edge at a shared value could not tell a small move of it from a large one: the reach takes in all of its rows.
    """
    values = column.dropna().to_numpy(dtype=np.float64)
    if not len(values):
        return Histogram((), (), (0,), 0)
    # "lower": an edge is a value that occurs, so that rounding puts no value on both sides of itself.
    deciles = np.quantile(values, np.linspace(0, 1, _BINS + 1), method="lower")
    spread = (deciles[-2] - deciles[1]) / _SPREADS_BETWEEN or float(values.std())
    reach = round(max(_NO_MOVE * spread, _NO_RELATIVE_MOVE * abs(float(deciles[_BINS // 2]))), 12)
    places, times = np.unique(deciles[1:-1], return_counts=True)
    single = [float(place) for place in places[times == 1] if place < values.max()]
    shared = [float(place) + side * 2 * reach for place in places[times > 1] for side in (-1, 1)]
    edges = tuple(sorted({*single, *shared})) or (float(values.max()),)
    distinct = len(np.unique(values)) if kind is FeatureKind.REAL else 0
    return Histogram(edges, (), (0,) * (len(edges) + 1), 0, reach=reach, distinct=distinct)


def _values_of(column: pd.Series[Any]) -> Histogram:
    shares = column.dropna().value_counts(normalize=True)
    common = shares[shares >= _LEAST_SHARE].head(_MOST_CATEGORIES)
    values = (*sorted(str(value) for value in common.index), RARE)
    return Histogram((), values, (0,) * len(values), 0)


def _counted(column: pd.Series[Any], bins: Histogram) -> Histogram:
    known = column.dropna()
    if bins.categorical:
        places = pd.Index(bins.values[:-1]).get_indexer(pd.Index(known.astype(str)))
        places = np.where(places < 0, len(bins.values) - 1, places)
    else:
        places = np.searchsorted(np.asarray(bins.edges), known.to_numpy(dtype=np.float64), side="left")
    counts = np.bincount(places, minlength=len(bins.counts))
    return replace(bins, counts=tuple(map(int, counts)), nulls=len(column) - len(known), low=(), high=())
