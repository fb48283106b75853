"""Which rows of a staged file are news to the store, as SQL.

A row is news when it differs from the row before it (stored or staged) of the same entity in any column but
`known_on` and `version`. So a monthly bulk file costs the units that changed, and a case file that is delivered again
does not make old answers look newly known. The rule looks backwards in `known_on`: load older files first, because a
newer file's unchanged rows were left out on the strength of what was stored then.

Before that, values that somebody has corrected are put right in the arriving rows (`standing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from targeting.domain import RefusedError
from targeting.snapshots.connection import quoted
from targeting.snapshots.purge import without_purged_sql
from targeting.snapshots.standing import apply_corrections
from targeting.tables import Enterprises, Establishments, Table

__all__ = ["MAX_VANISHED_SHARE", "Delta", "define_delta", "entity_of", "parquet"]

MAX_VANISHED_SHARE = 0.20
"""A complete file that lacks a larger share of the living units is taken for a broken file, not for news."""

_UNIT_TABLES: tuple[type[Table], ...] = (Enterprises, Establishments)
_TIME = ("known_on", "version")


class Delta(NamedTuple):
    """Row counts of the view `delta`: news of the file, `deleted` rows added, rows refused as purged, put right."""

    stored: int
    vanished: int
    purged: int
    corrected: int


def entity_of(table: type[Table]) -> tuple[str, ...]:
    """The key without its time part: what a row is about.

    >>> from targeting.tables import Findings
    >>> entity_of(Findings), entity_of(Establishments)
    (('inspection', 'control_point'), ('establishment',))
    """
    return tuple(name for name in table.about.key if name not in _TIME)


def parquet(paths: Sequence[Path], table: type[Table]) -> str:
    """A FROM item over Parquet files; over no rows of the right types when there are none."""
    if paths:
        return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}])"
    types = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE"}
    columns = ", ".join(f"NULL::{types[str(each.type)]} AS {each.name}" for each in table.schema())
    return f"(SELECT {columns} WHERE false)"


def define_delta(
    connection: duckdb.DuckDBPyConnection,
    table: type[Table],
    staged: Path,
    stored: Sequence[Path],
    *,
    complete: bool,
    corrections: Sequence[Path] = (),
) -> Delta:
    """Fill the temp table `delta` with the rows to append to `table`, in key order. Expects the table `purged`.

    `corrections` are the files of the corrections that bind the arriving rows.

    Raises `RefusedError` when a complete file would delete more than `MAX_VANISHED_SHARE` of the living units.
    """
    connection.execute(f"CREATE OR REPLACE TEMP VIEW stored AS SELECT * FROM {parquet(stored, table)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {without_purged_sql(table, parquet([staged], table))}")
    corrected = apply_corrections(connection, table, entity_of(table), corrections)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE news AS {_news_sql(table)}")
    vanished = "SELECT * FROM news WHERE false"
    if complete and table in _UNIT_TABLES:
        vanished = _vanished_sql(table)
        _check_vanished(connection, table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE vanished AS {vanished}")
    order = ", ".join((*table.about.key, "hash(r)"))
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW delta AS FROM (FROM news UNION ALL FROM vanished) r ORDER BY {order}"
    )
    purged = _purged(connection, table, staged)
    return Delta(_count(connection, "news"), _count(connection, "vanished"), purged, corrected)


def _news_sql(table: type[Table]) -> str:
    entity = ", ".join(entity_of(table))
    time = ", ".join(name for name in _TIME if name in table.columns())
    facts = [name for name in table.columns() if name not in (*entity_of(table), *_TIME)]
    # 64 bits are compared between neighbours only: one row in 10^19 would be lost, and no wide sort is needed.
    content = f"hash({', '.join(facts)})"
    return f"""
        WITH known AS (
            SELECT {entity}, {time}, {content} AS content, 0 AS incoming, -1 AS place
            FROM stored SEMI JOIN (SELECT DISTINCT {entity} FROM staged) USING ({entity})
            UNION ALL SELECT {entity}, {time}, {content}, 1, rowid FROM staged
        ), news AS (
            SELECT *, lag(content) OVER (PARTITION BY {entity} ORDER BY {time}, incoming, content, place) AS before
            FROM known
            QUALIFY incoming = 1 AND before IS DISTINCT FROM content
        )
        SELECT s.* FROM staged s JOIN (
            FROM news ANTI JOIN (FROM known WHERE incoming = 0) USING ({entity}, {time}, content)
        ) n ON n.place = s.rowid"""


def _living_sql(table: type[Table]) -> str:
    """Units whose newest stored row before the file's day says living. The file's day is its newest `known_on`."""
    unit = table.about.key[0]
    return f"""
        SELECT * FROM stored WHERE known_on < (SELECT max(known_on) FROM staged)
        QUALIFY row_number() OVER (PARTITION BY {unit} ORDER BY known_on DESC, version DESC, hash(stored)) = 1"""


def _vanished_sql(table: type[Table]) -> str:
    unit = table.about.key[0]
    return f"""
        SELECT * REPLACE ((SELECT max(known_on) FROM staged) AS known_on, 0::BIGINT AS version, 'deleted' AS status)
        FROM ({_living_sql(table)}) ANTI JOIN staged USING ({unit}) WHERE status = 'living'"""


def _check_vanished(connection: duckdb.DuckDBPyConnection, table: type[Table]) -> None:
    living = _scalar(connection, f"SELECT count(*) FROM ({_living_sql(table)}) WHERE status = 'living'")
    gone = _scalar(connection, f"SELECT count(*) FROM ({_vanished_sql(table)})")
    if gone > MAX_VANISHED_SHARE * living:
        raise RefusedError(
            expected=f"a complete file with at least {1 - MAX_VANISHED_SHARE:.0%} of the {living} living units",
            got=f"a file that lacks {gone} of them",
            where=table.about.name,
            do="check that the file is whole; load it as not complete if it is a part of the register",
        )


def _purged(connection: duckdb.DuckDBPyConnection, table: type[Table], staged: Path) -> int:
    came = _scalar(connection, f"SELECT count(*) FROM {parquet([staged], table)}")
    return came - _count(connection, "staged")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return _scalar(connection, f"SELECT count(*) FROM {relation}")


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])
