"""Measuring a cohort a partition at a time: what was counted over the reference's bins, and a sample for a new one.

A `Measured` is small, can be sent between processes, and sums of partitions are the same in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.util import hash_array

from targeting.domain import BadInputError, Target
from targeting.features import Feature
from targeting.watching.histograms import SCORE, Histogram, added, bins_of, counted, with_reach

__all__ = ["Measured", "histograms_of", "measure", "merged_by_target"]

_SAMPLE: Final = 5_000
"""Rows that bins and reference shares come from: chance moves a PSI of ten bins by 9/5000."""

_SLACK: Final = 4
_KEY: Final = "watching-a-sample"[:16]
_PLACE: Final = "_place"


@dataclass(frozen=True)
class Measured:
    """One target's rows so far: how many, their counts over the reference's bins, and a sample of them.

    `sample` holds the features (and scores) of the rows whose numbers hash lowest, with the hash in `_place`.
    """

    rows: int
    counts: Mapping[str, Histogram]
    sample: pd.DataFrame
    features: tuple[Feature, ...]


def measure(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    reference: Mapping[str, Histogram] | None,
    scores: NDArray[np.float64] | None = None,
    *,
    partitions: int = 1,
) -> Measured:
    """Measure one of `partitions`: `frame` as a scoring matrix has it, `scores` (if known) in its rows' order.

    `reference` are the pinned histograms of the target; without them only the sample is taken. A partition keeps four
    times its share of the sample, so that all of them together stay small; the sample is that of the whole country as
    long as no partition has more than four times its share of the rows.
    """
    columns = [feature.name for feature in features]
    rows = frame[columns] if scores is None else frame[columns].assign(**{SCORE: _aligned(scores, len(frame))})
    most = min(_SAMPLE, -(-_SLACK * _SAMPLE // partitions))
    sample = _lowest(rows.assign(**{_PLACE: _places(frame)}), most)
    return Measured(len(frame), counted(rows, reference) if reference else {}, sample, tuple(features))


def merged_by_target(parts: Iterable[Mapping[Target, Measured]]) -> dict[Target, Measured]:
    """Each target's whole, of partitions that are taken one by one and may hold several targets each."""
    whole: dict[Target, Measured] = {}
    for part in parts:
        whole |= {target: _both(whole[target], one) if target in whole else one for target, one in part.items()}
    return whole


def _both(one: Measured, other: Measured) -> Measured:
    names = sorted(one.counts.keys() & other.counts.keys())
    sample = _lowest(pd.concat([one.sample, other.sample]), _SAMPLE)
    counts = {name: added((one.counts[name], other.counts[name])) for name in names}
    return Measured(one.rows + other.rows, counts, sample, one.features)


def histograms_of(measured: Measured) -> dict[str, Histogram]:
    """What a reference keeps: bins from the sample, and the sample counted over them by the one counter there is."""
    sample = measured.sample.drop(columns=_PLACE)
    made = counted(sample, bins_of(sample, measured.features))
    return {name: with_reach(one, sample[name]) for name, one in made.items()}


def _aligned(scores: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    if len(scores) != rows:
        raise BadInputError(expected=f"{rows} scores", got=str(len(scores)), where="drift", do="give one score a row")
    return scores


def _places(frame: pd.DataFrame) -> NDArray[np.uint64]:
    numbers = frame["establishment"].to_numpy(dtype=object)
    return np.asarray(hash_array(numbers, hash_key=_KEY), dtype=np.uint64)


def _lowest(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    ordered: pd.DataFrame = rows.sort_values(_PLACE, kind="stable", ignore_index=True)
    return ordered.head(most)
