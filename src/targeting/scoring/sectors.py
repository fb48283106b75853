"""Priority areas ranked: how many breaches the models expect there, and how much of it was inspected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from targeting.domain import Target
from targeting.parameters.priority_areas import Area, areas
from targeting.published import SECTORS
from targeting.snapshots.connection import connect, quoted

__all__ = ["sectors_table"]

_RECENT_YEARS: Final = 3
_UNIT: Final = 2**52

Row = dict[str, object]


def sectors_table(establishments: Path, scores: Mapping[Target, Path], on: date) -> pa.Table:
    """One row per (target, priority area with at least one establishment scored), ranked by expected rate.

    The rate is the mean score of the area's cohort. Its interval is the mean of the scores' own ends: the scores
    share one calibration, so its error does not average out over establishments as sampling error would.
    """
    rows: list[Row] = []
    with connect() as connection:
        for target in sorted(scores):
            told = _sums(connection, establishments, scores[target], on)
            found = [_row(area, target, told[area.id]) for area in areas(on) if area.id in told]
            known = sorted(found, key=lambda row: (-float(str(row["expected_rate"])), str(row["area"])))
            rows += [row | {"rank": place} for place, row in enumerate(known, start=1)]
    return pa.Table.from_pylist(rows, schema=SECTORS)


def _sums(
    connection: duckdb.DuckDBPyConnection, establishments: Path, scores: Path, on: date
) -> dict[str, dict[str, int]]:
    """Per area: how many, their known employees, how many inspected of late, and the sums of score, low and high.

    The sums are of whole numbers of 2**-52: exact, and so the same whatever order the engine adds in.
    """
    sums = ", ".join(f"sum(({name} * {_UNIT})::HUGEINT) AS {name}" for name in ("score", "low", "high"))
    recent = f"last_inspected_on >= DATE '{on.replace(year=on.year - _RECENT_YEARS)}'"
    relation = connection.sql(f"""
        SELECT area, count(*) AS establishments, sum(coalesce(employees_low, 0)) AS employees,
            count(*) FILTER ({recent}) AS inspected, {sums}
        FROM (SELECT establishment, score, low, high FROM read_parquet({quoted(str(scores))}))
        JOIN (
            SELECT establishment, employees_low, last_inspected_on, unnest(priority_areas) AS area
            FROM read_parquet({quoted(str(establishments))})
        ) USING (establishment)
        GROUP BY area""")
    names = relation.columns[1:]
    return {area: dict(zip(names, map(int, values), strict=True)) for area, *values in relation.fetchall()}


def _row(area: Area, target: Target, told: Mapping[str, int]) -> Row:
    members = told["establishments"]
    rate, low, high = (told[name] / _UNIT / members for name in ("score", "low", "high"))
    return {
        "area": area.id,
        "title_nb": area.title_nb,
        "title_en": area.title_en,
        "target": target.value,
        "establishments": members,
        "employees": told["employees"],
        "expected_rate": rate,
        "low": low,
        "high": high,
        "expected_breaches": rate * members,
        "inspected_share": told["inspected"] / members,
    }
