"""Numeric features for a linear model: transformed, clipped, standardised, bent at knots, missing marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targeting.modelling.columns import Reals

__all__ = ["NumericShape", "fit_numeric"]

_SKEWED = 8.0


@dataclass(frozen=True)
class NumericShape:
    """How one feature enters: `transform` (identity, log, logit), the range kept, centre, scale, knots.

    Missing values sit at the centre (no push) beside a 0/1 column, when any were missing in training.
    """

    feature: str
    transform: str
    low: float
    high: float
    centre: float
    scale: float
    knots: np.ndarray
    missing: bool

    def columns(self, values: Reals) -> list[Reals]:
        """The feature's columns: the standardised value, one hinge a knot, the missing mark."""
        absent = np.isnan(values)
        kept = np.clip(_transformed(values, self.transform), self.low, self.high)
        standard = np.where(absent, 0.0, (kept - self.centre) / self.scale)
        hinges = [np.maximum(standard - knot, 0.0) for knot in self.knots.tolist()]
        return [standard, *hinges, *([absent.astype(np.float64)] if self.missing else [])]


def fit_numeric(feature: str, values: Reals, knots: int) -> NumericShape | None:
    """The shape learned from training values; null when the feature never varies and is never missing."""
    present = values[~np.isnan(values)]
    missing = bool(len(present) < len(values))
    if len(present) == 0 or (present.min() == present.max() and not missing):
        return None
    transform = _choose(present)
    shaped = _transformed(present, transform)
    # Only the far tail is cut: flags and rare counts must keep their few positive rows.
    low, high = (float(edge) for edge in np.quantile(shaped, (0.001, 0.999)))
    kept = np.clip(shaped, low, high)
    centre, scale = float(kept.mean()), float(kept.std()) or 1.0
    return NumericShape(feature, transform, low, high, centre, scale, _knots((kept - centre) / scale, knots), missing)


def _knots(standard: Reals, number: int) -> np.ndarray:
    places = np.unique(np.quantile(standard, [(knot + 1) / (number + 1) for knot in range(number)]))
    inside = (places > standard.min()) & (places < standard.max())
    return np.asarray(places[inside])


def _choose(present: Reals) -> str:
    if present.min() > 0.0 and present.max() < 1.0:
        return "logit"  # a shrunken rate: never exactly 0 or 1
    middle = float(np.median(np.abs(present)))
    return "log" if np.abs(present).max() > _SKEWED * max(middle, 1.0) else "identity"


def _transformed(values: Reals, transform: str) -> Reals:
    if transform == "logit":
        kept = np.clip(values, 1e-4, 1.0 - 1e-4)
        return np.asarray(np.log(kept) - np.log1p(-kept))
    if transform == "log":
        return np.asarray(np.sign(values) * np.log1p(np.abs(values)))
    return values
