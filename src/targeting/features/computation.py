"""Run the families over an as-of view and check what comes back: the grain, the columns, the kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import RefusedError
from targeting.features.family import Family, Feature, FeatureKind

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "ARROW",
    "KEYS",
    "ONE_EACH",
    "AsOfRelations",
    "check_columns",
    "check_grain",
    "compute",
    "in_key_order",
    "refused",
    "typed",
]

KEYS: Final = ("as_of", "establishment")
ONE_EACH: Final = "exactly one row per cohort row"
ARROW: Final = {
    FeatureKind.INTEGER: pa.int64(),
    FeatureKind.REAL: pa.float64(),
    FeatureKind.FLAG: pa.bool_(),
    FeatureKind.CATEGORY: pa.string(),
}


class AsOfRelations(Protocol):
    """What the families read: a connection whose main schema holds the as-of relations and `cohort`."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection of the view."""


def compute(view: AsOfRelations, families: Sequence[Family]) -> pa.Table:
    """Every declared feature of `families`: one row per cohort row, sorted by (as_of, establishment).

    Raises `RefusedError` naming the family when its rows are not exactly the cohort's, when its columns are not
    exactly the declared ones, or when a column is not of the declared kind.
    """
    keys = view.connection.sql("SELECT establishment, as_of FROM cohort ORDER BY as_of, establishment").to_arrow_table()
    columns = {"establishment": keys["establishment"], "as_of": keys["as_of"]}
    for family in families:
        columns.update(_family_columns(view.connection, family, keys))
    return pa.table(columns)


def _family_columns(
    connection: duckdb.DuckDBPyConnection, family: Family, keys: pa.Table
) -> dict[str, pa.ChunkedArray]:
    rows = in_key_order(connection, family).to_arrow_table()
    check_columns(family, rows.column_names)
    check_grain(family, rows, keys)
    return {feature.name: typed(family, feature, rows[feature.name]) for feature in family.features}


def in_key_order(connection: duckdb.DuckDBPyConnection, family: Family) -> duckdb.DuckDBPyRelation:
    """The rows of `family` over the connection's cohort, sorted by (as_of, establishment), not computed yet."""
    # Sorting in the engine makes the grain check a comparison of two columns instead of a join per family.
    sql = f"SELECT * FROM (\n{family.sql}\n) ORDER BY as_of, establishment"
    return connection.sql(sql, params=dict(family.parameters))


def check_columns(family: Family, got: Sequence[str]) -> None:
    """Raise `RefusedError` unless `got` are the keys and the declared features, each once."""
    expected = {*KEYS, *(feature.name for feature in family.features)}
    if absent := sorted(expected - set(got)):
        raise refused(family, f"the declared column {absent[0]}", "no such column")
    if undeclared := sorted(set(got) - expected):
        raise refused(family, "declared columns only", f"the column {undeclared[0]}")
    if len(got) != len(expected):
        raise refused(family, "every column once", ", ".join(got))


def check_grain(family: Family, rows: pa.Table, keys: pa.Table) -> None:
    """Raise `RefusedError` unless `rows` are those of `keys`, in the same order."""
    if rows.num_rows != keys.num_rows:
        raise refused(family, ONE_EACH, f"{rows.num_rows} rows for {keys.num_rows}")
    if not all(rows[key].combine_chunks().equals(keys[key].combine_chunks()) for key in KEYS):
        raise refused(family, ONE_EACH, "rows of other establishments or days, or one of them twice")


def typed(family: Family, feature: Feature, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`column` in the Arrow type of its kind; `RefusedError` when it holds something else."""
    if not pa.types.is_null(column.type) and not _holds(feature.kind, column.type):
        raise refused(family, f"{feature.name} to be of kind {feature.kind}", f"the type {column.type}")
    typed = column.cast(ARROW[feature.kind])
    if feature.kind is FeatureKind.REAL and pc.all(pc.is_finite(typed)).as_py() is False:
        raise refused(family, f"{feature.name} to be finite or null", "infinity or not-a-number")
    return typed


def _holds(kind: FeatureKind, arrow: pa.DataType) -> bool:
    types = pa.types
    held = {
        FeatureKind.INTEGER: types.is_integer(arrow) or (types.is_decimal(arrow) and arrow.scale == 0),
        FeatureKind.REAL: types.is_floating(arrow),
        FeatureKind.FLAG: types.is_boolean(arrow),
        FeatureKind.CATEGORY: types.is_string(arrow) or types.is_large_string(arrow),
    }
    return bool(held[kind])


def refused(family: Family, expected: str, got: str) -> RefusedError:
    """The error about a family that does not keep its declaration."""
    return RefusedError(
        expected=expected, got=got, where=f"feature family {family.name}", do=f"mend {family.name}.sql or its TOML"
    )
