"""The whole cohort in the test windows: what each candidate would have ranked, not only what somebody inspected.

A backtest knows the rows that were inspected. Here every member of the cohort on the first day of each test quarter is
ranked by the same models (fitted again on the same rows, so the labelled rows get the very same scores), and each
quarter's top k is a list as it would have been published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import Quarter, RefusedError
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.metrics import capacity_in
from targeting.evaluation.propensity import Propensity, fit_propensity, matured
from targeting.evaluation.splits import Split
from targeting.evaluation.weighting import clusters_of, top_membership
from targeting.matrix import Matrix
from targeting.modelling.calibration import Calibrator, fit_calibrator
from targeting.modelling.columns import Flags, Reals, days, numbers, texts
from targeting.modelling.model import Model
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates

__all__ = ["ForwardCohort", "Learn", "Ranked", "forward_cohort", "observation_quarters", "rank_cohort"]

_QUARTERS_BEFORE = 12
_SHARE_BEFORE = 0.2

Learn = Literal["before", "through"]
"""What propensities are learned from: the matured quarters "before" a window, as a planner could have known them, or
those "through" it too. Selection is no outcome, so the latter leaks no result; it knows that quarter's campaigns."""


@dataclass(frozen=True)
class ForwardCohort:
    """Every member of the cohort in every quarter of the test windows, one array entry a row of `frame`.

    `window` and `quarter` number the split and the quarter; `labels` and `severity` are NaN where nobody looked;
    `place` is the row's place among its split's test rows, -1 where unlabelled; `k` is each quarter's list's length;
    `propensity` is NaN in a window before which too few were labelled.
    """

    frame: pd.DataFrame
    window: np.ndarray
    quarter: np.ndarray
    sizes: Reals
    labels: Reals
    severity: Reals
    place: np.ndarray
    clusters: np.ndarray
    propensity: Reals
    k: tuple[int, ...]

    @property
    def labelled(self) -> Flags:
        """Which rows have a label."""
        return np.asarray(self.place >= 0)


class Ranked(NamedTuple):
    """A candidate on a forward cohort: log-odds as ranked by, how far each row is in its quarter's list, probability.

    The probability is that of the inspection as it was made, or of the reference assignment where nobody came; NaN in
    the earlier half of the windows, which have too few before them to be calibrated on.
    """

    scores: Reals
    membership: Reals
    probability: Reals


def observation_quarters(result: Backtest, specification: Specification, share: float = 1.0) -> dict[Quarter, float]:
    """The quarters an observation matrix must hold for `result`, with the share of uninspected members to keep.

    All test quarters with `share`, and the three years before the first with a fifth: enough for the propensities,
    and a fifth of the work. A `share` below 1 makes the cut of each list an estimate too.
    """
    if not result.splits:
        return {}
    span = specification.splits.span
    tested = {split.quarter.next(step): share for split in result.splits for step in range(span)}
    first = min(tested)
    return {first.next(-back): _SHARE_BEFORE for back in range(1, _QUARTERS_BEFORE + 1)} | tested


def forward_cohort(
    training: Matrix, observation: Matrix, result: Backtest, specification: Specification, *, learn: Learn = "before"
) -> ForwardCohort:
    """Put the observation rows of the test windows beside the backtest's test rows.

    Raises `RefusedError` when a test quarter has no observation rows, or a labelled row was not tested: the two
    matrices must be of one store, target and day.
    """
    frame = observation.frame
    window, quarter = _windows(frame, result.splits, specification.splits.span)
    _check_quarters(quarter, len(result.splits) * specification.splits.span)
    inside = window >= 0
    rows, window, quarter = frame.loc[inside].reset_index(drop=True), window[inside], quarter[inside]
    sizes = numbers(rows, "sampling_weight")
    counts = np.bincount(quarter, weights=sizes)
    return ForwardCohort(
        frame=rows,
        window=window,
        quarter=quarter,
        sizes=sizes,
        labels=numbers(rows, "label"),
        severity=numbers(rows, "severity"),
        place=_places(rows, training.frame, window, result.splits),
        clusters=clusters_of(texts(rows, "enterprise")),
        propensity=_propensities(observation, rows, window, result.splits, specification, learn),
        k=tuple(capacity_in(int(count), specification.capacity) for count in counts.tolist()),
    )


def rank_cohort(
    training: Matrix,
    cohort: ForwardCohort,
    result: Backtest,
    specification: Specification,
    names: Sequence[str],
    *,
    threads: int = 1,
) -> dict[str, Ranked]:
    """What each of the candidates `names` would have listed, each window by a model fitted on its training rows."""
    scores = {name: np.full(len(cohort.frame), np.nan) for name in names}
    wanted = _up_to_last(specification, names)
    for number, split in enumerate(result.splits):
        models = fit_candidates(wanted, training.frame.iloc[split.train], training.features, threads=threads)
        _score_window(scores, models, cohort, number, threads)
    known = days(training.frame, "label_known_on")
    return {
        name: Ranked(own, _memberships(own, cohort), _probabilities(own, cohort, result, name, known))
        for name, own in scores.items()
    }


