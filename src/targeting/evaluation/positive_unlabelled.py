"""What if inspections miss breaches: the figures and the list when only a part of what is present is found.

For work crime and unlawful hiring "found" is a lower bound. Let c be the chance that a breach that is present is found,
the same wherever it is (nothing in the labels can tell c, nor whether it varies: this is a sensitivity, no estimate).
Then the chance that it is present is the chance that it is found over c, and an inspection that found nothing still
hid a breach with probability (1 - c) / c times the odds of finding one. The list is learned again with such labels:
each "nothing found" turns into a breach with that probability, a few times over, and the log-odds are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import BadInputError
from targeting.evaluation.weighting import Estimate, top_membership
from targeting.features.family import Feature
from targeting.modelling.calibration import probability_of
from targeting.modelling.columns import Reals, numbers
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates

__all__ = ["FOUND_GIVEN_PRESENT", "Sensitivity", "hidden_breach", "scaled", "sensitivity"]

FOUND_GIVEN_PRESENT: Final = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""From "everything is found" to "every second breach is missed"."""

_DRAWS: Final = 3


class Sensitivity(NamedTuple):
    """The figures if a share `found_given_present` of what is present is found; `overlap`: Jaccard with the list at 1.

    `capped`: the found alone would already be more than everybody, so c cannot be as small as this. `overlap` is NaN
    where every inspection would hold a breach: such labels teach nothing.
    """

    found_given_present: float
    prevalence: Estimate | None
    precision_at_k: Estimate | None
    overlap: float
    capped: bool

    def to_dict(self) -> dict[str, Any]:
        """By name, for JSON."""
        told = {name: one and one._asdict() for name, one in (("prevalence", self[1]), ("precision_at_k", self[2]))}
        return {**self._asdict(), **told}


def hidden_breach(found: Reals, found_given_present: float) -> Reals:
    """The chance that a breach is present where none was found, `found` being the chance that one would be.

    >>> hidden_breach(np.array([0.2, 0.45]), 0.5).round(3).tolist()
    [0.25, 0.818]
    """
    c = found_given_present
    if not 0.0 < c <= 1.0:
        raise BadInputError(expected="a chance above 0 and at most 1", got=str(c), where="found given present")
    kept = np.minimum(found, c * (1.0 - 1e-9))
    return np.asarray(kept * (1.0 - c) / (c * (1.0 - kept)))


def scaled(estimate: Estimate | None, found_given_present: float) -> Estimate | None:
    """An estimate of what is found as one of what is present, never above everybody."""
    if estimate is None:
        return None
    ends = {name: min(1.0, getattr(estimate, name) / found_given_present) for name in ("value", "low", "high")}
    return estimate._replace(**ends)


def sensitivity(
    specification: Specification,
    candidate: str,
    training: pd.DataFrame,
    features: Sequence[Feature],
    cohort: pd.DataFrame,
    prevalence: Estimate | None,
    precision_at_k: Estimate | None,
    *,
    steps: Sequence[float] = FOUND_GIVEN_PRESENT,
    threads: int = 1,
) -> tuple[Sensitivity, ...]:
    """How prevalence, precision at k and the list of `cohort` (one quarter's scoring rows) move with c.

    `prevalence` and `precision_at_k` are those of what is found, from `three_columns`. Costs three fits a step below 1.
    A rule that learns nothing from labels gives the same list throughout.
    """
    wanted = replace(specification, candidates=_up_to(specification, candidate))
    k = min(specification.capacity, len(cohort))
    model = fit_candidates(wanted, training, features, threads=threads)[candidate]
    found = probability_of(model.log_odds(training, threads=threads))
    first = top_membership(model.log_odds(cohort, threads=threads), k, np.ones(len(cohort)))
    rows = []
    for c in steps:
        scores = _relearned(wanted, candidate, training, features, cohort, hidden_breach(found, c), threads)
        again = None if scores is None else top_membership(scores, k, np.ones(len(cohort)))
        overlap = float("nan") if again is None else _jaccard(first, again)
        capped = any(one is not None and one.value > c for one in (prevalence, precision_at_k))
        rows.append(Sensitivity(c, scaled(prevalence, c), scaled(precision_at_k, c), overlap, capped))
    return tuple(rows)


def _relearned(
    wanted: Specification,
    candidate: str,
    training: pd.DataFrame,
    features: Sequence[Feature],
    cohort: pd.DataFrame,
    hidden: Reals,
    threads: int,
) -> Reals | None:
    """The cohort's mean log-odds over draws of what the inspections did not find; null when that is a breach in all.

    The same numbers are drawn whatever `hidden` is, so that the steps differ by c and not by chance.
    """
    labels, random = numbers(training, "label"), np.random.default_rng(wanted.seed)
    draws = _DRAWS if hidden.any() else 1
    total = np.zeros(len(cohort))
    for _ in range(draws):
        present = np.where((labels == 0.0) & (random.random(len(labels)) < hidden), 1.0, labels)
        if present.all():
            return None
        told = training.assign(label=present)
        model = fit_candidates(wanted, told, features, threads=threads)[candidate]
        total = total + model.log_odds(cohort, threads=threads)
    return total / draws


def _up_to(specification: Specification, candidate: str) -> tuple[Any, ...]:
    names = [one.name for one in specification.candidates]
    return specification.candidates[: names.index(candidate) + 1]


def _jaccard(one: Reals, other: Reals) -> float:
    """Overlap of two lists whose ties at the cut are shared: common places over all places."""
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())
