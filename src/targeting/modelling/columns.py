"""Reading a frame's columns as plain contiguous arrays, the same way for one row and for a million.

Bit-for-bit equality of single-row and batch scoring begins here: every later step is elementwise on one-dimensional
contiguous arrays, so no row's arithmetic depends on how many others came with it. (A matrix product would: BLAS
picks another kernel, and another order of addition, for one row.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from targeting.domain import BadInputError

__all__ = ["Flags", "Frame", "ReadOnce", "Reals", "Texts", "days", "numbers", "rows_between", "sum_in_order", "texts"]

Reals = NDArray[np.float64]
Texts = NDArray[np.object_]
Flags = NDArray[np.bool_]
Array = TypeVar("Array", bound=NDArray[Any])


class ReadOnce:
    """A frame that several models read: a column becomes an array once, which nobody may write to.

    A serving model and its refits ask for the same hundred columns a dozen times, and pandas answers slowly.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._numbers: dict[str, Reals] = {}
        self._texts: dict[str, Texts] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def numbers(self, name: str) -> Reals:
        """As the function of this name says."""
        if name not in self._numbers:
            self._numbers[name] = _kept(numbers(self.frame, name))
        return self._numbers[name]

    def texts(self, name: str) -> Texts:
        """As the function of this name says."""
        if name not in self._texts:
            self._texts[name] = _kept(texts(self.frame, name))
        return self._texts[name]


Frame = pd.DataFrame | ReadOnce


def numbers(frame: Frame, name: str) -> Reals:
    """The column as float64 with NaN for null; flags become 0 and 1."""
    if isinstance(frame, ReadOnce):
        return frame.numbers(name)
    values = _column(frame, name).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.ascontiguousarray(values)


def texts(frame: Frame, name: str) -> Texts:
    """The column as `str` objects with "" for null."""
    if isinstance(frame, ReadOnce):
        return frame.texts(name)
    column = _column(frame, name)
    return np.where(column.isna().to_numpy(), "", column.astype("object").to_numpy()).astype(object)


def rows_between(frame: Frame, start: int, stop: int) -> Frame:
    """The rows from `start` up to `stop`; the frame itself where those are all."""
    if start == 0 and stop >= len(frame):
        return frame
    return (frame.frame if isinstance(frame, ReadOnce) else frame).iloc[start:stop]


def days(frame: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    """The column as `datetime64[D]`, NaT for null."""
    return pd.to_datetime(_column(frame, name)).to_numpy().astype("datetime64[D]")


def sum_in_order(start: float, parts: Sequence[Reals], rows: int) -> Reals:
    """`start` plus the parts, added left to right for every row alike."""
    total = np.full(rows, start, dtype=np.float64)
    for part in parts:
        total = total + part
    return total


def _kept(values: Array) -> Array:
    values = values.view()
    values.flags.writeable = False
    return values


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise BadInputError(
            expected=f"a column {name}",
            got=f"{len(frame.columns)} other columns",
            where="the matrix given to a model",
            do="compute the feature, or release a model that does not read it",
        )
    return frame[name]
