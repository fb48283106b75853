"""The drawing frame and what the draw found: the only ground for saying anything about those who were not inspected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from targeting.domain import BadInputError

__all__ = ["Drawn", "Frame", "Variance", "draw_of", "variance_of_total"]

Reals = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Frame:
    """Everybody the exploration arm could have drawn, as fixed before the draw. Grain: one establishment.

    `probability` in (0, 1] is the exploration arm's, `stratum` the score bin. `certain` marks those who are in every
    plan that the draw can lead to, in one arm or the other: what is found there is a census, not a sample. `uncovered`
    counts eligible establishments that no plan can hold: no estimate speaks of them.
    """

    establishments: tuple[str, ...]
    score: Reals
    probability: Reals
    stratum: Places
    certain: Flags
    areas: dict[str, Flags]
    uncovered: int = 0

    def __post_init__(self) -> None:
        if len(self.probability) and not ((self.probability > 0) & (self.probability <= 1)).all():
            raise BadInputError(expected="probabilities above 0 and at most 1", got="others", where="the frame")

    def __len__(self) -> int:
        return len(self.establishments)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Where each establishment stands."""
        return {name: place for place, name in enumerate(self.establishments)}


class Drawn(NamedTuple):
    """The exploration sample in a frame: positions, outcomes (1 breach, 0 none, nan missing), and the census.

    `census` holds the outcome of every certain establishment (nan: missing) in the order of their positions.
    """

    places: Places
    outcome: Reals
    census: Reals

    def filled(self, value: float) -> Drawn:
        """The same with every missing outcome taken as `value`."""
        return Drawn(self.places, _filled(self.outcome, value), _filled(self.census, value))

    @property
    def missing(self) -> int:
        """Outcomes that are not there: of the sample outside the census, and of the census."""
        return int(np.isnan(self.outcome).sum() + np.isnan(self.census).sum())


def _filled(values: Reals, value: float) -> Reals:
    return np.where(np.isnan(values), value, values)


def draw_of(frame: Frame, explored: dict[str, float], ranked: dict[str, float]) -> Drawn:
    """The draw in `frame` from outcomes by establishment. `explored` must name the whole arm, nan where missing.

    Raises `BadInputError` when somebody drawn is not in the frame. Certain establishments are known from either arm.
    """
    if strangers := explored.keys() - frame.place_of.keys():
        raise BadInputError(
            expected="a sample drawn from the frame", got=f"{len(strangers)} outside it", where="the exploration arm"
        )
    places = np.array(sorted(frame.place_of[name] for name in explored), dtype=np.int64)
    both = {**ranked, **explored}
    known = np.array([both.get(name, np.nan) for name in frame.establishments], dtype=float)
    certain = np.flatnonzero(frame.certain)
    # A certain one that was drawn is counted in the census; in the sample it stands with a residual of zero.
    return Drawn(places, np.where(frame.certain[places], 0.0, known[places]), known[certain])


class Variance(NamedTuple):
    """An estimated variance of a total and the degrees of freedom behind it."""

    value: float
    df: float


def variance_of_total(residual: Reals, probability: Reals, stratum: Places) -> Variance:
    """The design variance of sum(residual / probability) over a sample drawn by strata (score bins).

    Deville's form of Hajek's approximation within each stratum: with c = (1 - p) n / (n - 1), sum of
    c (r/p - weighted mean)^2. For equal probabilities it *is* the exact variance estimator of stratified simple
    random sampling, which the drawing design is without quotas; with quotas the hands' joint probabilities contain
    zeros, so Sen-Yates-Grundy does not exist and this is used. A stratum with one unit joins its neighbour. One degree
    of freedom goes to each stratum's mean.
    """
    group = _joined(stratum)
    count = np.bincount(group).astype(float)
    if residual.size < 2 or count.min() < 2:
        return Variance(float("nan"), 0.0)
    weight = (1 - probability) * (count / (count - 1))[group]
    share = residual / probability
    total = np.bincount(group, weight)
    mean = np.divide(np.bincount(group, weight * share), total, out=np.zeros_like(total), where=total > 0)
    return Variance(float((weight * (share - mean[group]) ** 2).sum()), float(residual.size - count.size))


def _joined(stratum: Places) -> Places:
    """Strata numbered 0, 1, 2 ... with every lone unit moved to the stratum before it (the first: after it)."""
    numbers, group = np.unique(stratum, return_inverse=True)
    group = group.astype(np.int64)
    if numbers.size == 1:
        return group
    count = np.bincount(group)
    target = np.arange(numbers.size)
    for number in np.flatnonzero(count == 1):
        target[number] = target[number - 1] if number else 1
    return np.asarray(np.unique(target[target][group], return_inverse=True)[1], dtype=np.int64)
