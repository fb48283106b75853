"""A purge by decision: the store forgets a number because somebody decided it, not because a register said so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Final

from targeting.snapshots.connection import connect
from targeting.snapshots.delta import parquet
from targeting.snapshots.purge import naming_rows_sql
from targeting.snapshots.store import Store
from targeting.tables import ALL_TABLES

__all__ = ["forget", "naming_rows"]

_SOURCE: Final = "decision"


def naming_rows(store: Store, number: str) -> dict[str, int]:
    """How many rows of each table name `number`, as what they are about or as whom it belongs to; tables with none left
    out.
    """
    return dict(_counted(store, number))


def _counted(store: Store, number: str) -> Iterator[tuple[str, int]]:
    with connect(1) as connection:
        for table in ALL_TABLES:
            if naming := naming_rows_sql(table, parquet(store.paths(table), table)):
                found = connection.execute(f"SELECT count(*) FROM ({naming})", {"numbers": [number]}).fetchall()
                if found[0][0]:
                    yield table.about.name, int(found[0][0])


def forget(store: Store, number: str, on: date) -> None:
    """Purge `number` from every table as one more load, received `on`; nothing a second time on the same day.

    As after a purge by a register: no older file brings it back, and what a register says of it from the next day on
    is a new fact.
    """
    sha256 = hashlib.sha256(f"purge by decision\n{number}\n{on}".encode()).hexdigest()
    if not store.known(sha256):
        with store.begin(_SOURCE, "purge by decision", sha256, on) as load:
            load.purge([number])
