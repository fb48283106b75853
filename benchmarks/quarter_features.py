"""Features of the scoring day: our families, declared, checked and partitioned, against plain SQL and pandas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.floors_pandas import PandasFloor, pandas_floor
from benchmarks.floors_sql import SqlFloor, sql_floor
from benchmarks.quarter_country import Country
from benchmarks.quarter_figures import Row, interleaved, timed
from benchmarks.quarter_matrices import write_matrices

__all__ = ["features"]


def features(country: Country) -> Iterator[Row]:
    """Two rows: against DuckDB, and against pandas column for column."""
    with country.folder() as folder:
        members = write_matrices(country, folder).files[0]
        plain: list[SqlFloor] = []
        frames: list[PandasFloor] = []

        def by_sql() -> float:
            plain.append(sql_floor(country.store, country.as_of, members, threads=2))
            return plain[-1].seconds

        def by_pandas() -> float:
            frames.append(pandas_floor(country.store, country.as_of, members))
            return frames[-1].seconds

        ours, sql, pandas = interleaved([lambda: _ours(country), by_sql, by_pandas], country.repeats)
    shape = f"{plain[-1].rows} rows x {plain[-1].columns} columns"
    yield Row("features", "against DuckDB SQL", ours, sql, note=f"{shape}; SQL by hand, in memory, one day")
    scaled = pandas / frames[-1].columns * plain[-1].columns
    note = f"{frames[-1].columns} columns took {pandas:.2f} s, scaled by the number of columns"
    yield Row("features", "against pandas", ours, scaled, note=note)


def _ours(country: Country) -> float:
    def write(rows: Path) -> None:
        write_matrices(country, rows)

    with country.folder() as rows:
        return timed(lambda: write(rows))
