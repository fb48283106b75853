"""What the store holds on a day, in counts: the figures that input checks are about. Memory stays flat.

Everything is counted by SQL over the store's files, in as many passes (by a hash of the unit's number) as keep one
pass under `_ROWS_A_PASS` rows, so ten times the rows need ten times the passes and no more memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import duckdb

from targeting.domain import AsOf
from targeting.parameters.watching import bounds
from targeting.snapshots import Store
from targeting.snapshots.connection import connect
from targeting.snapshots.delta import parquet
from targeting.tables import ALL_TABLES, Enterprises, Establishments, Findings, Table

__all__ = ["UNITS", "InputFacts", "TableFacts", "UnitFacts", "input_facts"]

UNITS: Final[tuple[type[Table], ...]] = (Establishments, Enterprises)
_ROWS_A_PASS: Final = 3_000_000
_UNREAD: Final = frozenset({"extra"})
"""A column no feature reads: that the register added a key is no fault of the quarter."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One table: rows known, of these known in the last year, the newest day, keys that more than one row has.

    `nulls` is the share of nulls by column among the rows of the last year; empty where there are none, and for
    registers of units, whose newest entries are what counts (`UnitFacts`).
    """

    rows: int
    recent: int
    newest: str | None
    duplicated: int
    nulls: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The living units of a register: how many, how many employ, their employees where counted, shares of nulls.

    `codes` counts main industry codes by "STANDARD CODE" ("none CODE" without a standard), `places` municipalities.
    """

    living: int
    employing: int
    employees: int
    nulls: Mapping[str, float]
    codes: Mapping[str, int]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InputFacts:
    """All tables and both registers of units by table name, and control points answered in the last year."""

    as_of: str
    tables: Mapping[str, TableFacts]
    units: Mapping[str, UnitFacts]
    control_points: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> InputFacts:
        """What `to_dict` gave; raises `KeyError` or `TypeError` for anything else."""
        return cls(
            as_of=raw["as_of"],
            tables={name: TableFacts(**one) for name, one in raw["tables"].items()},
            units={name: UnitFacts(**one) for name, one in raw["units"].items()},
            control_points=raw["control_points"],
        )


def input_facts(store: Store, as_of: AsOf, *, threads: int = 2) -> InputFacts:
    """What the store held the day before `as_of`: rows with `known_on` earlier, and nothing else."""
    since = as_of.day - timedelta(days=bounds(as_of.day).recent_days)
    with connect(threads) as connection:
        return InputFacts(
            as_of=str(as_of),
            tables={one.about.name: _table(connection, store, one, as_of.day, since) for one in ALL_TABLES},
            units={one.about.name: _units(connection, store, one, as_of.day) for one in UNITS},
            control_points=_control_points(connection, store, as_of.day, since),
        )


def _table(
    connection: duckdb.DuckDBPyConnection, store: Store, table: type[Table], day: date, since: date
) -> TableFacts:
    nullable = [] if table in UNITS else _nullable(table)
    nulls = "".join(f", count(*) FILTER (known_on >= $since AND {name} IS NULL)" for name in nullable)
    row = connection.execute(
        f"SELECT count(*), count(*) FILTER (known_on >= $since), max(known_on){nulls} "
        f"FROM {_rows(store, table)} WHERE known_on < $day",
        {"day": day, "since": since},
    ).fetchall()[0]
    recent = row[1]
    return TableFacts(
        rows=row[0],
        recent=recent,
        newest=row[2].isoformat() if row[2] else None,
        duplicated=sum(_duplicated(connection, store, table, day)),
        nulls={name: round(found / recent, 6) for name, found in zip(nullable, row[3:], strict=True)} if recent else {},
    )


def _nullable(table: type[Table]) -> list[str]:
    return [name for name, column in table.columns().items() if column.null is not None and name not in _UNREAD]


