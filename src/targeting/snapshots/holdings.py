"""What the store holds about whom: an index for access requests, made with every scoring."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import AsOf
from targeting.parameters.access import rows_withheld
from targeting.published import HOLDINGS, write_rows
from targeting.snapshots.asof_sql import UNIT_TABLES
from targeting.snapshots.connection import connect, quoted
from targeting.snapshots.delta import parquet
from targeting.snapshots.store import Store
from targeting.snapshots.view import AsOfView
from targeting.tables import ALL_TABLES, Establishments, Inspections, Table

__all__ = ["Kin", "held_rows", "kin_of", "subject_sql", "write_holdings"]

_BLOCK: Final = 32_768
_AT_ONCE: Final = 20_000_000
_SAMPLE: Final = 10_000
"""Of about so many units the numbers are read, to know where numbers lie."""
_LAST: Final = ":"
"""After every number: the character that follows 9."""


class Kin(NamedTuple):
    """An establishment's enterprise (null for an enterprise), and an enterprise's establishments."""

    enterprise: str | None
    establishments: tuple[str, ...]


def subject_sql(store: Store, table: type[Table]) -> str:
    """A FROM item: the rows of `table` with `about`, the organisation number they are about."""
    columns, rows = table.columns(), parquet(store.paths(table), table)
    for name in ("establishment", "enterprise", "number"):
        if name in columns:
            return f"(SELECT {name} AS about, * FROM {rows})"
    inspections = parquet(store.paths(Inspections), Inspections)
    visited = f"(SELECT DISTINCT inspection, establishment AS about FROM {inspections})"
    return f"(SELECT about, r.* FROM {rows} r JOIN {visited} USING (inspection))"


def write_holdings(view: AsOfView, store: Store, path: Path, *, at_once: int = _AT_ONCE) -> None:
    """Write one row per (number, table): how many rows were known before the day of `view`, a view of `store`; sorted.

    With the first and the last day that one became known. Rows that nobody who asks is told of (`access.toml`) are not
    counted: a number of them would tell. About `at_once` rows of the store are counted at once, a range of numbers:
    memory does not grow with the store, and the file does not depend on it.
    """
    bounds = _bounds(view, store, at_once)
    ranges = zip(["", *bounds], [*bounds, _LAST], strict=True)
    write_rows(path, HOLDINGS, (batch for low, high in ranges for batch in _counted(view, store, low, high)))


def _counted(view: AsOfView, store: Store, low: str, high: str) -> pa.RecordBatchReader:
    """The rows of `write_holdings` for the numbers from `low` up to, and not including, `high`."""
    (as_of,) = view.as_ofs
    within = f"about >= {quoted(low)} AND about < {quoted(high)} AND known_on < $as_of"
    counted = " UNION ALL ".join(
        f"SELECT about AS number, '{table.about.name}' AS table_name, count(*) AS rows, "
        f"min(known_on) AS first_known_on, max(known_on) AS last_known_on "
        f"FROM {subject_sql(store, table)} WHERE {within}{_told_sql(table, as_of)} GROUP BY about"
        for table in ALL_TABLES
    )
    rows = view.connection.sql(f"FROM ({counted}) ORDER BY number, table_name", params={"as_of": as_of.day})
    return rows.to_arrow_reader(_BLOCK)


def _bounds(view: AsOfView, store: Store, at_once: int) -> list[str]:
    """Numbers that cut the store into ranges of about `at_once` rows, by a sample of the units."""
    rows = sum(pq.read_metadata(path).num_rows for table in ALL_TABLES for path in store.paths(table))
    ranges = 1 + rows // at_once
    if ranges == 1:
        return []
    units = " UNION ALL ".join(f"SELECT about FROM {subject_sql(store, table)}" for table in UNIT_TABLES)
    one_in = 1 + rows // _SAMPLE
    found = view.connection.execute(f"SELECT about FROM ({units}) WHERE hash(about) % {one_in} = 0 ORDER BY about")
    sample = [number for (number,) in found.fetchall()]
    return sorted({sample[len(sample) * place // ranges] for place in range(1, ranges)}) if sample else []


def _told_sql(table: type[Table], as_of: AsOf) -> str:
    conditions = [
        f" AND ({one.column} IS NULL OR {one.column} NOT IN ({', '.join(map(quoted, one.values))}))"
        for one in rows_withheld(as_of.day, table.about.name)
    ]
    return "".join(conditions)


def held_rows(store: Store, table: type[Table], number: str) -> list[dict[str, Any]]:
    """Every row of `table` about `number`, superseded ones too, in the order they became known."""
    order = ", ".join(("known_on", *(name for name in table.about.key if name != "known_on")))
    names = ", ".join(f'"{name}"' for name in table.columns())
    sql = f"SELECT {names} FROM {subject_sql(store, table)} WHERE about = $number ORDER BY {order}"
    with connect(1) as connection:
        rows: list[dict[str, Any]] = connection.sql(sql, params={"number": number}).to_arrow_table().to_pylist()
        return rows


def kin_of(store: Store, number: str) -> Kin:
    """Who belongs to `number`, and whom it belongs to, by the newest entry of every establishment."""
    sql = f"""
        SELECT establishment, enterprise FROM {parquet(store.paths(Establishments), Establishments)} r
        QUALIFY row_number() OVER (PARTITION BY establishment ORDER BY known_on DESC, version DESC, md5(r::VARCHAR)) = 1
            AND $number IN (establishment, enterprise)
        ORDER BY establishment"""
    with connect(1) as connection:
        found = connection.execute(sql, {"number": number}).fetchall()
    own = next((enterprise for establishment, enterprise in found if establishment == number), None)
    return Kin(own, tuple(establishment for establishment, enterprise in found if enterprise == number))
