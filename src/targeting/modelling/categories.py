"""Categories as shrunken breach rates in log-odds, frozen with the model: unseen ones fall back to their parent.

One-hot columns were rejected for trees and for models without lessons (hundreds of industry codes, a handful of rows
each; `levels` has them for few labels), and so was LightGBM's native categorical type (its code table lives outside the
model and an unseen code is undefined).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from targeting.modelling.columns import Reals, Texts

__all__ = ["CategoryRates", "fit_categories", "log_odds", "parents"]

_INDUSTRY: Final = re.compile(r"\d\d\.\d{1,3}")
_EDGE: Final = 1e-4


def log_odds(probability: Reals | float) -> Reals:
    """The log-odds of a probability, kept finite."""
    kept = np.clip(np.asarray(probability, dtype=np.float64), _EDGE, 1.0 - _EDGE)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def parents(level: str) -> tuple[str, ...]:
    """The coarser levels a level shrinks toward, nearest first. Only industry codes have any.

    >>> parents("43.210"), parents("AS")
    (('43.2', '43'), ())
    """
    if not _INDUSTRY.fullmatch(level):
        return ()
    return tuple(level[:width] for width in (4, 2) if width < len(level))


@dataclass(frozen=True)
class CategoryRates:
    """The log-odds of every level seen in training, parents included, and of all rows together (or beside them)."""

    feature: str
    levels: np.ndarray  # sorted str
    rates: np.ndarray  # float64, log-odds
    overall: float

    def encode(self, values: Texts) -> Reals:
        """One log-odds a row; a level never seen takes its nearest known parent's, else the overall one."""
        known = dict(zip(self.levels.tolist(), self.rates.tolist(), strict=True))
        codes, seen = pd.factorize(values)
        return np.array([self._of(value, known) for value in seen.tolist()], dtype=np.float64)[codes]

    def _of(self, level: str, known: dict[str, float]) -> float:
        return next((known[name] for name in (level, *parents(level)) if name in known), self.overall)


def fit_categories(feature: str, values: Texts, labels: Reals, weights: Reals, prior: float) -> CategoryRates:
    """Rates of every level, each shrunk toward its parent with `prior` pseudo-rows, the coarsest toward the overall."""
    overall = float(np.average(labels, weights=weights))
    rows, breaches = _sums(values, labels, weights)
    rates: dict[str, float] = {}
    for level in sorted(rows, key=lambda name: (len(name), name)):
        toward = next((rates[parent] for parent in parents(level) if parent in rates), overall)
        rates[level] = (breaches[level] + prior * toward) / (rows[level] + prior)
    levels = sorted(rates)
    encoded = log_odds(np.array([rates[level] for level in levels], dtype=np.float64))
    return CategoryRates(feature, np.array(levels, dtype=np.str_), encoded, float(log_odds(overall)))


def _sums(values: Texts, labels: Reals, weights: Reals) -> tuple[dict[str, float], dict[str, float]]:
    """Weighed rows and breaches of every level and of its parents."""
    own, member = np.unique(values.astype(np.str_), return_inverse=True)
    weighed, found = np.bincount(member, weights=weights), np.bincount(member, weights=weights * labels)
    rows: dict[str, float] = {}
    breaches: dict[str, float] = {}
    for value, weight, breach in zip(own.tolist(), weighed.tolist(), found.tolist(), strict=True):
        for level in (value, *parents(value)):
            rows[level] = rows.get(level, 0.0) + weight
            breaches[level] = breaches.get(level, 0.0) + breach
    return rows, breaches
