"""Regularised logistic regression on shaped numbers, shrunken rates and assignment indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.features.family import Feature
from targeting.modelling.assignment import AssignmentEffects, assignment_levels
from targeting.modelling.candidates import LogisticParameters
from targeting.modelling.columns import Frame, Reals, sum_in_order
from targeting.modelling.encoding import Encoder, fit_encoder
from targeting.modelling.fitting import ridge_logistic
from targeting.modelling.model import Attribution

__all__ = ["Beside", "Logistic", "fit_beside", "fit_logistic"]

_NARROWEST: Final = 0.1
"""Log-odds. Rates that differ less in training say hardly anything, and must not be made to where they differ more."""


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


class Beside(NamedTuple):
    """A logistic model, and the coefficients of the columns it was fitted beside."""

    model: Logistic
    coefficients: Reals


def fit_logistic(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    parameters: LogisticParameters,
    nuisance: Sequence[tuple[str, str]],
) -> Logistic:
    """Fit on training rows. Assignment indicators are fitted beside the features and then folded into the base."""
    return fit_beside(frame, features, labels, weights, parameters, nuisance, (), even=False).model


def fit_beside(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    parameters: LogisticParameters,
    nuisance: Sequence[tuple[str, str]],
    given: Sequence[Reals],
    *,
    even: bool = True,
) -> Beside:
    """As `fit_logistic`, beside the columns `given`: model + coefficients x `given` are the log-odds fitted.

    `even` shrinks the rates of categories as much as numbers that tell as much, and not several times more.
    """
    encoder = fit_encoder(frame, features, labels, weights, prior=parameters.prior, knots=parameters.knots)
    grouped = encoder.training_columns(frame, labels, weights, parameters.prior)
    columns = [column for group in grouped for column in group]
    widths = _widths(columns, len(encoder.categories)) if even else np.ones(len(columns))
    wide = [column * width for column, width in zip(columns, widths.tolist(), strict=True)]
    levels = assignment_levels(frame, nuisance if parameters.nuisance else ())
    fit = ridge_logistic([*wide, *levels.columns, *given], labels, weights, strength=parameters.strength)
    last = len(columns) + len(levels.columns)
    own = fit.coefficients[: len(columns)] * widths
    effects = levels.effects(fit.coefficients[len(columns) : last].tolist())
    means = np.array([column.mean() for column in columns], dtype=np.float64)
    base = fit.intercept + float((own * means).sum()) + effects.reference
    return Beside(Logistic(encoder, own, means, base, effects), fit.coefficients[last:])


def _widths(columns: Sequence[Reals], rates: int) -> Reals:
    """What makes every column one standard deviation wide. Numbers come so.

    The last `rates` columns are rates in log-odds, a few tenths wide: a strong ridge would leave nothing of them.
    """
    numeric = len(columns) - rates
    spread = [max(float(column.std()), _NARROWEST) for column in columns[numeric:]]
    return np.concatenate([np.ones(numeric), 1.0 / np.array(spread)])
