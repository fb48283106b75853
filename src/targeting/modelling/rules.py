"""Rules: rank by one known quantity, or by a count of flags. What a learned model must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from targeting.modelling.columns import Frame, Reals, numbers, sum_in_order
from targeting.modelling.fitting import ridge_logistic
from targeting.modelling.model import Attribution

__all__ = ["Rule", "filled", "fit_rule"]

_LEAST_SLOPE = 1e-6


@dataclass(frozen=True)
class Rule:
    """`intercept + slope * sum of points x features`. It keeps its direction: `slope` is positive, no point negative.

    A plain rule gives each of its features one point; a scorecard says how many.
    """

    features: tuple[str, ...]
    points: np.ndarray
    fills: np.ndarray  # what a missing value counts as
    means: np.ndarray
    slope: float
    intercept: float

    def log_odds(self, frame: Frame, *, threads: int = 1) -> Reals:
        """Raw log-odds; the same for every row when the rule reads nothing."""
        return sum_in_order(self._base, self._parts(frame), len(frame))

    def assignment(self, frame: pd.DataFrame) -> Reals:
        """Nothing: rules do not know how an inspection was made."""
        return np.zeros(len(frame))

    def attribute(self, frame: Frame, *, threads: int = 1) -> Attribution:
        """Each feature's part beside the average training row."""
        parts = self._parts(frame)
        return Attribution(self._base, np.column_stack(parts) if parts else np.zeros((len(frame), 0)))

    @property
    def _base(self) -> float:
        return self.intercept + self.slope * float((self.points * self.means).sum())

    def _parts(self, frame: Frame) -> list[Reals]:
        return [
            self.slope * point * (filled(frame, name, fill) - mean)
            for name, point, fill, mean in zip(
                self.features, self.points.tolist(), self.fills.tolist(), self.means.tolist(), strict=True
            )
        ]


def fit_rule(
    frame: pd.DataFrame,
    features: tuple[str, ...],
    missing: float | None,
    labels: NDArray[np.float64],
    points: NDArray[np.float64] | None = None,
) -> Rule:
    """Fit the rule's slope and intercept, so that its log-odds are of the right size before calibration.

    `points` (null: one each) are how much each feature counts; what is `missing` counts as that, or as the average.
    """
    columns = [numbers(frame, name) for name in features]
    fills = [_mean(column) if missing is None else missing for column in columns]
    counted = [filled(frame, name, fill) for name, fill in zip(features, fills, strict=True)]
    each = np.ones(len(features)) if points is None else points
    means = np.array([column.mean() for column in counted])
    weighed = [point * column for point, column in zip(each.tolist(), counted, strict=True)]
    total = sum_in_order(0.0, weighed, len(frame))
    fit = ridge_logistic([total], labels, np.ones(len(labels)), strength=1e3)
    slope = max(float(fit.coefficients[0]), _LEAST_SLOPE)
    return Rule(features, each, np.array(fills, dtype=np.float64), means, slope, fit.intercept)


def filled(frame: Frame, name: str, fill: float) -> Reals:
    """The column, `fill` where it is missing."""
    values = numbers(frame, name)
    return np.where(np.isnan(values), fill, values)


def _mean(column: Reals) -> float:
    present = column[~np.isnan(column)]
    return float(present.mean()) if len(present) else 0.0
