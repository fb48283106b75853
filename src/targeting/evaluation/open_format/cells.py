"""Columns of any type as the three the benchmark computes with: text, number, day."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from targeting.domain import BadInputError
from targeting.modelling.columns import Reals

__all__ = ["ALWAYS", "Days", "is_date", "to_days", "to_numbers", "to_texts"]

Days = NDArray[np.int64]

#: The day of what was always known: before every real one.
ALWAYS: Final = -1_000_000


def to_texts(values: pd.Series) -> pd.Series:
    """As text, null as "". Whole numbers are written without a decimal point, whatever their type in the file.

    >>> to_texts(pd.Series([60601.0, None])).tolist(), to_texts(pd.Series(["A", None])).tolist()
    (['60601', ''], ['A', ''])
    """
    absent = values.isna().to_numpy()
    if types.is_float_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        whole = np.all(np.mod(numbers[~absent], 1.0) == 0.0)
        plain = pd.Series(np.where(absent, 0.0, numbers).astype(np.int64 if whole else np.float64), index=values.index)
    else:
        plain = values.astype("object").where(~absent, "")
    return plain.astype(str).where(~absent, "").astype("object")


def is_date(values: pd.Series) -> bool:
    """Whether the column holds dates or times."""
    if types.is_datetime64_any_dtype(values.dtype):
        return True
    present = values.dropna()
    return present.dtype == object and len(present) > 0 and hasattr(present.iloc[0], "isoformat")


def to_days(values: pd.Series, where: str, missing: int | None = None) -> Days:
    """Whole days since 1970-01-01; times of day are cut off. A null is `missing`, or refused without one."""
    try:
        moments = pd.to_datetime(values, errors="raise")
    except (ValueError, TypeError) as cause:
        raise BadInputError(expected="dates", got=str(cause), where=where) from cause
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_localize(None)
    absent = moments.isna().to_numpy()
    if absent.any() and missing is None:
        raise BadInputError(expected="a date in every row", got=f"{int(absent.sum())} rows without", where=where)
    days = moments.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(absent, missing or 0, days)


def to_numbers(values: pd.Series, where: str) -> Reals:
    """As float64, null as NaN. Text that is nowhere a number is refused; a stray word among numbers is null."""
    if types.is_bool_dtype(values.dtype):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(numbers).all() and values.notna().any():
        raise BadInputError(
            expected="numbers", got=repr(values.dropna().iloc[0]), where=where, do="list the column as categorical"
        )
    return np.where(np.isinf(numbers), np.nan, numbers)
