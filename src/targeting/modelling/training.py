"""Fit every candidate of a specification on the rows whose labels were known, the same way in backtest and release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import BadInputError
from targeting.features.family import Feature
from targeting.modelling.assignment import NO_EFFECTS, AssignmentEffects
from targeting.modelling.blend import Blend
from targeting.modelling.candidates import (
    BlendParameters,
    Candidate,
    LightgbmParameters,
    LogisticParameters,
    PooledParameters,
    RuleParameters,
    ScorecardParameters,
)
from targeting.modelling.columns import Flags, Reals, days, numbers
from targeting.modelling.linear import Logistic, fit_logistic
from targeting.modelling.model import Model
from targeting.modelling.pooled import fit_pooled
from targeting.modelling.rules import fit_rule
from targeting.modelling.scorecard import fit_scorecard
from targeting.modelling.specification import FeatureChoice, Specification
from targeting.modelling.trees import fit_trees

__all__ = ["chosen_features", "fit_candidates", "row_weights", "trainable"]


def trainable(frame: pd.DataFrame, specification: Specification, until: date) -> Flags:
    """Which rows may be trained on when the day is `until`: inside the window, label known strictly before it."""
    occurred, known = days(frame, "occurred_on"), days(frame, "label_known_on")
    inside = occurred >= np.datetime64(specification.training.first_day)
    return np.asarray(inside & (known < np.datetime64(until)) & (row_weights(frame, specification) > 0.0))


def row_weights(frame: pd.DataFrame, specification: Specification) -> Reals:
    """How much each row counts: the product of `weight_before` over the law changes its inspection precedes."""
    occurred = days(frame, "occurred_on")
    weights = np.ones(len(frame), dtype=np.float64)
    for change in specification.training.breaks:
        weights = np.where(occurred < np.datetime64(change.on), weights * change.weight_before, weights)
    return weights


def chosen_features(features: Sequence[Feature], choice: FeatureChoice) -> tuple[Feature, ...]:
    """The features that match an `include` and no `exclude` pattern, in declared order."""
    chosen = tuple(
        feature for feature in features if _matches(feature, choice.include) and not _matches(feature, choice.exclude)
    )
    if not chosen:
        raise BadInputError(expected="at least one feature", got="none", where=f"include {', '.join(choice.include)}")
    return chosen


def fit_candidates(
    specification: Specification, frame: pd.DataFrame, features: Sequence[Feature], *, threads: int = 1
) -> Mapping[str, Model]:
    """Every candidate fitted on `frame` (training rows only), by name, in the specification's order.

    Needs `establishment`, `occurred_on`, `label`, the nuisance columns and the features; both labels must occur.
    """
    labels, weights = numbers(frame, "label"), row_weights(frame, specification)
    chosen = chosen_features(features, specification.features)
    rows = _Rows(specification, frame, chosen, labels, weights, threads)
    fitted: dict[str, Model] = {}
    # A blend may be named before what it is made of.
    for candidate in sorted(specification.candidates, key=lambda one: isinstance(one.parameters, BlendParameters)):
        fitted[candidate.name] = _fit(rows, candidate, fitted)
    return {candidate.name: fitted[candidate.name] for candidate in specification.candidates}


class _Rows(NamedTuple):
    """What every candidate is fitted on."""

    specification: Specification
    frame: pd.DataFrame
    features: tuple[Feature, ...]
    labels: Reals
    weights: Reals
    threads: int

    def read(self, patterns: tuple[str, ...]) -> tuple[Feature, ...]:
        """The features that match."""
        return chosen_features(self.features, FeatureChoice(patterns))


def _fit(rows: _Rows, candidate: Candidate, fitted: Mapping[str, Model]) -> Model:
    frame, labels, weights, nuisance = rows.frame, rows.labels, rows.weights, rows.specification.nuisance
    match candidate.parameters:
        case RuleParameters(names, missing):
            _check_allowed(candidate, names, rows.features)
            return fit_rule(frame, names, missing, labels)
        case ScorecardParameters() as card:
            _check_allowed(candidate, card.features, rows.features)
            return fit_scorecard(frame, labels, weights, card)
        case LogisticParameters() as line:
            return fit_logistic(frame, rows.read(line.features), labels, weights, line, nuisance)
        case PooledParameters() as pooled:
            read, lessons = rows.read(pooled.features), _lessons(rows)
            _check_allowed(candidate, pooled.raises, read)
            own, shares = fit_pooled(frame, read, labels, weights, pooled, nuisance, lessons)
            return Blend((own, *(part for lesson in lessons for part in lesson)), (1.0, *shares))
        case LightgbmParameters() as trees:
            return _fit_trees(rows, trees, fitted)
        case BlendParameters() as blend:
            return Blend(tuple(fitted[name] for name in blend.of), blend.shares)


def _fit_trees(rows: _Rows, parameters: LightgbmParameters, fitted: Mapping[str, Model]) -> Model:
    read, effects = rows.read(parameters.features), NO_EFFECTS
    if parameters.nuisance:
        effects = _effects(rows.specification, rows.frame, read, rows.labels, rows.weights, fitted)
    seed, threads = rows.specification.seed, rows.threads
    return fit_trees(rows.frame, read, rows.labels, rows.weights, parameters, effects, seed=seed, threads=threads)


def _lessons(rows: _Rows) -> list[tuple[Model, ...]]:
    recipe = rows.specification
    return recipe.siblings.teach(recipe.lessons, rows.frame, rows.features, recipe.seed, rows.threads)


def _effects(
    specification: Specification,
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    fitted: Mapping[str, Model],
) -> AssignmentEffects:
    """The assignment effects of a logistic model fitted beside the features: one already there, or one of its own."""
    for model in fitted.values():
        if isinstance(model, Logistic) and model.effects.variables:
            return model.effects
    return fit_logistic(frame, features, labels, weights, LogisticParameters(), specification.nuisance).effects


def _matches(feature: Feature, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(feature.name, pattern) or pattern == f"theme:{feature.theme}" for pattern in patterns)


def _check_allowed(candidate: Candidate, names: Sequence[str], features: Sequence[Feature]) -> None:
    allowed = {feature.name for feature in features}
    if unknown := [name for name in names if name not in allowed]:
        raise BadInputError(
            expected="features that the target may use", got=unknown[0], where=f"candidate {candidate.name}"
        )
