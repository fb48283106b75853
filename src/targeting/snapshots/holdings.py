"""What the store holds about whom: an index for access requests, made with every scoring."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from targeting.domain import AsOf
from targeting.parameters.access import rows_withheld
from targeting.published import HOLDINGS, write_rows
from targeting.snapshots.connection import connect, quoted
from targeting.snapshots.delta import parquet
from targeting.snapshots.store import Store
from targeting.snapshots.view import AsOfView
from targeting.tables import ALL_TABLES, Establishments, Inspections, Table

__all__ = ["Kin", "held_rows", "kin_of", "subject_sql", "write_holdings"]

_BLOCK: Final = 32_768


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


def write_holdings(view: AsOfView, store: Store, path: Path) -> None:
    """Write one row per (number, table): how many rows were known before the day of `view`, a view of `store`; sorted.

    With the first and the last day that one became known. Rows that nobody who asks is told of (`access.toml`) are not
    counted: a number of them would tell.
    """
    (as_of,) = view.as_ofs
    counted = " UNION ALL ".join(
        f"SELECT about AS number, '{table.about.name}' AS table_name, count(*) AS rows, "
        f"min(known_on) AS first_known_on, max(known_on) AS last_known_on "
        f"FROM {subject_sql(store, table)} WHERE known_on < $as_of{_told_sql(table, as_of)} GROUP BY about"
        for table in ALL_TABLES
    )
    rows = view.connection.sql(f"FROM ({counted}) ORDER BY number, table_name", params={"as_of": as_of.day})
    write_rows(path, HOLDINGS, rows.to_arrow_reader(_BLOCK))


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
