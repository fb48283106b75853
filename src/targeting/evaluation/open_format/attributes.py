"""The attributes a row has on its day: the visit's own columns, and the newest state of its establishment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from targeting.evaluation.open_format.cells import is_date, to_days, to_numbers, to_texts
from targeting.evaluation.open_format.column import Column, declared
from targeting.evaluation.open_format.dataset import Dataset
from targeting.evaluation.open_format.ledger import Asked, Keys, ledger_of
from targeting.features.family import FeatureKind

__all__ = ["attribute_columns", "attributes_of"]


def attributes_of(data: Dataset, asked: Asked, keys: Keys, names: tuple[str, ...]) -> pd.DataFrame:
    """The columns `names`, one row an inspection of `data`; a visit's own column goes before its establishment's.

    `asked` has one row an inspection and `keys` one a row of `data.establishments`. Unknown on the day: null.
    """
    states = data.establishments
    places = ledger_of(keys, states["known"].to_numpy(), np.arange(len(states), dtype=np.float64))
    newest = places.value_of_last(asked)
    row = np.where(np.isnan(newest), -1, newest).astype(np.int64)
    found = {
        name: data.inspections[name].reset_index(drop=True)
        if name in data.inspections
        else states[name].reset_index(drop=True).reindex(np.where(row < 0, len(states), row)).reset_index(drop=True)
        for name in names
    }
    return pd.DataFrame(found, index=range(len(asked.days)))


def attribute_columns(data: Dataset, attributes: pd.DataFrame, days: np.ndarray) -> list[Column]:
    """The listed attributes as features: numbers as they are, dates as days gone since, categories as text."""
    columns = []
    for name in data.settings.numeric:
        values = attributes[name]
        if is_date(values):
            moment = to_days(values, name, 0)
            numbers = np.where(values.isna(), np.nan, days - moment)
        else:
            numbers = to_numbers(values, name)
        columns.append(_column(f"number_{name}", numbers, name, FeatureKind.REAL))
    for name in data.settings.categorical:
        columns.append(_column(f"category_{name}", to_texts(attributes[name]).to_numpy(), name, FeatureKind.CATEGORY))
    return columns


def _column(feature: str, values: np.ndarray, name: str, kind: FeatureKind) -> Column:
    null = "not given, or not known before the day"
    return declared(feature, values, title=(name, name), theme="attributes", source=name, kind=kind, null=null)
