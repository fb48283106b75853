"""Standing corrections: a register that still says what was disputed does not undo a correction by saying it again.

A correction stands from the row that made it until the register says a third thing of the same entity: neither what
was disputed nor what was put in its place. Then somebody looked again, and the register counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from targeting.snapshots.connection import quoted
from targeting.tables import Corrections, Kind, Table

__all__ = ["SQL_TYPES", "apply_corrections"]

SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.REAL: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.DAY: "DATE",
}
"""What a value kept as text is cast to."""


def apply_corrections(
    connection: duckdb.DuckDBPyConnection, table: type[Table], entity: Sequence[str], corrections: Sequence[Path]
) -> int:
    """Put the corrected value into the rows of the temp table `staged` that still hold a disputed one; how many.

    `entity` is the table's key without time; `stored` and `staged` hold what is there and what arrives.
    """
    found = _standing(connection, table, corrections) if corrections else []
    met = 0
    for field in sorted({str(row["field"]) for row in found}):
        _choose(connection, [row for row in found if row["field"] == field], entity)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE met AS {_met_sql(table, field, entity)}")
        connection.execute(f"UPDATE staged SET {field} = m.value FROM met m WHERE staged.rowid = m.place")
        met += int(connection.execute("SELECT count(*) FROM met").fetchall()[0][0])
    return met


def _standing(
    connection: duckdb.DuckDBPyConnection, table: type[Table], corrections: Sequence[Path]
) -> list[dict[str, object]]:
    """The newest correction of each value of `table`."""
    files = ", ".join(quoted(str(path)) for path in corrections)
    sql = f"""
        FROM read_parquet([{files}]) WHERE table_name = $table
        QUALIFY row_number() OVER (PARTITION BY entity, field ORDER BY known_on DESC, version DESC) = 1
        ORDER BY entity, field"""
    rows: list[dict[str, object]] = connection.sql(sql, params={"table": table.about.name}).to_arrow_table().to_pylist()
    return rows


def _choose(connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, object]], entity: Sequence[str]) -> None:
    """The corrections of one field as the temp table `standing`, with the entity's columns told apart."""
    keys = [json.loads(str(row["entity"])) for row in rows]
    columns = {name: pa.array([str(key[name]) for key in keys], pa.string()) for name in entity}
    schema = Corrections.schema()
    columns |= {
        name: pa.array([row[name] for row in rows], schema.field(name).type)
        for name in ("known_on", "version", "disputed", "value")
    }
    connection.register("arriving_corrections", pa.table(columns))
    connection.execute("CREATE OR REPLACE TEMP TABLE standing AS FROM arriving_corrections")
    connection.unregister("arriving_corrections")


def _met_sql(table: type[Table], field: str, entity: Sequence[str]) -> str:
    """The staged rows that say again what was disputed, with what holds instead."""
    kind = SQL_TYPES[table.columns()[field].kind]
    disputed, value = f"CAST(c.disputed AS {kind})", f"CAST(c.value AS {kind})"
    version = "version" if "version" in table.columns() else "0"
    columns = f"{', '.join(entity)}, known_on, {version} AS version, {field} AS said"
    same = " AND ".join(f"{{0}}.{name}::VARCHAR = c.{name}" for name in entity)
    return f"""
        SELECT s.place, {value} AS value
        FROM (SELECT rowid AS place, {columns} FROM staged) s JOIN standing c ON {same.format("s")}
        WHERE (s.known_on, s.version) >= (c.known_on, c.version)
          AND s.said IS NOT DISTINCT FROM {disputed} AND s.said IS DISTINCT FROM {value}
          AND NOT EXISTS (
            SELECT 1 FROM (SELECT {columns} FROM stored UNION ALL SELECT {columns} FROM staged) o
            WHERE {same.format("o")} AND (o.known_on, o.version) >= (c.known_on, c.version)
              AND (o.known_on, o.version) <= (s.known_on, s.version)
              AND o.said IS DISTINCT FROM {disputed} AND o.said IS DISTINCT FROM {value})"""
