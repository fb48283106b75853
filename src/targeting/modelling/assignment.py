"""Assignment-time facts (form, origin, office, inspector) as nuisance: fitted, then set to a reference when scoring.

A model that ranked by them would learn who is sent where, not where the breaches are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from targeting.modelling.columns import Reals, sum_in_order, texts

__all__ = ["NO_EFFECTS", "AssignmentEffects", "AssignmentLevels", "assignment_levels"]

_LEAST_ROWS: Final = 20

Levels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AssignmentEffects:
    """Fitted log-odds per (variable, level) and their sum at the reference. A rare or unseen level has effect 0."""

    variables: tuple[str, ...]
    levels: Levels
    effects: np.ndarray
    reference: float

    def beside_reference(self, frame: pd.DataFrame) -> Reals:
        """The log-odds by which each row's actual assignment differs from the reference assignment."""
        parts = [self._of(variable, frame) for variable in self.variables]
        return sum_in_order(-self.reference, parts, len(frame))

    def _of(self, variable: str, frame: pd.DataFrame) -> Reals:
        pairs = zip(self.levels, self.effects.tolist(), strict=True)
        known = {level: effect for (name, level), effect in pairs if name == variable}
        return np.array([known.get(value, 0.0) for value in texts(frame, variable).tolist()], dtype=np.float64)


NO_EFFECTS: Final = AssignmentEffects((), (), np.zeros(0), 0.0)


@dataclass(frozen=True)
class AssignmentLevels:
    """The (variable, level) pairs to fit, one 0/1 column each, and the value of each variable when scoring."""

    levels: Levels
    columns: tuple[Reals, ...]
    references: Mapping[str, str]

    def effects(self, coefficients: Sequence[float]) -> AssignmentEffects:
        """The fitted effects. A reference of "*", or one too rare to be fitted, means the training average."""
        if not self.levels:
            return NO_EFFECTS
        fitted = dict(zip(self.levels, coefficients, strict=True))
        means = {level: float(column.mean()) for level, column in zip(self.levels, self.columns, strict=True)}
        variables = tuple(dict.fromkeys(name for name, _ in self.levels))
        reference = 0.0
        for variable in variables:
            average = sum(fitted[level] * means[level] for level in self.levels if level[0] == variable)
            reference += fitted.get((variable, self.references[variable]), average)
        return AssignmentEffects(variables, self.levels, np.array(coefficients, dtype=np.float64), reference)


def assignment_levels(frame: pd.DataFrame, references: Sequence[tuple[str, str]]) -> AssignmentLevels:
    """Indicators for every level of the `references`' variables that has at least twenty rows and not all of them."""
    levels: list[tuple[str, str]] = []
    columns: list[Reals] = []
    for variable, _ in references:
        values = texts(frame, variable)
        for level in sorted(set(values.tolist()) - {""}):
            indicator = (values == level).astype(np.float64)
            if _LEAST_ROWS <= indicator.sum() < len(frame):
                levels.append((variable, level))
                columns.append(indicator)
    return AssignmentLevels(tuple(levels), tuple(columns), dict(references))