def _windows(frame: pd.DataFrame, splits: Sequence[Split], span: int) -> tuple[np.ndarray, np.ndarray]:
    """The split and the quarter of each row, -1 outside the windows."""
    quarters = sorted({split.quarter.next(step) for split in splits for step in range(span)})
    window_of = {split.quarter.next(step): place for place, split in enumerate(splits) for step in range(span)}
    known = {
        day: (window_of.get(one, -1), quarters.index(one) if one in window_of else -1)
        for day in frame["as_of"].unique()
        for one in [Quarter.of(pd.Timestamp(day).date())]
    }
    pairs = np.array([known[day] for day in frame["as_of"]], dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _check_quarters(quarter: np.ndarray, wanted: int) -> None:
    present = len(set(quarter.tolist()) - {-1})
    if present < wanted:
        raise RefusedError(
            expected=f"observation rows in all {wanted} test quarters",
            got=f"rows in {present}",
            where="the observation matrix",
            do="ask for the quarters of `observation_quarters`",
        )


def _places(rows: pd.DataFrame, training: pd.DataFrame, window: np.ndarray, splits: Sequence[Split]) -> np.ndarray:
    tested = [texts(training.iloc[split.test], "inspection").tolist() for split in splits]
    place_of = {(number, name): place for number, names in enumerate(tested) for place, name in enumerate(names)}
    labelled = numbers(rows, "labelled") > 0.0
    names = texts(rows, "inspection").tolist()
    places = np.full(len(rows), -1, dtype=np.int64)
    for row in np.flatnonzero(labelled).tolist():
        if (found := place_of.get((int(window[row]), names[row]))) is None:
            raise RefusedError(
                expected="every labelled row of a test quarter among the backtest's test rows",
                got="one that was not tested",
                where=f"inspection {names[row]}",
                do="make both matrices from one store, for one target, known before one day",
            )
        places[row] = found
    return places


def _propensities(
    observation: Matrix,
    rows: pd.DataFrame,
    window: np.ndarray,
    splits: Sequence[Split],
    specification: Specification,
    learn: Learn,
) -> Reals:
    found = np.full(len(rows), np.nan)
    for number, split in enumerate(splits):
        own = rows.loc[window == number]
        model = _learned(observation, own, split, specification, learn)
        if model is not None:
            found[window == number] = model.of(own)
    return found


def _learned(
    observation: Matrix, own: pd.DataFrame, split: Split, specification: Specification, learn: Learn
) -> Propensity | None:
    """The propensity model of one window; null where too few were labelled before it."""
    first, seed = split.quarter.first_day, specification.seed
    earlier = observation.frame.loc[matured(observation.frame, first, specification.label.maturation_days)]
    try:
        if learn == "before":
            return fit_propensity(earlier, observation.features, seed, known_before=first)
        return fit_propensity(pd.concat([earlier, own], ignore_index=True), observation.features, seed)
    except RefusedError:
        return None


def _up_to_last(specification: Specification, names: Sequence[str]) -> Specification:
    """The specification up to the last of `names`: what comes before may lend a candidate its assignment effects."""
    last = max(place for place, one in enumerate(specification.candidates) if one.name in names)
    return replace(specification, candidates=specification.candidates[: last + 1])


def _score_window(
    scores: Mapping[str, Reals], models: Mapping[str, Model], cohort: ForwardCohort, number: int, threads: int
) -> None:
    inside = cohort.window == number
    rows = cohort.frame.loc[inside]
    for name, own in scores.items():
        own[inside] = models[name].log_odds(rows, threads=threads)


def _memberships(scores: Reals, cohort: ForwardCohort) -> Reals:
    found = np.zeros(len(scores))
    for number, k in enumerate(cohort.k):
        inside = cohort.quarter == number
        found[inside] = top_membership(scores[inside], k, cohort.sizes[inside])
    return found


def _probabilities(scores: Reals, cohort: ForwardCohort, result: Backtest, name: str, known: np.ndarray) -> Reals:
    found = np.full(len(scores), np.nan)
    for number in range(len(result.splits) // 2, len(result.splits)):
        inside = cohort.window == number
        found[inside] = _calibrator_before(result, name, number, known).probability(scores[inside])
        seen = inside & cohort.labelled
        found[seen] = result.forward[name][number].probability[cohort.place[seen]]
    return found


def _calibrator_before(result: Backtest, name: str, number: int, known: np.ndarray) -> Calibrator:
    """What the backtest calibrated this window with: earlier windows' labels known before it."""
    begins = np.datetime64(result.splits[number].quarter.first_day)
    ripe = [known[earlier.test] < begins for earlier in result.splits[:number]]
    seen = [part.inspected[keep] for part, keep in zip(result.forward[name], ripe, strict=False)]
    found = [own[keep] for own, keep in zip(result.labels, ripe, strict=False)]
    return fit_calibrator(np.concatenate([np.zeros(0), *seen]), np.concatenate([np.zeros(0), *found]))
