"""Rules: rank by one known quantity, or by a count of flags. What a learned model must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from targeting.modelling.columns import Reals, numbers, sum_in_order
from targeting.modelling.fitting import ridge_logistic
from targeting.modelling.model import Attribution

__all__ = ["Rule", "fit_rule"]

_LEAST_SLOPE = 1e-6


@dataclass(frozen=True)
class Rule:
    """`intercept + slope * sum of the features`. A rule keeps its direction, so `slope` is always positive."""

    features: tuple[str, ...]
    fills: np.ndarray  # what a missing value counts as
    means: np.ndarray
    slope: float
    intercept: float

    def log_odds(self, frame: pd.DataFrame, *, threads: int = 1) -> Reals:
        """Raw log-odds; the same for every row when the rule reads nothing."""
        return sum_in_order(self._base, self._parts(frame), len(frame))

    def assignment(self, frame: pd.DataFrame) -> Reals:
        """Nothing: rules do not know how an inspection was made."""
        return np.zeros(len(frame))

    def attribute(self, frame: pd.DataFrame, *, threads: int = 1) -> Attribution:
        """Each feature's part beside the average training row."""
        parts = self._parts(frame)
        return Attribution(self._base, np.column_stack(parts) if parts else np.zeros((len(frame), 0)))

    @property
    def _base(self) -> float:
        return self.intercept + self.slope * float(self.means.sum())

    def _parts(self, frame: pd.DataFrame) -> list[Reals]:
        return [
            self.slope * (_filled(frame, name, fill) - mean)
            for name, fill, mean in zip(self.features, self.fills.tolist(), self.means.tolist(), strict=True)
        ]


def fit_rule(
    frame: pd.DataFrame, features: tuple[str, ...], missing: float | None, labels: NDArray[np.float64]
) -> Rule:
    """Fit the rule's slope and intercept, so that its log-odds are of the right size before calibration."""
    columns = [numbers(frame, name) for name in features]
    fills = [_mean(column) if missing is None else missing for column in columns]
    filled = [_filled(frame, name, fill) for name, fill in zip(features, fills, strict=True)]
    means = np.array([column.mean() for column in filled])
    total = sum_in_order(0.0, filled, len(frame))
    fit = ridge_logistic([total], labels, np.ones(len(labels)), strength=1e3)
    slope = max(float(fit.coefficients[0]), _LEAST_SLOPE)
    return Rule(features, np.array(fills, dtype=np.float64), means, slope, fit.intercept)


def _mean(column: Reals) -> float:
    present = column[~np.isnan(column)]
    return float(present.mean()) if len(present) else 0.0


def _filled(frame: pd.DataFrame, name: str, fill: float) -> Reals:
    values = numbers(frame, name)
    return np.where(np.isnan(values), fill, values)
