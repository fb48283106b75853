"""A model of a target with few labels: other targets' lessons, and what its own labels add to them.

One regression in which every effect has an expected size, given in log-odds before any label is seen: a Gaussian prior.
It says the same with a hundred labels and with ten thousand, and a rare level is shrunk for its few rows, not for being
a narrow column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from targeting.features.family import Feature, FeatureKind
from targeting.modelling.assignment import AssignmentEffects, assignment_levels
from targeting.modelling.candidates import PooledParameters
from targeting.modelling.columns import Flags, Reals, numbers, texts
from targeting.modelling.encoding import Encoder
from targeting.modelling.fitting import posterior_mode
from targeting.modelling.levels import Levels, fit_levels
from targeting.modelling.linear import Logistic
from targeting.modelling.model import Model
from targeting.modelling.numerics import NumericShape, fit_numeric

__all__ = ["fit_pooled"]

_ASSIGNMENT: Final = 0.3
"""How far a form, an office or an inspector is expected to move the log-odds."""


def fit_pooled(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    parameters: PooledParameters,
    nuisance: Sequence[tuple[str, str]],
    lessons: Sequence[tuple[Model, ...]],
) -> tuple[Logistic, list[float]]:
    """Regress on the log-odds of every part of `lessons` and on the own features at once: their model, and the shares.

    Before any label is seen, all lessons together are expected to hold as they are: each has a share of one in them.
    """
    own = _own(frame, features, parameters)
    assigned = assignment_levels(frame, nuisance if parameters.nuisance else ())
    taught = [part.log_odds(frame) for lesson in lessons for part in lesson]
    columns = [*own.columns, *assigned.columns, *taught]
    means, spreads = np.zeros(len(columns)), np.full(len(columns), _ASSIGNMENT)
    means[: len(own.means)], spreads[: len(own.spreads)] = own.means, own.spreads
    last = len(columns) - len(taught)
    means[last:] = 1 / max(len(lessons), 1)
    spreads[last:] = [parameters.lessons / (float(column.std()) or 1.0) for column in taught]
    fit = posterior_mode(columns, labels, weights, means, spreads)
    mine, theirs, shares = np.split(fit.coefficients, [len(own.columns), last])
    return own.model(mine, fit.intercept, assigned.effects(theirs.tolist())), shares.tolist()


@dataclass(frozen=True)
class _Own:
    """The target's own features as columns, numbers before levels, and what is expected of each."""

    shapes: tuple[NumericShape, ...]
    levels: tuple[Levels, ...]
    columns: tuple[Reals | Flags, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    def model(self, effects: Reals, intercept: float, assigned: AssignmentEffects) -> Logistic:
        """The fitted effects as a linear model, in which a category is one column: what its level adds."""
        sizes = [len(levels.names) for levels in self.levels]
        ends = len(self.columns) - sum(sizes) + np.cumsum([0, *sizes])
        numeric, *by_category = np.split(effects, ends[:-1])
        rates = tuple(levels.rates(part) for levels, part in zip(self.levels, by_category, strict=True))
        averages = effects * np.array([column.mean() for column in self.columns], dtype=np.float64)
        means = [column.mean() for column in self.columns[: len(numeric)]]
        means += [part.sum() for part in np.split(averages, ends[:-1])[1:]]
        return Logistic(
            encoder=Encoder(self.shapes, (), rates),
            coefficients=np.concatenate([numeric, np.ones(len(rates))]),
            means=np.array(means, dtype=np.float64),
            base=intercept + float(averages.sum()) + assigned.reference,
            effects=assigned,
        )


def _own(frame: pd.DataFrame, features: Sequence[Feature], parameters: PooledParameters) -> _Own:
    shapes: list[NumericShape] = []
    columns: list[Reals] = []
    means: list[float] = []
    for feature in features:
        if feature.kind is FeatureKind.CATEGORY:
            continue
        name, values = feature.name, numbers(frame, feature.name)
        shape = _raised(name, values) if feature.kind is FeatureKind.FLAG else fit_numeric(name, values, 0)
        if shape is not None:
            shapes.append(shape)
            shaped = shape.columns(values)
            columns += shaped
            means += [parameters.own if name in parameters.raises else 0.0, *([0.0] * (len(shaped) - 1))]
    named = [feature.name for feature in features if feature.kind is FeatureKind.CATEGORY]
    levels = tuple(fit_levels(name, texts(frame, name)) for name in named)
    within = [column for one in levels for column in one.columns]
    spreads = [parameters.own] * len(columns) + [parameters.levels] * len(within)
    return _Own(tuple(shapes), levels, (*columns, *within), (*means, *([0.0] * len(within))), tuple(spreads))


def _raised(feature: str, values: Reals) -> NumericShape:
    """A flag as it is: it counts by being raised, however rare, and one never raised so far keeps what is expected."""
    present = values[~np.isnan(values)]
    centre = float(present.mean()) if len(present) else 0.0
    return NumericShape(feature, "identity", 0.0, 1.0, centre, 1.0, np.zeros(0), len(present) < len(values))
