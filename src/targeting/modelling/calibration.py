"""From raw log-odds to probabilities, learned on held-out quarters, with intervals that say how much was held out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from targeting.modelling.categories import log_odds
from targeting.modelling.columns import Flags, Reals

__all__ = ["UNCALIBRATED", "Calibrator", "Interval", "fit_calibrator", "probability_of", "wilson"]

_LEAST_ROWS: Final = 60
_LEAST_DRAWN: Final = 240
"""Fewer rows drawn by lot made the map worse more often than better (docs/decisions/0022-bands.md)."""
_LEAST_OF_EACH: Final = 10
_ISOTONIC_FROM: Final = 5000  # below, an isotonic fit follows the noise of its blocks
_LEAST_SLOPE: Final = 1e-3
_NEWTON_STEPS: Final = 60
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
    between block centres, a straight `slope` beyond the ends) or "none". `rows` is the number of held-out rows behind
    it.
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
        return probability_of(self.log_odds(raw))

    def log_odds(self, raw: Reals) -> Reals:
        """The calibrated log-odds of raw ones."""
        if self.kind != "isotonic":
            return self.intercept + self.slope * raw
        inside = np.interp(raw, self.raw, self.fitted)
        beyond = np.minimum(raw - self.raw[0], 0.0) + np.maximum(raw - self.raw[-1], 0.0)
        return np.asarray(inside + self.slope * beyond)

    def interval(self, probability: Reals) -> Interval:
        """Wilson's 95 % interval as if the rate had been counted among the held-out rows scored most alike.

        These are a tenth of the rows for a sigmoid, and rows^(2/3) for an isotonic fit, which is how fast one learns.
        It tells how well the rate at this score is known, not what one inspection will find; it always holds the
        probability itself. Without held-out rows it is as wide as a single observation makes it.
        """
        alike = self.rows ** (2.0 / 3.0) if self.kind == "isotonic" else self.rows * _NEIGHBOURHOOD
        return wilson(probability, max(alike, 1.0))


def wilson(rate: Reals, rows: Reals | float) -> Interval:
    """Wilson's 95 % interval of a `rate` counted among `rows`; it always holds the rate itself."""
    stretch = _Z * _Z / rows
    centre = (rate + stretch / 2.0) / (1.0 + stretch)
    half = _Z * np.sqrt(rate * (1.0 - rate) / rows + stretch / (4.0 * rows)) / (1.0 + stretch)
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    return Interval(np.minimum(low, rate), np.maximum(high, rate))


UNCALIBRATED: Final = Calibrator("none", 1.0, 0.0, np.zeros(0), np.zeros(0), 0)


def fit_calibrator(raw: Reals, labels: Reals, drawn: Flags | None = None) -> Calibrator:
    """Learn from held-out (raw log-odds, label) pairs; too few, or of one kind only, give `UNCALIBRATED`.

    `drawn` marks the pairs whose establishment was inspected by lot. They alone speak for everybody: where there are
    enough of them, the map learned from all pairs is corrected on them, the more the more they are.
    """
    if not _enough(labels):
        return UNCALIBRATED
    if len(raw) >= _ISOTONIC_FROM:
        learned = _isotonic(raw, labels)
    else:
        slope, intercept = _sigmoid(raw, labels, _ALL)
        learned = Calibrator("sigmoid", slope, intercept, np.zeros(0), np.zeros(0), len(raw))
    if drawn is None or drawn.sum() < _LEAST_DRAWN or not _enough(labels[drawn]):
        return learned
    return _corrected(learned, *_sigmoid(learned.log_odds(raw[drawn]), labels[drawn], _DRAWN))


def _enough(labels: Reals) -> bool:
    breaches = float(labels.sum())
    return len(labels) >= _LEAST_ROWS and min(breaches, len(labels) - breaches) >= _LEAST_OF_EACH


class _Trust(NamedTuple):
    """How firmly a slope of 1 and an intercept of 0 are believed in beforehand, as precisions on the log-odds."""

    slope: float
    intercept: float


class _Line(NamedTuple):
    slope: float
    intercept: float


_ALL: Final = _Trust(10.0, 0.0)
_DRAWN: Final = _Trust(30.0, 25.0)
"""Found by trial against the hidden truth of synthetic countries (docs/decisions/0022-bands.md)."""


def _sigmoid(raw: Reals, labels: Reals, trust: _Trust) -> _Line:
    """The likeliest slope and intercept given the pairs and the `trust`, by damped Newton steps.

    Few pairs stay near what the model itself said; an order without any signal is kept, nearly flat.
    """
    line, step = _Line(1.0, 0.0), 1.0
    cost = _cost(line, raw, labels, trust)
    for _ in range(_NEWTON_STEPS):
        change = _newton(line, raw, labels, trust)
        tried = _Line(line.slope - step * change.slope, line.intercept - step * change.intercept)
        again = _cost(tried, raw, labels, trust)
        if again <= cost:
            line, cost, step = tried, again, 1.0
        else:
            step /= 2.0
    if line.slope >= _LEAST_SLOPE:
        return line
    breaches = float(labels.mean())
    return _Line(_LEAST_SLOPE, float(log_odds(breaches)) - _LEAST_SLOPE * float(raw.mean()))


def _cost(line: _Line, raw: Reals, labels: Reals, trust: _Trust) -> float:
    told = line.intercept + line.slope * raw
    surprise = float(np.logaddexp(0.0, np.where(labels > 0.0, -told, told)).sum())
    return surprise + 0.5 * (trust.slope * (line.slope - 1.0) ** 2 + trust.intercept * line.intercept**2)


def _newton(line: _Line, raw: Reals, labels: Reals, trust: _Trust) -> _Line:
    """The full Newton step: the curvature's inverse times the gradient, two by two, written out."""
    expected = probability_of(line.intercept + line.slope * raw)
    weight, off = expected * (1.0 - expected), expected - labels
    down = (
        float((off * raw).sum()) + trust.slope * (line.slope - 1.0),
        float(off.sum()) + trust.intercept * line.intercept,
    )
    steep = float((weight * raw * raw).sum()) + trust.slope
    cross, flat = float((weight * raw).sum()), float(weight.sum()) + trust.intercept
    size = steep * flat - cross * cross
    return _Line((flat * down[0] - cross * down[1]) / size, (steep * down[1] - cross * down[0]) / size)


def _corrected(learned: Calibrator, slope: float, intercept: float) -> Calibrator:
    """`learned` followed by another line on the log-odds."""
    return replace(
        learned,
        slope=slope * learned.slope,
        intercept=slope * learned.intercept + intercept,
        fitted=slope * learned.fitted + intercept,
    )


def _isotonic(raw: Reals, labels: Reals) -> Calibrator:
    steps = IsotonicRegression().fit(raw, labels).predict(raw)
    blocks, member = np.unique(steps, return_inverse=True)
    sizes = np.bincount(member)
    centres = np.bincount(member, weights=raw) / sizes
    # Half an observation each way keeps the end blocks off 0 and 1 and equal to their centres' order.
    rates = (blocks * sizes + 0.5) / (sizes + 1.0)
    fitted = np.maximum.accumulate(log_odds(rates)) + _LEAST_SLOPE * (centres - centres[0])
    return Calibrator("isotonic", 1.0, 0.0, centres, fitted, len(raw))
