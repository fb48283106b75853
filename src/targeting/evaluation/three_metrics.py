"""The metrics themselves, each in three columns: among the inspected, weighted to the cohort, worst and best case."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from targeting.evaluation.bounds import Bounds, mean_bounds, recall_bounds, score_bounds
from targeting.evaluation.forward_cohort import ForwardCohort, Ranked
from targeting.evaluation.weighted_metrics import (
    clustered_interval,
    weighted_auc,
    weighted_average_precision,
    weighted_brier,
    weighted_calibration,
    weighted_calibration_error,
    weighted_log_loss,
)
from targeting.evaluation.weighting import Estimate, mean_of, ratio_of, share_of
from targeting.labels import SEVERITY
from targeting.modelling.columns import Flags, Reals

__all__ = ["Columns", "breaches_among", "every_metric", "severity_among", "total"]

_WORST_SEVERITY: Final = float(max(SEVERITY))

Metric = Callable[[Reals, Reals, Reals], float]


class Columns(NamedTuple):
    """One metric: among the inspected, inverse-propensity weighted, worst and best case; null where there is none."""

    inspected: Estimate | None
    weighted: Estimate | None
    bounds: Bounds | None


def every_metric(cohort: ForwardCohort, ranked: Ranked, weights: Reals, seed: int) -> dict[str, Columns]:
    """All metrics of one candidate by name. `weights`: those of labelled rows, 0 elsewhere.

    Prevalence is the whole cohort's, the figures at k those of the candidate's lists, `breaches_at_k` and
    `severity_at_k` totals a quarter; order and probabilities are judged on labelled rows.
    """
    places = float(np.mean(cohort.k))
    precision = breaches_among(cohort, weights, ranked.membership)
    return {
        "prevalence": breaches_among(cohort, weights, np.ones(len(weights))),
        "precision_at_k": precision,
        "recall_at_k": _recall(cohort, weights, ranked.membership),
        "breaches_at_k": total(precision, places),
        "severity_at_k": total(severity_among(cohort, weights, ranked.membership), places),
        **_order(cohort, ranked, weights, seed),
        **_probabilities(cohort, ranked, weights, seed),
    }


def breaches_among(cohort: ForwardCohort, weights: Reals, membership: Reals) -> Columns:
    """The share with a breach among the rows, each as far as it is a member."""
    known, seen = np.nan_to_num(cohort.labels), cohort.labelled
    return Columns(
        share_of(known, membership * seen, cohort.clusters),
        share_of(known, membership * weights, cohort.clusters),
        mean_bounds(_unknown(cohort.labels, seen), membership * cohort.sizes),
    )


def severity_among(cohort: ForwardCohort, weights: Reals, membership: Reals) -> Columns:
    """The mean severity (0-3) among the rows, each as far as it is a member."""
    known, seen = np.nan_to_num(cohort.severity), cohort.labelled
    return Columns(
        mean_of(known, membership * seen, cohort.clusters, _WORST_SEVERITY),
        mean_of(known, membership * weights, cohort.clusters, _WORST_SEVERITY),
        mean_bounds(_unknown(cohort.severity, seen), membership * cohort.sizes, _WORST_SEVERITY),
    )


def total(columns: Columns, places: float) -> Columns:
    """A mean over a list as a total over its places."""
    return Columns(
        _scaled(columns.inspected, places),
        _scaled(columns.weighted, places),
        columns.bounds and Bounds(columns.bounds.worst * places, columns.bounds.best * places),
    )


def _scaled(one: Estimate | None, places: float) -> Estimate | None:
    return one and one._replace(value=one.value * places, low=one.low * places, high=one.high * places)


def _unknown(outcome: Reals, seen: Flags) -> Reals:
    return np.where(seen, outcome, np.nan)


def _recall(cohort: ForwardCohort, weights: Reals, membership: Reals) -> Columns:
    """Share of all breaches that the lists hold, the denominator estimated as the column estimates it."""
    found = np.nan_to_num(cohort.labels)
    return Columns(
        ratio_of(found * membership * cohort.labelled, found * cohort.labelled, cohort.clusters),
        ratio_of(found * membership * weights, found * weights, cohort.clusters),
        recall_bounds(_unknown(cohort.labels, cohort.labelled), membership, cohort.sizes),
    )


def _order(cohort: ForwardCohort, ranked: Ranked, weights: Reals, seed: int) -> dict[str, Columns]:
    """AUC and average precision, window by window and averaged by labelled rows; any value is possible at worst."""
    seen = cohort.labelled
    by_window = partial(_by_window, ranked.scores[seen], cohort.labels[seen], cohort.window[seen])
    metrics: dict[str, Metric] = {"auc": weighted_auc, "average_precision": weighted_average_precision}
    return {
        name: _resampled(partial(by_window, metric), cohort, weights, seen, seed) for name, metric in metrics.items()
    }


def _by_window(scores: Reals, labels: Reals, window: np.ndarray, metric: Metric, weights: Reals) -> float:
    found, counts = [], []
    for number in np.unique(window):
        rows = window == number
        value = metric(scores[rows], labels[rows], weights[rows])
        if not np.isnan(value):
            found.append(value)
            counts.append(int(rows.sum()))
    return float(np.average(np.array(found), weights=np.array(counts))) if found else float("nan")


def _probabilities(cohort: ForwardCohort, ranked: Ranked, weights: Reals, seed: int) -> dict[str, Columns]:
    """How right the probabilities are, over the later windows, which had earlier ones to be calibrated on."""
    known = ~np.isnan(ranked.probability)
    judged = known & cohort.labelled
    if not judged.any():
        return {}
    given, labels = ranked.probability[judged], cohort.labels[judged]
    ends = partial(
        score_bounds, ranked.probability[known], _unknown(cohort.labels, cohort.labelled)[known], cohort.sizes[known]
    )
    metrics: dict[str, tuple[Metric, Bounds | None]] = {
        "brier": (weighted_brier, ends(logarithmic=False)),
        "log_loss": (weighted_log_loss, ends(logarithmic=True)),
        "ece": (weighted_calibration_error, None),
        "calibration_slope": (_slope, None),
    }
    return {
        name: _resampled(partial(metric, given, labels), cohort, weights, judged, seed, least)._replace(bounds=bounds)
        for name, (metric, bounds) in metrics.items()
        for least in (-np.inf if metric is _slope else 0.0,)
    }


def _resampled(
    statistic: Callable[[Reals], float],
    cohort: ForwardCohort,
    weights: Reals,
    rows: Flags,
    seed: int,
    least: float = 0.0,
) -> Columns:
    """`statistic` of row weights, on even and on inverse-propensity weights; no interval reaches below `least`."""
    clusters, own, count = cohort.clusters[rows], weights[rows], int(rows.sum())
    even = clustered_interval(statistic, clusters, count, seed)
    uneven = clustered_interval(lambda times: statistic(own * times), clusters, count, seed) if own.any() else None
    return Columns(_from(least, even), _from(least, uneven), None)


def _from(least: float, one: Estimate | None) -> Estimate | None:
    return one and one._replace(low=max(least, one.low))


def _slope(probabilities: Reals, labels: Reals, weights: Reals) -> float:
    if labels.min() == labels.max():
        return float("nan")
    return float(weighted_calibration(probabilities, labels, weights).coefficients[0])
