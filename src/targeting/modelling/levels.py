"""Partial pooling of a category: every level has an effect of its own, drawn toward its parent's.

The textbook's random effects, fitted inside one ridge regression with everything else. Where labels are few this tells
more than a rate per level, which has to be learned from other rows than those it is then used on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from targeting.modelling.categories import CategoryRates, parents
from targeting.modelling.columns import Flags, Reals, Texts

__all__ = ["Levels", "fit_levels"]


@dataclass(frozen=True)
class Levels:
    """The levels of `feature` seen in training with all their parents, and for each which rows lie within it."""

    feature: str
    names: tuple[str, ...]
    columns: tuple[Flags, ...]

    def rates(self, effects: Reals) -> CategoryRates:
        """What every level adds, in log-odds: its own effect and its parents'. Never seen: its parents', or 0."""
        own = dict(zip(self.names, effects.tolist(), strict=True))
        summed = [own[name] + sum(own[parent] for parent in parents(name)) for name in self.names]
        return CategoryRates(self.feature, np.array(self.names, dtype=np.str_), np.array(summed, dtype=np.float64), 0.0)


def fit_levels(feature: str, values: Texts) -> Levels:
    """Find the levels in training rows. A parent that nobody shares is kept: an unseen code falls to it."""
    kept, member = np.unique(values.astype(np.str_), return_inverse=True)
    lines = [(level, *parents(level)) for level in kept.tolist()]
    names = tuple(sorted({name for line in lines for name in line}))
    within = np.array([[name in line for name in names] for line in lines], dtype=np.bool_)
    return Levels(feature, names, tuple(within[member].T.copy()) if names else ())
