"""From raw log-odds to probabilities, learned on held-out quarters, with intervals that say how much was held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from targeting.modelling.categories import log_odds
from targeting.modelling.columns import Reals
from targeting.modelling.fitting import ridge_logistic

__all__ = ["UNCALIBRATED", "Calibrator", "Interval", "fit_calibrator", "probability_of"]

_LEAST_ROWS: Final = 60
_LEAST_OF_EACH: Final = 10
_ISOTONIC_FROM: Final = 5000  # below, an isotonic fit follows the noise of its blocks
_LEAST_SLOPE: Final = 1e-3
_NEIGHBOURHOOD: Final = 0.1
_Z: Final = 1.959963984540054


class Interval(NamedTuple):
    """The two ends of a 95 % interval, one a row."""

    low: Reals
    high: Reals


def probability_of(log_odds_: Reals) -> Reals:
    """The probability of log-odds."""
    return np.asarray(expit(log_odds_))


@dataclass(frozen=True)
class Calibrator:
    """A strictly increasing map, so that calibration never changes the order of a list nor makes ties.

    `kind` is "sigmoid" (slope and intercept on the log-odds), "isotonic" (a centred isotonic fit, interpolated
    between block centres, slope 1 beyond the ends) or "none". `rows` is the number of held-out rows behind it.
    """

    kind: str
    slope: float
    intercept: float
    raw: np.ndarray
    fitted: np.ndarray
    rows: int

    @property
    def calibrated(self) -> bool:
        """Whether held-out rows stand behind the probabilities."""
        return self.kind != "none"

    def probability(self, raw: Reals) -> Reals:
        """The calibrated probability of raw log-odds."""
        if self.kind != "isotonic":
            return probability_of(self.intercept + self.slope * raw)
        inside = np.interp(raw, self.raw, self.fitted)
        beyond = np.minimum(raw - self.raw[0], 0.0) + np.maximum(raw - self.raw[-1], 0.0)
        return probability_of(inside + beyond)

    def interval(self, probability: Reals) -> Interval:
        """Wilson's 95 % interval as if the rate had been counted among the held-out rows scored most alike.

        These are a tenth of the rows for a sigmoid, and rows^(2/3) for an isotonic fit, which is how fast one learns.
        It tells how well the rate at this score is known, not what one inspection will find; it always holds the
        probability itself. Without held-out rows it is as wide as a single observation makes it.
        """
        alike = self.rows ** (2.0 / 3.0) if self.kind == "isotonic" else self.rows * _NEIGHBOURHOOD
        rows = max(alike, 1.0)
        stretch = _Z * _Z / rows
        centre = (probability + stretch / 2.0) / (1.0 + stretch)
        half = _Z * np.sqrt(probability * (1.0 - probability) / rows + stretch / (4.0 * rows)) / (1.0 + stretch)
        low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
        return Interval(np.minimum(low, probability), np.maximum(high, probability))


UNCALIBRATED: Final = Calibrator("none", 1.0, 0.0, np.zeros(0), np.zeros(0), 0)


def fit_calibrator(raw: Reals, labels: Reals) -> Calibrator:
    """Learn from held-out (raw log-odds, label) pairs; too few, or of one kind only, give `UNCALIBRATED`."""
    rows, breaches = len(raw), float(labels.sum())
    if rows < _LEAST_ROWS or min(breaches, rows - breaches) < _LEAST_OF_EACH:
        return UNCALIBRATED
    if rows >= _ISOTONIC_FROM:
        return _isotonic(raw, labels)
    fit = ridge_logistic([raw], labels, np.ones(rows), strength=1e4)
    slope = float(fit.coefficients[0])
    if slope >= _LEAST_SLOPE:
        return Calibrator("sigmoid", slope, fit.intercept, np.zeros(0), np.zeros(0), rows)
    # The order carried no signal: keep it, but let every probability be close to the base rate.
    intercept = float(log_odds(breaches / rows)) - _LEAST_SLOPE * float(raw.mean())
    return Calibrator("sigmoid", _LEAST_SLOPE, intercept, np.zeros(0), np.zeros(0), rows)


def _isotonic(raw: Reals, labels: Reals) -> Calibrator:
    steps = IsotonicRegression().fit(raw, labels).predict(raw)
    blocks, member = np.unique(steps, return_inverse=True)
    sizes = np.bincount(member)
    centres = np.bincount(member, weights=raw) / sizes
    # Half an observation each way keeps the end blocks off 0 and 1 and equal to their centres' order.
    rates = (blocks * sizes + 0.5) / (sizes + 1.0)
    fitted = np.maximum.accumulate(log_odds(rates)) + _LEAST_SLOPE * (centres - centres[0])
    return Calibrator("isotonic", 1.0, 0.0, centres, fitted, len(raw))
