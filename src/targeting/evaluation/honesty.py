"""Every metric in three columns: among the inspected, weighted to the whole cohort, and the worst and best it can be.

The first column is what a backtest can count; it speaks of those whom the Authority chose. The second lets each
labelled row speak for those like it who were not chosen, as far as the features tell (`propensity`). The third assumes
nothing. All three speak of the same lists: the top k of the whole cohort in each test quarter, which were never
inspected as lists; the labelled share of them stands beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np

from targeting.domain import Target
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.bounds import Bounds, labelled_share
from targeting.evaluation.forward_cohort import ForwardCohort, Learn, Ranked, forward_cohort, rank_cohort
from targeting.evaluation.positive_unlabelled import Sensitivity, sensitivity
from targeting.evaluation.propensity import Overlap, overlap
from targeting.evaluation.segments import SegmentCalibration, Segments, calibration_by_segment, segments_of
from targeting.evaluation.three_metrics import Columns, breaches_among, every_metric, severity_among, total
from targeting.evaluation.weighting import CLIP, stabilised_weights
from targeting.matrix import Matrix
from targeting.modelling.columns import Flags, Reals
from targeting.modelling.specification import Specification

__all__ = ["AreaYield", "CandidateColumns", "Honesty", "three_columns"]

_LEAST_LABELLED: Final = 5

_LOWER_BOUND: Final = (Target.UNLAWFUL_HIRING, Target.WORK_CRIME)
"""Targets of which an inspection sees only a part: what is found is less than what there is."""


class AreaYield(NamedTuple):
    """A priority area's part of the lists: places a quarter, labelled rows, and what they hold, a quarter."""

    area: str
    places: float
    labelled: int
    breaches: Columns
    severity: Columns


class CandidateColumns(NamedTuple):
    """One candidate: the labelled share of its lists, its metrics by name, its areas, its calibration by segment."""

    labelled_share: float
    labelled: int
    metrics: Mapping[str, Columns]
    areas: tuple[AreaYield, ...]
    segments: tuple[SegmentCalibration, ...]
    segments_weighted: tuple[SegmentCalibration, ...]


@dataclass(frozen=True)
class Honesty:
    """What can honestly be said of a target's forward lists. `cohort`: rows a quarter; `k`: places a quarter.

    `overlap` is that of the windows before which enough were labelled to learn who is inspected; the weighted column
    rests on these windows, and is null where there are none. `sensitivity` tells, for targets whose breaches are often
    missed, how the first candidate's figures would move.
    """

    target: Target
    quarters: int
    cohort: float
    k: float
    clip: float
    overlap: Overlap | None
    candidates: Mapping[str, CandidateColumns]
    sensitivity: tuple[Sensitivity, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; what is not known is null."""
        return {
            "target": self.target.value,
            "quarters": self.quarters,
            "cohort": self.cohort,
            "k": self.k,
            "clip": self.clip,
            "overlap": self.overlap and _plain(self.overlap),
            "candidates": {name: _plain(one) for name, one in self.candidates.items()},
            "sensitivity": [_plain(one) for one in self.sensitivity],
        }


def three_columns(
    training: Matrix,
    observation: Matrix,
    result: Backtest,
    specification: Specification,
    candidates: Sequence[str],
    *,
    areas_on: date,
    clip: float = CLIP,
    learn: Learn = "before",
    threads: int = 1,
) -> Honesty | None:
    """Everything at once for one target; null when nothing was tested.

    `observation` holds the quarters of `observation_quarters(result, specification)`; `training` is the matrix that
    `result` was made from. The first of `candidates` is the one to release. `areas_on` says which priority areas are
    meant. Costs one fit of the candidates a window.
    """
    if not result.splits:
        return None
    cohort = forward_cohort(training, observation, result, specification, learn=learn)
    weights, reach = _weights(cohort, clip)
    segments = segments_of(cohort.frame, areas_on)
    lists = rank_cohort(training, cohort, result, specification, candidates, threads=threads)
    columns = {
        name: _columns_of(cohort, ranked, weights, segments, specification.seed) for name, ranked in lists.items()
    }
    return Honesty(
        target=specification.target,
        quarters=len(cohort.k),
        cohort=float(cohort.sizes.sum()) / len(cohort.k),
        k=float(np.mean(cohort.k)),
        clip=clip,
        overlap=reach,
        candidates=columns,
        sensitivity=_sensitivity(training, cohort, result, specification, candidates[0], columns[candidates[0]]),
    )


def _weights(cohort: ForwardCohort, clip: float) -> tuple[Reals, Overlap | None]:
    """The weights of labelled rows (0 for all others) and how far they reach, where there are propensities."""
    known = ~np.isnan(cohort.propensity)
    weights = np.zeros(len(known))
    if not known.any():
        return weights, None
    chance, labelled, sizes = cohort.propensity[known], cohort.labelled[known], cohort.sizes[known]
    mean = float(np.average(chance, weights=sizes))
    weights[known] = np.where(labelled, stabilised_weights(chance, mean, clip), 0.0)
    return weights, overlap(chance, labelled.astype(np.float64), sizes, clip)


def _sensitivity(
    training: Matrix,
    cohort: ForwardCohort,
    result: Backtest,
    specification: Specification,
    candidate: str,
    columns: CandidateColumns,
) -> tuple[Sensitivity, ...]:
    """On the last test quarter, by a model of the last window's training rows."""
    if specification.target not in _LOWER_BOUND:
        return ()
    metrics = columns.metrics
    return sensitivity(
        specification,
        candidate,
        training.frame.iloc[result.splits[-1].train],
        training.features,
        cohort.frame.loc[cohort.quarter == len(cohort.k) - 1],
        metrics["prevalence"].weighted,
        metrics["precision_at_k"].weighted,
    )


def _columns_of(
    cohort: ForwardCohort, ranked: Ranked, weights: Reals, segments: Segments, seed: int
) -> CandidateColumns:
    seen = cohort.labelled
    judged = seen & ~np.isnan(ranked.probability)
    parts = {kind: {name: rows[judged] for name, rows in names.items()} for kind, names in segments.items()}
    probability, labels = ranked.probability[judged], cohort.labels[judged]
    return CandidateColumns(
        labelled_share=labelled_share(seen.astype(np.float64), ranked.membership * cohort.sizes),
        labelled=int((seen & (ranked.membership > 0.0)).sum()),
        metrics=every_metric(cohort, ranked, weights, seed),
        areas=tuple(_area(cohort, ranked, weights, *one) for one in segments["priority_area"].items()),
        segments=calibration_by_segment(parts, probability, labels, np.ones(len(labels))),
        segments_weighted=calibration_by_segment(parts, probability, labels, weights[judged]),
    )


def _area(cohort: ForwardCohort, ranked: Ranked, weights: Reals, area: str, rows: Flags) -> AreaYield:
    inside = ranked.membership * rows
    places = float((inside * cohort.sizes).sum()) / len(cohort.k)
    labelled = int((cohort.labelled & (inside > 0.0)).sum())
    if places == 0.0:
        nothing = Columns(None, None, Bounds(0.0, 0.0))
        return AreaYield(area, 0.0, 0, nothing, nothing)
    found = [breaches_among(cohort, weights, inside), severity_among(cohort, weights, inside)]
    if labelled < _LEAST_LABELLED:
        found = [Columns(None, None, one.bounds) for one in found]
    breaches, severity = (total(one, places) for one in found)
    return AreaYield(area, places, labelled, breaches, severity)


def _plain(value: Any) -> Any:
    """Named tuples as dictionaries, NaN as null."""
    if hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