def _duplicated(connection: duckdb.DuckDBPyConnection, store: Store, table: type[Table], day: date) -> Iterator[int]:
    keys = ", ".join(table.about.key)
    for condition in _passes(store, table):
        rows = f"SELECT 1 FROM {_rows(store, table)} WHERE known_on < $day AND {condition}"
        sql = f"SELECT count(*) FROM ({rows} GROUP BY {keys} HAVING count(*) > 1)"
        yield connection.execute(sql, {"day": day}).fetchall()[0][0]


def _units(connection: duckdb.DuckDBPyConnection, store: Store, table: type[Table], day: date) -> UnitFacts:
    columns = _nullable(table)
    totals: Counter[str] = Counter()
    nulls: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for condition in _passes(store, table):
        newest = _newest_sql(store, table, columns, condition)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE newest AS {newest}", {"day": day})
        totals.update(_row(connection, _TOTALS))
        nulls.update(_row(connection, ", ".join(f"count(*) FILTER ({name}) AS {name}" for name in columns)))
        codes.update(dict(connection.execute(_CODES).fetchall()))
        places.update(dict(connection.execute(_PLACES).fetchall()))
    living = totals["living"]
    return UnitFacts(
        living=living,
        employing=totals["employing"],
        employees=totals["employees"],
        nulls={name: round(nulls[name] / living, 6) for name in columns} if living else {},
        codes=dict(sorted(codes.items())),
        places=dict(sorted(places.items())),
    )


def _row(connection: duckdb.DuckDBPyConnection, columns: str) -> dict[str, int]:
    """One row of counts over `newest`, by name."""
    found = connection.sql(f"SELECT {columns} FROM newest")
    return {name: int(value) for name, value in zip(found.columns, found.fetchall()[0], strict=True)}


_TOTALS: Final = """
    count(*) AS living, count(*) FILTER (is_employing) AS employing, coalesce(sum(staff), 0)::BIGINT AS employees"""
_CODES: Final = """
    SELECT coalesce(standard, 'none') || ' ' || code, count(*) FROM newest WHERE code IS NOT NULL GROUP BY ALL"""
_PLACES: Final = "SELECT place, count(*) FROM newest WHERE place IS NOT NULL GROUP BY ALL"


def _newest_sql(store: Store, table: type[Table], columns: list[str], condition: str) -> str:
    """One row a living unit, from its newest entry: flags that are true where a column is null, and what is counted."""
    nulls = ", ".join(f"{name} := {name} IS NULL" for name in columns)
    entry = (
        f"struct_pack({nulls}, is_living := status = 'living', staff := employees, code := industry_code, "
        "standard := industry_standard, place := municipality, "
        "is_employing := coalesce(employees > 0, employees_registered, false))"
    )
    # Two entries of one day and version: their hash decides, so that the answer is the same every time.
    newest = f"max_by({entry}, struct_pack(known_on, version, h := hash(r)))"
    return f"""
        FROM (
            SELECT unnest({newest}) FROM {_rows(store, table)} r
            WHERE known_on < $day AND {condition} GROUP BY {table.about.key[0]}
        ) WHERE is_living"""


def _control_points(connection: duckdb.DuckDBPyConnection, store: Store, day: date, since: date) -> dict[str, int]:
    sql = f"""
        SELECT control_point, count(*) FROM {_rows(store, Findings)}
        WHERE known_on >= $since AND known_on < $day GROUP BY ALL ORDER BY ALL"""
    return dict(connection.execute(sql, {"day": day, "since": since}).fetchall())


def _passes(store: Store, table: type[Table]) -> list[str]:
    """Conditions that cut a table's rows into passes; rows of one key fall into one."""
    rows = sum(one.rows for one in store.manifest().files(table.about.name))
    passes = 1 + rows // _ROWS_A_PASS
    return [f"hash({table.about.key[0]}) % {passes} = {one}" for one in range(passes)]


def _rows(store: Store, table: type[Table]) -> str:
    return parquet(store.paths(table), table)
