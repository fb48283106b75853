"""Turning what a load has staged into files of the store and one manifest line."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

import duckdb

from targeting.snapshots.connection import connect, quoted
from targeting.snapshots.delta import define_delta, parquet
from targeting.snapshots.manifest import FileRecord, LoadRecord, Manifest, TableCounts, append, number_digest
from targeting.snapshots.purge import holding_files_sql, register_purges, without_purged_sql
from targeting.snapshots.staging import QUARANTINE, Load
from targeting.tables import ALL_TABLES, Corrections, Table

__all__ = ["publish", "write_parquet"]

_ROW_GROUP = 122_880


class _Home(Protocol):
    """What a commit needs of the store."""

    @property
    def home(self) -> Path: ...

    @property
    def folder(self) -> Path: ...

    def manifest(self) -> Manifest: ...


class _Rewritten(NamedTuple):
    """New files that replace retired ones."""

    files: tuple[FileRecord, ...]
    retired: tuple[str, ...]


def publish(
    store: _Home, load: Load, source_kind: str, file: str, sha256: str, received_on: date, *, complete: bool
) -> LoadRecord:
    """Write the load's files, move them into place, and only then name them in the manifest."""
    manifest = store.manifest()
    digests = {number_digest(number) for number in load.purged}
    with connect() as connection:
        register_purges(connection, manifest.purges() | dict.fromkeys(digests, received_on))
        written = [_write(connection, store, load, table, complete=complete) for table in _fed(load)]
        rewritten = _rewrite(connection, store, load, manifest) if digests else _Rewritten((), ())
    record = LoadRecord(
        id=load.id,
        source_kind=source_kind,
        file=file,
        sha256=sha256,
        received_on=received_on,
        complete=complete,
        quarantined=load.quarantined,
        counts=tuple(counts for counts, _ in written),
        files=tuple(each for _, each in written if each) + rewritten.files,
        retired=rewritten.retired,
        purged_numbers=tuple(sorted(digests)),
    )
    _move(store, load, record)
    append(store.folder / "manifest.jsonl", record)
    return record


def write_parquet(connection: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Write a relation with settings that do not depend on the machine, so that equal rows give equal bytes."""
    connection.execute(
        f"COPY {relation} TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )


def _fed(load: Load) -> list[type[Table]]:
    return [table for table in ALL_TABLES if table in load.taken]


def _write(
    connection: duckdb.DuckDBPyConnection, store: _Home, load: Load, table: type[Table], *, complete: bool
) -> tuple[TableCounts, FileRecord | None]:
    name = table.about.name
    stored = _stored(store, table)
    # A load of corrections speaks for itself: an earlier one must not put it back.
    binding = [] if Corrections in load.taken else _stored(store, Corrections)
    delta = define_delta(connection, table, load.path(table), stored, complete=complete, corrections=binding)
    taken = load.taken[table]
    counts = TableCounts(name, taken.read, taken.accepted, *delta)
    if delta.stored + delta.vanished == 0:
        return counts, None
    staged = _staged(load, name, f"{load.id}.parquet")
    write_parquet(connection, "delta", staged)
    return counts, FileRecord(name, staged.name, _sha256(staged), delta.stored + delta.vanished)


def _stored(store: _Home, table: type[Table]) -> list[Path]:
    name = table.about.name
    return [store.folder / name / each.name for each in store.manifest().files(name)]


def _rewrite(connection: duckdb.DuckDBPyConnection, store: _Home, load: Load, manifest: Manifest) -> _Rewritten:
    """Write every stored file that holds a purged number anew, without it."""
    files, retired = [], []
    for table in ALL_TABLES:
        name = table.about.name
        for old in _holding(connection, store, load, manifest, table):
            retired.append(f"{name}/{old}")
            rows = parquet([store.folder / name / old], table)
            kept = f"({without_purged_sql(table, rows)} ORDER BY {', '.join(table.about.key)})"
            left = int(connection.execute(f"SELECT count(*) FROM {kept}").fetchall()[0][0])
            if left:
                stem = hashlib.sha256(f"{load.id}\n{old}".encode()).hexdigest()[:16]
                staged = _staged(load, name, f"{stem}.parquet")
                write_parquet(connection, kept, staged)
                files.append(FileRecord(name, staged.name, _sha256(staged), left))
    return _Rewritten(tuple(files), tuple(retired))


def _holding(
    connection: duckdb.DuckDBPyConnection, store: _Home, load: Load, manifest: Manifest, table: type[Table]
) -> list[str]:
    """The stored files of `table` that name a number this load purges, oldest load first."""
    names = [each.name for each in manifest.files(table.about.name)]
    listed = ", ".join(quoted(str(store.folder / table.about.name / name)) for name in names)
    sql = holding_files_sql(table, f"read_parquet([{listed}], filename = true)")
    if not names or sql is None:
        return []
    found = connection.execute(sql, {"numbers": sorted(load.purged)}).fetchall()
    holding = {Path(str(row[0])).name for row in found}
    return [name for name in names if name in holding]


def _staged(load: Load, table: str, name: str) -> Path:
    folder = load.folder / table
    folder.mkdir(exist_ok=True)
    return folder / name


def _move(store: _Home, load: Load, record: LoadRecord) -> None:
    for each in record.files:
        target = store.folder / each.table
        target.mkdir(exist_ok=True)
        _settle(load.folder / each.table / each.name, target / each.name)
    if load.quarantined:
        (store.home / "quarantine").mkdir(exist_ok=True)
        _settle(load.folder / QUARANTINE, store.home / "quarantine" / f"{load.id}.jsonl")


def _settle(path: Path, target: Path) -> None:
    """Move a file so that it is on disk, whole and under its name, before the manifest speaks of it."""
    _sync(path)
    path.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
