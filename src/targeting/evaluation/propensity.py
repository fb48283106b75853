"""Who is inspected, and about what: the chance of being labelled for a target, and how far the labelled can speak.

A label exists only where somebody came and asked about the matter. P(labelled | what was known on the quarter's first
day) is the chance of an inspection times the chance that it checks the target's control points, each by ridge logistic
regression on the features that serve the target and on the groups (industry, county, legal form), which decide who is
sent where. In two steps, because inspections of every topic teach the first. It is about the Authority, never about the
establishment: it ranks nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import Quarter, RefusedError
from targeting.evaluation.metrics import auc
from targeting.evaluation.weighting import CLIP, stabilised_weights
from targeting.features.family import Feature, FeatureKind
from targeting.matrix import GROUPS
from targeting.modelling.calibration import probability_of
from targeting.modelling.candidates import LogisticParameters
from targeting.modelling.columns import Flags, Reals, days, numbers
from targeting.modelling.linear import Logistic, fit_logistic

__all__ = ["Overlap", "Propensity", "fit_propensity", "matured", "overlap"]

_INSPECTED: Final = LogisticParameters(strength=1.0, nuisance=False)
"""Shrunken little: what the ridge takes from a propensity stays in the weighted figures as bias, while the noise it
would spare is small beside that of the few labelled rows. Measured by `benchmarks.selective_labels`."""

_CHECKED: Final = LogisticParameters(strength=0.02, nuisance=False)
"""The topic has fewer rows to be learned from, and hangs on little more than the industry: shrunken harder."""

_MOST_ROWS: Final = 60_000
_LEAST_LABELLED: Final = 30


@dataclass(frozen=True)
class Propensity:
    """The two steps, and the rows, inspections and labels they were learned from.

    `checked` is null where every inspection checked the target: the first step is then the whole.
    """

    inspected: Logistic
    checked: Logistic | None
    rows: int
    inspections: int
    labelled: int

    def of(self, frame: pd.DataFrame) -> Reals:
        """The chance of each row to be labelled, on its own as-of day."""
        came = probability_of(self.inspected.log_odds(frame))
        return came if self.checked is None else came * probability_of(self.checked.log_odds(frame))


class Overlap(NamedTuple):
    """How far the inspected can speak for the cohort, on the rows that are to be weighted.

    `expected` and `labelled`: labels the propensities expect and those there are. `under_floor`: share of the cohort
    whose propensity is below the mean over the clip, so that no weight lifts it to its full size. `effective`: rows of
    even weight that the labelled are worth. `largest`: the largest weight; `top_share`: share of all weight on the top
    1 % of rows; `clipped`: share of labelled rows that the clip cut. `auc`: how predictable it is who is labelled.
    """

    cohort: float
    labelled: int
    expected: float
    mean: float
    under_floor: float
    effective: float
    largest: float
    top_share: float
    clipped: float
    auc: float


def fit_propensity(
    observation: pd.DataFrame, features: Sequence[Feature], seed: int, *, known_before: date | None = None
) -> Propensity:
    """Learn from the rows of an observation matrix; with `known_before`, count only labels known by then.

    Uninspected rows beyond sixty thousand are thinned by a seeded draw, those left standing for the others. Raises
    `RefusedError` with fewer than thirty labelled rows, or when everybody was inspected.
    """
    came, labelled = numbers(observation, "inspected"), numbers(observation, "labelled")
    if known_before is not None:
        labelled = labelled * (days(observation, "label_known_on") < np.datetime64(known_before))
    if labelled.sum() < _LEAST_LABELLED or came.all():
        raise RefusedError(
            expected=f"at least {_LEAST_LABELLED} labelled rows, and uninspected ones",
            got=f"{int(labelled.sum())} of {len(observation)}",
            where=f"quarters known before {known_before or 'now'}",
            do="add earlier quarters to the observation matrix",
        )
    weights = numbers(observation, "sampling_weight") * _thinned(came, seed)
    kept, visited = weights > 0.0, came > 0.0
    read = [*(feature for feature in features if feature.name in observation), *_groups(features)]
    first = fit_logistic(observation.loc[kept], read, came[kept], weights[kept], _INSPECTED, ())
    checked = labelled[visited]
    topic = None
    if not checked.all():
        topic = fit_logistic(observation.loc[visited], read, checked, np.ones(len(checked)), _CHECKED, ())
    return Propensity(first, topic, int(kept.sum()), int(visited.sum()), int(labelled.sum()))


def matured(observation: pd.DataFrame, before: date, maturation_days: int) -> Flags:
    """Rows of quarters that ended long enough before `before` for their labels to be known by then."""
    quarters = {day: Quarter.of(pd.Timestamp(day).date()) for day in observation["as_of"].unique()}
    ripe = timedelta(days=maturation_days)
    done = {day for day, quarter in quarters.items() if quarter.next().first_day + ripe <= before}
    return np.asarray(observation["as_of"].isin(done).to_numpy(), dtype=np.bool_)


def overlap(propensity: Reals, labelled: Reals, sizes: Reals, clip: float = CLIP) -> Overlap:
    """The diagnostics of `propensity` on a cohort whose rows stand for `sizes` establishments each."""
    seen, mean = labelled > 0.0, float(np.average(propensity, weights=sizes))
    weights = stabilised_weights(propensity[seen], mean, clip)
    heaviest = np.sort(weights)[::-1][: max(1, round(len(weights) * 0.01))]
    total = float(weights.sum())
    return Overlap(
        cohort=float(sizes.sum()),
        labelled=int(seen.sum()),
        expected=float((propensity * sizes).sum()),
        mean=mean,
        under_floor=float(sizes[propensity < mean / clip].sum() / sizes.sum()),
        effective=float(total**2 / (weights**2).sum()) if total else 0.0,
        largest=float(weights.max(initial=0.0)),
        top_share=float(heaviest.sum() / total) if total else float("nan"),
        clipped=float((weights >= clip).mean()) if total else float("nan"),
        auc=auc(propensity, seen.astype(np.float64)),
    )


def _thinned(came: Reals, seed: int) -> Reals:
    """1 for every row, or 0 and more than 1 for uninspected rows where there are too many of them."""
    spare = max(1.0, float(_MOST_ROWS - came.sum()))
    share = min(1.0, spare / max(1.0, float((came == 0.0).sum())))
    if share == 1.0:
        return np.ones(len(came))
    kept = np.random.default_rng(seed).random(len(came)) < share
    return np.where(came > 0.0, 1.0, np.where(kept, 1.0 / share, 0.0))


def _groups(features: Sequence[Feature]) -> list[Feature]:
    """The groups as categories of this model alone, those that no family declares."""
    declared = {feature.name for feature in features}
    return [
        Feature(
            name=name,
            kind=FeatureKind.CATEGORY,
            unit="code",
            title_nb=name,
            title_en=name,
            phrase_nb="{value}",
            phrase_en="{value}",
            theme="assignment",
            source="the cohort",
            null="not known",
            legal_basis="none: it describes the Authority's own choices and ranks nobody",
            personal=False,
            monotone=0,
            targets=(),
        )
        for name in GROUPS
        if name not in declared
    ]
