"""Regularised logistic regression on shaped numbers, shrunken rates and assignment indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from targeting.features.family import Feature
from targeting.modelling.assignment import AssignmentEffects, assignment_levels
from targeting.modelling.candidates import LogisticParameters
from targeting.modelling.columns import Frame, Reals, sum_in_order
from targeting.modelling.encoding import Encoder, fit_encoder
from targeting.modelling.fitting import ridge_logistic
from targeting.modelling.model import Attribution

__all__ = ["Logistic", "fit_logistic"]


@dataclass(frozen=True)
class Logistic:
    """A linear model. `coefficients` and `means` run over the encoder's columns, feature by feature."""

    encoder: Encoder
    coefficients: np.ndarray
    means: np.ndarray
    base: float
    effects: AssignmentEffects

    @property
    def features(self) -> tuple[str, ...]:
        """The feature columns the model reads."""
        return self.encoder.features

    def log_odds(self, frame: Frame, *, threads: int = 1) -> Reals:
        """The sum of the features' terms, in a fixed order."""
        return sum_in_order(self.base, self._terms(frame), len(frame))

    def assignment(self, frame: pd.DataFrame) -> Reals:
        """The fitted effect of each row's form, origin and so on, beside the reference."""
        return self.effects.beside_reference(frame)

    def attribute(self, frame: Frame, *, threads: int = 1) -> Attribution:
        """Each feature's term beside its training average."""
        terms = self._terms(frame)
        return Attribution(self.base, np.column_stack(terms) if terms else np.zeros((len(frame), 0)))

    def _terms(self, frame: Frame) -> list[Reals]:
        place, terms = 0, []
        for columns in self.encoder.columns(frame):
            parts = []
            for column in columns:
                parts.append((column - self.means[place]) * self.coefficients[place])
                place += 1
            terms.append(sum_in_order(0.0, parts, len(frame)))
        return terms


def fit_logistic(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    parameters: LogisticParameters,
    nuisance: Sequence[tuple[str, str]],
) -> Logistic:
    """Fit on training rows. Assignment indicators are fitted beside the features and then folded into the base."""
    encoder = fit_encoder(frame, features, labels, weights, prior=parameters.prior, knots=parameters.knots)
    grouped = encoder.training_columns(frame, labels, weights, parameters.prior)
    columns = [column for group in grouped for column in group]
    levels = assignment_levels(frame, nuisance if parameters.nuisance else ())
    fit = ridge_logistic([*columns, *levels.columns], labels, weights, strength=parameters.strength)
    own = fit.coefficients[: len(columns)]
    effects = levels.effects(fit.coefficients[len(columns) :].tolist())
    means = np.array([column.mean() for column in columns], dtype=np.float64)
    base = fit.intercept + float((own * means).sum()) + effects.reference
    return Logistic(encoder, own, means, base, effects)
