"""When each inspection of the store started: what dates answers and reactions that bring no date of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

import pyarrow.parquet as pq

from targeting.snapshots import Store
from targeting.tables import Inspections

__all__ = ["StartedInspections"]


class StartedInspections(Mapping[str, date]):
    """First day by inspection id. Read from the store at the first question, since most files never ask."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _days(self) -> dict[str, date]:
        days: dict[str, date] = {}
        for path in self._store.paths(Inspections):
            rows = pq.read_table(path, columns=["inspection", "occurred_on"])
            days.update(zip(rows["inspection"].to_pylist(), rows["occurred_on"].to_pylist(), strict=True))
        return days

    def __getitem__(self, inspection: str) -> date:
        return self._days[inspection]

    def __iter__(self) -> Iterator[str]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)
