"""Reading a frame's columns as plain contiguous arrays, the same way for one row and for a million.

Bit-for-bit equality of single-row and batch scoring begins here: every later step is elementwise on one-dimensional
contiguous arrays, so no row's arithmetic depends on how many others came with it. (A matrix product would: BLAS
picks another kernel, and another order of addition, for one row.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from targeting.domain import BadInputError

__all__ = ["Flags", "Reals", "Texts", "days", "numbers", "sum_in_order", "texts"]

Reals = NDArray[np.float64]
Texts = NDArray[np.object_]
Flags = NDArray[np.bool_]


def numbers(frame: pd.DataFrame, name: str) -> Reals:
    """The column as float64 with NaN for null; flags become 0 and 1."""
    values = _column(frame, name).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.ascontiguousarray(values)


def texts(frame: pd.DataFrame, name: str) -> Texts:
    """The column as `str` objects with "" for null."""
    column = _column(frame, name)
    return np.where(column.isna().to_numpy(), "", column.astype("object").to_numpy()).astype(object)


def days(frame: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    """The column as `datetime64[D]`, NaT for null."""
    return pd.to_datetime(_column(frame, name)).to_numpy().astype("datetime64[D]")


def sum_in_order(start: float, parts: Sequence[Reals], rows: int) -> Reals:
    """`start` plus the parts, added left to right for every row alike."""
    total = np.full(rows, start, dtype=np.float64)
    for part in parts:
        total = total + part
    return total


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise BadInputError(
            expected=f"a column {name}",
            got=f"{len(frame.columns)} other columns",
            where="the matrix given to a model",
            do="compute the feature, or release a model that does not read it",
        )
    return frame[name]
