"""What a partition of a matrix promises to whoever scores it, as a pandera schema made from the declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from targeting.domain import RefusedError
from targeting.features import Feature, FeatureKind
from targeting.matrix import GROUPS, KEYS

__all__ = ["check_contract", "contract_of"]

_SHOWN: Final = 5


def contract_of(features: Sequence[Feature]) -> pa.DataFrameSchema:
    """The schema: keys without nulls and unique, numbers finite, integers whole, flags 0 or 1, categories text.

    Every feature may be null. Columns beyond these (labels, groups that are features) are left alone.
    """
    declared = {feature.name for feature in features}
    groups = {name: pa.Column("str", nullable=True) for name in GROUPS if name not in declared}
    return pa.DataFrameSchema(
        {
            "establishment": pa.Column("str", nullable=False),
            "enterprise": pa.Column("str", nullable=False),
            "as_of": pa.Column(nullable=False),
            **groups,
            **{feature.name: _column(feature) for feature in features},
        },
        unique=list(KEYS),
        strict=False,
    )


def check_contract(frame: pd.DataFrame, features: Sequence[Feature], where: str = "the matrix") -> None:
    """Raise `RefusedError` naming the columns that break the contract, with how many rows do. Grain: as `Matrix`."""
    try:
        contract_of(features).validate(frame, lazy=True)
    except SchemaErrors as cause:
        broken = _told(cause.failure_cases, len(frame))
        raise RefusedError(
            expected="a matrix as its features are declared",
            got="; ".join(broken[:_SHOWN]) + (f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""),
            where=where,
            do="find the feature's SQL or the source behind it; nothing was scored",
        ) from cause


def _column(feature: Feature) -> pa.Column:
    match feature.kind:
        case FeatureKind.CATEGORY:
            return pa.Column("str", nullable=True)
        case FeatureKind.FLAG:
            return pa.Column("float64", pa.Check(_is_flag, name="0 or 1"), nullable=True)
        case FeatureKind.INTEGER:
            return pa.Column("float64", pa.Check(_is_whole, name="a whole number"), nullable=True)
        case FeatureKind.REAL:
            return pa.Column("float64", pa.Check(_is_finite, name="a finite number"), nullable=True)


def _is_flag(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.isin((0.0, 1.0))


def _is_whole(values: pd.Series[Any]) -> pd.Series[Any]:
    return _is_finite(values) & (values % 1 == 0)


def _is_finite(values: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(np.isfinite(values.to_numpy()), index=values.index)


def _told(cases: pd.DataFrame, rows: int) -> list[str]:
    """One phrase a broken promise: the column, the promise, in how many rows."""
    named = cases.assign(column=cases["column"].where(cases["schema_context"] == "Column", cases["failure_case"]))
    counted = named.groupby(["column", "check"], sort=True, dropna=False)["index"].nunique()
    places = zip(counted.index.get_level_values(0), counted.index.get_level_values(1), counted, strict=True)
    return [
        f"{column}: {_promise(str(check))} broken" + (f" in {found} of {rows} rows" if found else "")
        for column, check, found in places
    ]


def _promise(check: str) -> str:
    names = {
        "not_nullable": "no nulls",
        "column_in_dataframe": "the column is there",
        "multiple_fields_uniqueness": "unique keys",
    }
    return names.get(check, check)
