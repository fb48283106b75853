"""What a load has taken in so far: one growing Parquet file a table, in a folder that only success publishes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.tables import Table

__all__ = ["QUARANTINE", "Load", "Taken"]

QUARANTINE = "quarantine.jsonl"


class Taken:
    """How many rows of one table were read at the source and accepted by the contract."""

    def __init__(self) -> None:
        self.read = 0
        self.accepted = 0


class Load:
    """One load in progress, as `Store.begin` hands it out. Batches are written as they come, so memory stays flat."""

    def __init__(self, load_id: str, folder: Path) -> None:
        self.id = load_id
        self.folder = folder
        self.taken: dict[type[Table], Taken] = {}
        self.purged: set[str] = set()
        self.quarantined = 0
        self._writers: dict[type[Table], pq.ParquetWriter] = {}

    def add(self, table: type[Table], rows: pa.Table, *, read: int | None = None) -> None:
        """Take in one batch. `read` is what the source counted (default: the rows). Raises on a broken contract."""
        checked = table.check(rows)
        taken = self.taken.setdefault(table, Taken())
        taken.read += len(checked) if read is None else read
        taken.accepted += len(checked)
        if table not in self._writers:
            self._writers[table] = pq.ParquetWriter(self.path(table), table.schema(), compression="lz4")
        self._writers[table].write_table(checked)

    def purge(self, numbers: Iterable[str]) -> None:
        """Remove these units from every table when the load succeeds, and keep older files from restoring them."""
        self.purged.update(numbers)

    def quarantine(self, entries: Iterable[Mapping[str, object]]) -> None:
        """Keep what could not be read, one JSON object a line, beside the load."""
        with (self.folder / QUARANTINE).open("a", encoding="utf-8") as stream:
            for entry in entries:
                stream.write(json.dumps(entry, ensure_ascii=False, sort_keys=True, default=str) + "\n")
                self.quarantined += 1

    def path(self, table: type[Table]) -> Path:
        """The staged file of `table`; absent until the first batch."""
        return self.folder / f"{table.about.name}.staged.parquet"

    def close(self) -> None:
        """Finish the staged files."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def __enter__(self) -> Load:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
