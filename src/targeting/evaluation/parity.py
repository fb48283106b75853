"""Train and serve alike: the same columns in the same order, as often unknown, and the same values on the same day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import AsOf
from targeting.matrix import Matrix

__all__ = ["NullGap", "Parity", "differing_columns", "parity_days", "serving_parity"]

_PAIR: Final = ["establishment", "as_of"]
_QUARTERS: Final = 8


class NullGap(NamedTuple):
    """A feature's share of unknown values: the least and most on any training day looked at, and when scoring."""

    feature: str
    least: float
    most: float
    now: float

    @property
    def width(self) -> float:
        """How far the share when scoring lies outside what any of the training days showed.

        >>> round(NullGap("revenue", 0.1, 0.3, 0.35).width, 2), NullGap("revenue", 0.1, 0.3, 0.2).width
        (0.05, 0.0)
        """
        return max(self.least - self.now, self.now - self.most, 0.0)


class Parity(NamedTuple):
    """`rows` were built twice. `differing` features were not equal to the bit; `misplaced` are not in both, in order.

    `nulls` has every feature, the widest gap first; it is empty when only the rows themselves were looked at.
    """

    rows: int
    differing: tuple[str, ...]
    misplaced: tuple[str, ...] = ()
    nulls: tuple[NullGap, ...] = ()


def parity_days(training: Matrix, number: int = 3) -> tuple[AsOf, ...]:
    """Training days worth scoring again, oldest first: evenly spread over the newest two years of quarters."""
    days = sorted(set(training.frame["as_of"]))[-_QUARTERS:]
    places = np.unique(np.linspace(0, len(days) - 1, number).astype(int)) if days else ()
    return tuple(AsOf(days[place]) for place in places)


def serving_parity(training: Matrix, then: Sequence[Matrix], now: Matrix) -> Parity:
    """Compare a training matrix with the scoring matrices of some of its days, and with the one about to be scored.

    `then` has one matrix for each of `parity_days`: the training rows of those days must be equal to the bit. Shares
    of unknown values are compared between cohorts, not with the training rows, whom inspectors chose and whose
    history is known better than most; and with several days, because a feature may rightly be unknown for a while (a
    change of industry, in the year after the codes changed).
    """
    orders = [[feature.name for feature in matrix.features] for matrix in (training, *then, now)]
    names = [name for name in orders[0] if all(name in order for order in orders)]
    cohorts = pd.concat([matrix.frame for matrix in then], ignore_index=True) if then else training.frame[:0]
    rows = training.frame[training.frame["as_of"].isin(set(cohorts["as_of"]))].drop_duplicates(_PAIR)
    again = rows[_PAIR].merge(cohorts, on=_PAIR, how="left", validate="one_to_one")
    differing = differing_columns(rows[names].reset_index(drop=True), again[names])
    gaps = _null_gaps([matrix.frame for matrix in then], now.frame, names)
    return Parity(len(rows), differing, _misplaced(orders), gaps)


def differing_columns(once: pd.DataFrame, again: pd.DataFrame) -> tuple[str, ...]:
    """The columns of `again` that are not equal in `once`, row by row and to the bit; unknown equals unknown."""
    return tuple(sorted(str(name) for name in again if not once[name].equals(again[name])))


def _misplaced(orders: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The features that are not in every order, or not at the same place of it."""
    longest = zip_longest(*orders)
    return tuple(sorted({str(name) for place in longest if len(set(place)) > 1 for name in place if name is not None}))


def _null_gaps(then: Sequence[pd.DataFrame], now: pd.DataFrame, names: Sequence[str]) -> tuple[NullGap, ...]:
    days = [frame[list(names)].isna().mean() for frame in then if len(frame)]
    if not days or now.empty:
        return ()
    current = now[list(names)].isna().mean()
    shares = {name: [float(day[name]) for day in days] for name in names}
    gaps = [NullGap(name, min(shares[name]), max(shares[name]), float(current[name])) for name in names]
    return tuple(sorted(gaps, key=lambda gap: (-gap.width, gap.feature)))
