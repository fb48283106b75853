"""The manifest: one appended line a load, and what those lines together say the store holds.

A Parquet file that no line names does not exist for a reader. A line is written in one `write` and flushed before
`append` returns, so a crash leaves either no line or a torn last one, which is ignored and cut off by the next load.
No line holds a clock time: the same files loaded in the same order give the same manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from targeting.domain import BadInputError

__all__ = ["FileRecord", "LoadRecord", "Manifest", "TableCounts", "append", "number_digest", "read_manifest"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One Parquet file of one table: its name in the table's folder, its own sha256 and its rows."""

    table: str
    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What one load did to one table, in rows.

    `accepted` came in conforming; `stored` were new and are in the file; `vanished` are `deleted` rows the store
    added for living units that a complete file no longer listed; `purged` came in but belong to a purged number;
    `corrected` still held a value that somebody had corrected, and were taken in with the corrected one.
    """

    table: str
    read: int
    accepted: int
    stored: int
    vanished: int = 0
    purged: int = 0
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One load: where it came from, what it added, which files it put out of use.

    `purged_numbers` are sha256 digests, so that the manifest can refuse a number without holding it.
    """

    id: str
    source_kind: str
    file: str
    sha256: str
    received_on: date
    complete: bool = False
    quarantined: int = 0
    counts: tuple[TableCounts, ...] = ()
    files: tuple[FileRecord, ...] = ()
    retired: tuple[str, ...] = ()
    purged_numbers: tuple[str, ...] = ()

    def to_line(self) -> str:
        """One line of JSON, keys sorted, without the newline."""
        return json.dumps(
            asdict(self) | {"received_on": self.received_on.isoformat()}, sort_keys=True, ensure_ascii=False
        )

    @classmethod
    def from_line(cls, line: str, where: str) -> LoadRecord:
        """The record on a line; anything else is a `BadInputError` naming the place."""
        try:
            raw = json.loads(line)
            raw["received_on"] = date.fromisoformat(raw["received_on"])
            raw["counts"] = tuple(TableCounts(**each) for each in raw["counts"])
            raw["files"] = tuple(FileRecord(**each) for each in raw["files"])
            raw["retired"] = tuple(raw["retired"])
            raw["purged_numbers"] = tuple(raw["purged_numbers"])
            return cls(**raw)
        except (ValueError, KeyError, TypeError) as cause:
            raise BadInputError(
                expected="a manifest line",
                got=f"{type(cause).__name__}: {cause}",
                where=where,
                do="restore the manifest from backup; it is only ever appended to by a load",
            ) from cause


@dataclass(frozen=True, slots=True)
class Manifest:
    """All loads in order, and what follows from them."""

    loads: tuple[LoadRecord, ...] = field(default=())

    def files(self, table: str) -> tuple[FileRecord, ...]:
        """The files of `table` that count, oldest load first."""
        gone = {f"{name}" for load in self.loads for name in load.retired}
        every = (each for load in self.loads for each in load.files if each.table == table)
        return tuple(each for each in every if f"{each.table}/{each.name}" not in gone)

    def knows(self, sha256: str) -> bool:
        """Whether a file of this content was loaded before."""
        return any(load.sha256 == sha256 for load in self.loads)

    def purges(self) -> dict[str, date]:
        """The digest of each purged number and the day its last purge was received."""
        return {digest: load.received_on for load in self.loads for digest in load.purged_numbers}


def number_digest(number: str) -> str:
    """The sha256 of an organisation number, in hex."""
    return hashlib.sha256(number.encode()).hexdigest()


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`; empty when there is none. A torn last line (no newline) is not there yet."""
    if not path.exists():
        return Manifest()
    stat = path.stat()
    return _parsed(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _parsed(path: Path, changed: int, size: int) -> Manifest:
    """The manifest as of one state of the file: a load reads it many times, and it changes once."""
    whole = path.read_text(encoding="utf-8").split("\n")[:-1]
    return Manifest(tuple(LoadRecord.from_line(line, f"{path.name} line {n}") for n, line in enumerate(whole, start=1)))


def append(path: Path, record: LoadRecord) -> None:
    """Add one line and wait until it is on disk. The caller holds the store's lock."""
    with path.open("ab") as stream:
        stream.truncate(_end_of_last_whole_line(path))
        stream.write(record.to_line().encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def _end_of_last_whole_line(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1
