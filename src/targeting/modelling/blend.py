"""A blend: the weighted sum of other models' log-odds, and of their reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from targeting.modelling.columns import Frame, Reals, sum_in_order
from targeting.modelling.model import Attribution, Model

__all__ = ["Blend"]


@dataclass(frozen=True)
class Blend:
    """Models and their shares: of a mean they sum to one, of a regression on models they are its coefficients."""

    parts: tuple[Model, ...]
    shares: tuple[float, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """Every feature any part reads, in order of first appearance."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.features))

    def log_odds(self, frame: Frame, *, threads: int = 1) -> Reals:
        """The weighted sum of the parts' log-odds."""
        weighed = [share * part.log_odds(frame, threads=threads) for part, share in self._pairs()]
        return sum_in_order(0.0, weighed, len(frame))

    def assignment(self, frame: pd.DataFrame) -> Reals:
        """The weighted sum of the parts' assignment effects."""
        return sum_in_order(0.0, [share * part.assignment(frame) for part, share in self._pairs()], len(frame))

    def attribute(self, frame: Frame, *, threads: int = 1) -> Attribution:
        """The weighted sum of the parts' attributions, feature by feature."""
        places = {name: place for place, name in enumerate(self.features)}
        total, base = np.zeros((len(frame), len(places))), 0.0
        for part, share in self._pairs():
            own = part.attribute(frame, threads=threads)
            base += share * own.base
            total[:, [places[name] for name in part.features]] += share * own.contributions
        return Attribution(base, total)

    def _pairs(self) -> list[tuple[Model, float]]:
        return list(zip(self.parts, self.shares, strict=True))
