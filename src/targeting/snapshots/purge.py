"""Forgetting a unit that was removed from open data: no file of the store holds its number afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import pyarrow as pa

from targeting.tables import Table

__all__ = ["holding_files_sql", "naming_rows_sql", "register_purges", "without_purged_sql"]

_REFERENCES: Mapping[str, str] = {"establishments": "enterprise", "enterprises": "parent"}
"""Columns in which another unit's row may still name the purged one; there the number becomes null."""


def register_purges(connection: duckdb.DuckDBPyConnection, purges: Mapping[str, date]) -> None:
    """Put the purged numbers' digests and the day up to which each is purged into the temp table `purged`."""
    digests = sorted(purges)
    days = pa.array([purges[digest] for digest in digests], pa.date32())
    connection.register("arriving_purges", pa.table({"digest": pa.array(digests, pa.string()), "until": days}))
    connection.execute("CREATE OR REPLACE TEMP TABLE purged AS FROM arriving_purges")
    connection.unregister("arriving_purges")


def without_purged_sql(table: type[Table], rows: str) -> str:
    """A SELECT of `rows` (a FROM item) without purged units: their rows are left out, references to them nulled.

    A purge reaches rows known up to the day it was received. A unit that comes back later is a new fact.
    """
    subject, reference = _subject(table), _REFERENCES.get(table.about.name)
    columns = "r.*"
    if reference:
        columns = f"r.* REPLACE (CASE WHEN {_purged(reference)} THEN NULL ELSE r.{reference} END AS {reference})"
    condition = f"NOT {_purged(subject)}" if subject else "true"
    return f"SELECT {columns} FROM {rows} r WHERE {condition}"


def holding_files_sql(table: type[Table], rows: str) -> str | None:
    """A SELECT of the `filename`s of `rows` that name a number of `$numbers`; null where no column names a unit.

    A load asks this of the whole store, so it compares the numbers themselves: digests would have to be made of
    every stored row. The numbers are at hand, because this very load purges them.
    """
    naming = naming_rows_sql(table, rows)
    return naming and f"SELECT DISTINCT filename FROM ({naming})"


def naming_rows_sql(table: type[Table], rows: str) -> str | None:
    """A SELECT of the `rows` that name a number of `$numbers`; null where no column of the table names a unit."""
    named = [name for name in (_subject(table), _REFERENCES.get(table.about.name)) if name]
    condition = " OR ".join(f"{name} IN (SELECT unnest($numbers))" for name in named)
    return f"SELECT * FROM {rows} WHERE {condition}" if named else None


def _subject(table: type[Table]) -> str | None:
    columns = table.columns()
    return next((name for name in ("establishment", "enterprise", "number") if name in columns), None)


def _purged(column: str) -> str:
    return (
        f"(r.{column} IS NOT NULL AND sha256(r.{column}) IN (SELECT digest FROM purged) "
        f"AND r.known_on <= (SELECT max(until) FROM purged p WHERE p.digest = sha256(r.{column})))"
    )
