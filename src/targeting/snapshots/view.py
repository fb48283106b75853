"""The as-of view: the only reader of the store, and the place where the promise about time is kept.

Every relation ending in `_asof` holds, for each as-of day, what was known strictly before it. Nothing else is in the
main schema, so a feature that stays in the main schema cannot see the future. The raw rows are in the schema `store`,
which feature SQL must never name.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from targeting.domain import AsOf
from targeting.snapshots.asof_sql import UNIT_TABLES, asof_sql, before_1y_sql, versions_sql
from targeting.snapshots.connection import SPILL_MEMORY, connect
from targeting.snapshots.delta import parquet
from targeting.snapshots.periods import Periods, read_sql
from targeting.snapshots.store import Store
from targeting.tables import ALL_TABLES, Establishments, Findings, Inspections, Reactions, Table

__all__ = ["COHORT_KEYS", "AsOfView"]

COHORT_KEYS = pa.schema([pa.field("establishment", pa.string()), pa.field("as_of", pa.date32())])
_OUTCOME_TABLES = {Inspections, Findings, Reactions}


@dataclass(frozen=True, slots=True)
class AsOfView(AbstractContextManager["AsOfView"]):
    """What was known on each of `as_ofs`, as relations of `connection`. Close it (or use `with`) to free the memory.

    Relations (main schema; every one starts with `as_of`, and obeys `known_on < as_of`):
    `as_ofs` · `cohort(establishment, enterprise, as_of)` · for each table `<table>_asof`, the newest row of each
    entity · `establishments_before_1y_asof`, `enterprises_before_1y_asof` · `establishment_versions_asof`,
    `enterprise_versions_asof` · `bankruptcies_asof(enterprise, bankrupt_on, address_key, industry)`, where enterprises
    that went bankrupt were from a year before it on, deleted ones too · `inspection_results_asof`, one row per
    (as_of, inspection) with an answer known.
    """

    connection: duckdb.DuckDBPyConnection
    as_ofs: tuple[AsOf, ...]

    @classmethod
    def open(
        cls,
        store: Store,
        cohort_rows: pa.Table | None,
        as_ofs: Sequence[AsOf],
        *,
        threads: int = 2,
        tables: Sequence[type[Table]] = ALL_TABLES,
        scratch: Path | None = None,
        spill: Path | None = None,
    ) -> AsOfView:
        """A view of `store` on `as_ofs`; `cohort_rows` (establishment, as_of) become the relation `cohort`.

        `tables` limits the view to the relations that need only these, for a reader that wants no more. With `scratch`
        (an empty folder, the caller's to remove) memory stays bounded: what does not fit is there. With `spill` it is
        bounded more widely, for many days at once: tables stay the engine's own, and it moves there what it must.
        """
        days = tuple(sorted(set(as_ofs)))
        engine = connect(threads, spill, SPILL_MEMORY) if scratch is None else connect(threads, scratch)
        view = cls(engine, days)
        view.connection.execute("CREATE SCHEMA store")
        view._name_days()
        view._name_tables(store, tables, Periods(view.connection, scratch))
        if Establishments in tables:
            view.choose(cohort_rows if cohort_rows is not None else COHORT_KEYS.empty_table())
        return view

    def choose(self, cohort_rows: pa.Table) -> None:
        """Make `cohort_rows` (establishment, as_of; other columns are ignored) the cohort, in place of the last one.

        The enterprise is the one known on the as-of day; null when the establishment was not known then.
        """
        self.put("store.cohort_keys", cohort_rows.select(COHORT_KEYS.names).cast(COHORT_KEYS))
        self.choose_from("store.cohort_keys")

    def choose_from(self, relation: str) -> None:
        """The same with the rows of a relation of this view, which never leave the engine."""
        self.connection.execute(f"""
            CREATE OR REPLACE TABLE cohort AS
            SELECT DISTINCT k.establishment, e.enterprise, k.as_of
            FROM {relation} k LEFT JOIN establishments_asof e USING (establishment, as_of)
            ORDER BY k.as_of, k.establishment""")

    def put(self, name: str, rows: pa.Table) -> None:
        """Copy an Arrow table into the main schema as `name`: legal rules by code, chosen rows."""
        self.connection.register("arriving", rows)
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM arriving")
        self.connection.unregister("arriving")

    def close(self) -> None:
        """Free the connection."""
        self.connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _name_days(self) -> None:
        self.put("as_ofs", pa.table({"as_of": pa.array([each.day for each in self.as_ofs], pa.date32())}))
        self.connection.execute("""
            CREATE TABLE store.days AS
            SELECT as_of AS day FROM as_ofs UNION SELECT (as_of - INTERVAL 1 YEAR)::DATE FROM as_ofs""")

    def _name_tables(self, store: Store, tables: Sequence[type[Table]], periods: Periods) -> None:
        execute = self.connection.execute
        for table in tables:
            execute(f"CREATE VIEW store.{table.about.name} AS FROM {parquet(store.paths(table), table)}")
            periods.name(table)
        if Establishments in tables:
            execute(f"CREATE TABLE industry_key AS {read_sql('industry_key.sql')}")
        for table in tables:
            self._name_states(table)
        if set(tables) >= set(UNIT_TABLES):
            periods.name_bankruptcies()
            self._name_bankruptcies()
        if set(tables) >= _OUTCOME_TABLES:
            periods.name_results()
            self._name_results()

    def _name_states(self, table: type[Table]) -> None:
        name, days = table.about.name, [each.day for each in self.as_ofs]
        self.connection.execute(f"CREATE VIEW {name}_asof AS {asof_sql(table, days)}")
        if table in UNIT_TABLES:
            self.connection.execute(f"CREATE VIEW {name}_before_1y_asof AS {before_1y_sql(table, days)}")
            self.connection.execute(f"CREATE VIEW {table.about.key[0]}_versions_asof AS {versions_sql(table)}")

    def _name_bankruptcies(self) -> None:
        self.connection.execute("""
            CREATE VIEW bankruptcies_asof AS
            SELECT DISTINCT a.as_of, b.enterprise, b.bankrupt_on, b.address_key,
                coalesce(b.industry_sn2007, k.industry_sn2007, b.industry_sn2025) AS industry
            FROM as_ofs a
            JOIN store.bankruptcies b ON b.valid_from < a.as_of AND a.as_of <= b.valid_to AND b.bankrupt_on < a.as_of
            LEFT JOIN industry_key k USING (as_of, industry_sn2025)""")

    def _name_results(self) -> None:
        self.connection.execute("""
            CREATE TABLE inspection_results_asof AS
            SELECT a.as_of, r.* EXCLUDE (valid_from, valid_to)
            FROM as_ofs a JOIN store.result_periods r ON r.valid_from < a.as_of AND a.as_of <= r.valid_to""")
