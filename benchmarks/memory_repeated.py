"""A country that many times over: every row of the store again under new numbers, without going through ingest.

Copy k of an organisation number has the same eight first digits and another ninth, so it starts with 2 or 3 as the
original does, belongs to no one, and no two copies meet (ten copies at most; only the original's check digit holds,
which nothing asks for after ingest). A copy lives at addresses of its own. All else is the same, dates among it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from targeting.snapshots import Store
from targeting.snapshots.commit import write_parquet
from targeting.snapshots.connection import connect, quoted
from targeting.snapshots.manifest import FileRecord, LoadRecord, append
from targeting.tables import ALL_TABLES, Corrections, Table

__all__ = ["MOST_TIMES", "repeat"]

MOST_TIMES: Final = 10
_NUMBERS: Final = ("establishment", "enterprise", "parent", "number")
_IDS: Final = ("inspection", "incident", "visit")


def repeat(store: Store, home: Path, times: int, scratch: Path) -> None:
    """Write `store` repeated `times` under `home`, which has none. `scratch` is an empty folder for sorting."""
    if not 1 <= times <= MOST_TIMES:
        raise ValueError(f"expected 1 to {MOST_TIMES} times, got {times}")
    new, manifest = Store(home), store.manifest()
    living = {(each.table, each.name) for table in ALL_TABLES for each in manifest.files(table.about.name)}
    with connect(2, scratch) as connection:
        for load in manifest.loads:
            files = [each for each in load.files if (each.table, each.name) in living]
            written = tuple(_repeat_file(connection, store, new, each, times) for each in files)
            _name(new, replace(load, files=written, retired=()))


def _repeat_file(
    connection: duckdb.DuckDBPyConnection, store: Store, new: Store, file: FileRecord, times: int
) -> FileRecord:
    table = next(one for one in ALL_TABLES if one.about.name == file.table)
    source, target = (one.folder / file.table / file.name for one in (store, new))
    target.parent.mkdir(parents=True, exist_ok=True)
    # Corrections are in the rows already, and speak of the originals.
    copies = 1 if table is Corrections else times
    write_parquet(connection, f"({_sql(table, source, copies)})", target)
    with target.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileRecord(file.table, file.name, digest, file.rows * copies)


def _sql(table: type[Table], source: Path, times: int) -> str:
    columns = ", ".join(f"{_column(name)} AS {name}" for name in table.columns())
    return f"""
        SELECT {columns} FROM read_parquet({quoted(str(source))}) r, range({times}) copies(copy)
        ORDER BY {", ".join(table.about.key)}"""


def _column(name: str) -> str:
    if name in _NUMBERS:
        return f"left(r.{name}, 8) || ((right(r.{name}, 1)::INTEGER + copy) % 10)"
    if name in _IDS:
        return f"if(copy = 0, r.{name}, r.{name} || '-' || copy)"
    return f"if(copy = 0, r.{name}, r.{name} || ' ' || copy)" if name == "address" else f"r.{name}"


def _name(new: Store, load: LoadRecord) -> None:
    path = new.folder / "manifest.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    append(path, load)
