"""The store's rows with the days they held, which a view's relations are made of: one table each, built one at a time.

In memory; or, where there is a scratch folder, in Parquet files there, so that only what a query works on takes memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from targeting.parameters import control_points, outcome_rules
from targeting.snapshots.asof_sql import (
    UNIT_TABLES,
    bankruptcies_sql,
    entries_sql,
    periods_sql,
    spans_sql,
    tied_sql,
    unique_sql,
)
from targeting.snapshots.connection import quoted
from targeting.tables import Findings, Table

__all__ = ["Periods", "read_sql"]

_SLICE: Final = 4_000_000
"""Answers whose outcomes are summed up at once."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Makes `store.periods_<table>` and `store.result_periods` of `connection`, which has a view `store.<table>`."""

    connection: duckdb.DuckDBPyConnection
    scratch: Path | None

    def name(self, table: type[Table]) -> None:
        """Make `store.periods_<table>`, and `store.tied_<table>`, the keys that files disagree about.

        From here on `store.<table>` has one row a key.
        """
        name, unit, execute = table.about.name, table in UNIT_TABLES, self.connection.execute
        spans, found = (entries_sql, f"entries_{name}") if unit else (spans_sql, f"periods_{name}")
        self._keep(found, spans(table, f"store.{name}"))
        execute(f"CREATE TABLE store.tied_{name} AS {tied_sql(table, f'store.{found}')}")
        if self.connection.table(f"store.tied_{name}").shape[0]:
            self._keep(f"unique_{name}", unique_sql(table))
            execute(f"CREATE OR REPLACE VIEW store.{name} AS FROM store.unique_{name}")
            self._keep(found, spans(table, f"store.{name}"))
        if unit:
            self._keep(f"periods_{name}", periods_sql(table, f"store.{name}"))

    def name_bankruptcies(self) -> None:
        """Make `store.bankruptcies`, bankruptcies with the places of the enterprise and the days they held."""
        self._keep("bankruptcies", bankruptcies_sql())

    def name_results(self) -> None:
        """Make `store.result_periods`, what was known of inspections' outcomes and when, some inspections at a time."""
        self._name_topics()
        execute = self.connection.execute
        execute(f"SET VARIABLE serious_breaches = {outcome_rules.serious_breaches()}")
        slices = 1 + self.connection.table(f"store.periods_{Findings.about.name}").shape[0] // _SLICE
        execute(f"SET VARIABLE slices = {slices}")
        sql = read_sql("inspection_result_periods.sql")
        for place in range(slices):
            execute(f"SET VARIABLE slice = {place}")
            execute(f"{'INSERT INTO store.result_periods' if place else 'CREATE TABLE store.result_periods AS'} {sql}")

    def _name_topics(self) -> None:
        found = self.connection.execute("SELECT DISTINCT control_point FROM store.periods_findings ORDER BY ALL")
        points = [row[0] for row in found.fetchall()]
        topics = [control_points.topic_of(point) for point in points]
        columns = {"control_point": pa.array(points, pa.string()), "topic": pa.array(topics, pa.string())}
        self.connection.register("arriving", pa.table(columns))
        self.connection.execute("CREATE TABLE control_point_topics AS FROM arriving")
        self.connection.unregister("arriving")

    def _keep(self, name: str, sql: str) -> None:
        if self.scratch is None:
            self.connection.execute(f"CREATE OR REPLACE TABLE store.{name} AS {sql}")
            return
        file = quoted(str(self.scratch / f"{name}.parquet"))
        self.connection.execute(f"COPY ({sql}) TO {file} (FORMAT parquet, COMPRESSION lz4)")
        self.connection.execute(f"CREATE OR REPLACE VIEW store.{name} AS FROM read_parquet({file})")


def read_sql(name: str) -> str:
    """An SQL file of this package."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
