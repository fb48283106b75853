"""The floor under the features: one day's rows by plain DuckDB SQL, written by hand (`floors_features.sql`).

It reads the same files, joins the same relations and gives as many columns of the same kinds, in memory. It may do
what our families must not: assume one day, one standard a rule, no file that contradicts itself, and tell nobody.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from targeting.domain import AsOf, IndustryCode, Standard
from targeting.parameters import approval_schemes, bht_duty, control_points, hiring_ban
from targeting.snapshots import Store
from targeting.snapshots.connection import connect, quoted
from targeting.snapshots.delta import parquet
from targeting.tables import ALL_TABLES

__all__ = ["SqlFloor", "sql_floor"]

_SCRIPT: Final = Path(__file__).with_name("floors_features.sql")
_UNITS: Final = ("establishments", "enterprises")


class SqlFloor(NamedTuple):
    """How long the script took, how many rows and feature columns it gave."""

    seconds: float
    rows: int
    columns: int


def sql_floor(store: Store, as_of: AsOf, members: Path, threads: int) -> SqlFloor:
    """Run the script over the establishments of `members` (a Parquet file with `establishment` and `enterprise`)."""
    with connect(threads) as connection:
        for table in ALL_TABLES:
            connection.execute(f"CREATE VIEW {table.about.name} AS FROM {parquet(store.paths(table), table)}")
        _put_rules(connection, as_of)
        script = _SCRIPT.read_text("utf-8").format(day=f"DATE {quoted(str(as_of))}")
        begun = time.perf_counter()
        connection.execute(
            f"CREATE TABLE members AS SELECT establishment, enterprise FROM read_parquet({quoted(str(members))})"
        )
        connection.execute(script)
        seconds = time.perf_counter() - begun
        made = [str(row[0]) for row in connection.execute("SHOW TABLES").fetchall() if str(row[0]).startswith("floor_")]
        rows = max(connection.table(name).shape[0] for name in made)
        return SqlFloor(seconds, rows, sum(len(connection.table(name).columns) - 1 for name in made))


def _put_rules(connection: duckdb.DuckDBPyConnection, as_of: AsOf) -> None:
    """The law of the day by industry code: looked up before the clock starts."""
    codes, day = _codes(connection), as_of.day
    duties = [(code.standard.value, code.code, bht_duty.answer(code, day).answer == "yes") for code in codes]
    schemes = [
        (code.standard.value, code.code, str(one)) for code in codes for one in approval_schemes.duties(code, day)
    ]
    points = [row[0] for row in connection.execute("SELECT DISTINCT control_point FROM findings").fetchall()]
    topics = [(point, control_points.topic_of(point)) for point in points]
    kinds = {"standard": pa.string(), "code": pa.string()}
    _put(connection, "bht_duties", kinds | {"duty": pa.bool_()}, duties)
    _put(connection, "approval_duties", kinds | {"scheme": pa.string()}, schemes)
    _put(connection, "ban_counties", {"county": pa.string()}, [(one,) for one in hiring_ban.counties(day)])
    _put(connection, "topics", {"control_point": pa.string(), "topic": pa.string()}, topics)


def _codes(connection: duckdb.DuckDBPyConnection) -> list[IndustryCode]:
    every = " UNION ".join(f"SELECT industry_code, industry_standard FROM {name}" for name in _UNITS)
    found = connection.execute(f"SELECT DISTINCT * FROM ({every}) WHERE industry_standard IS NOT NULL").fetchall()
    return [IndustryCode(code, Standard(standard)) for code, standard in found if code is not None]


def _put(
    connection: duckdb.DuckDBPyConnection, name: str, kinds: dict[str, pa.DataType], rows: Sequence[tuple[object, ...]]
) -> None:
    columns = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(kinds.values())]
    connection.register("arriving", pa.Table.from_arrays(columns, names=list(kinds)))
    connection.execute(f"CREATE TABLE {name} AS FROM arriving")
    connection.unregister("arriving")
