"""From single records, good and refused, to bounded batches a table; a key may occur once a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, ParamSpec

from targeting.sources.reading import BATCH_ROWS, Batch, Quarantined, RowError, table_rows
from targeting.tables import Table

__all__ = ["Place", "Record", "in_batches", "record"]

_P = ParamSpec("_P")


class Place(NamedTuple):
    """Where a record stands: the file and, from 1, the line (the element of a JSON array)."""

    file: str
    line: int | None

    def refuse(self, column: str | None, expected: str, got: str) -> Quarantined:
        """The record that stands here, refused. `got` must be safe to show: see `reading.shown`."""
        return Quarantined(self.file, self.line, column, expected, got)


class Record(NamedTuple):
    """One row of `table`, complete and typed, with the place it came from; or the refusal of such a row."""

    table: type[Table]
    place: Place
    row: Mapping[str, object] | Quarantined


def record(
    table: type[Table], place: Place, build: Callable[_P, Mapping[str, object]], *args: _P.args, **kwargs: _P.kwargs
) -> Record:
    """The row of `table` that `build` gives for its arguments, or its refusal when `build` raises `RowError`."""
    try:
        return Record(table, place, build(*args, **kwargs))
    except RowError as error:
        return Record(table, place, error.at(place.file, place.line))


@dataclass(slots=True)
class _Pending:
    """What is collected for one table: the current batch, and the hash of every key met in the file.

    64-bit hashes are what grows with the file; among ten million keys two different ones meet once in 400 000 files.
    """

    table: type[Table]
    rows: list[Mapping[str, object]] = field(default_factory=list)
    refused: list[Quarantined] = field(default_factory=list)
    seen: dict[int, int | None] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        row = record.row if isinstance(record.row, Quarantined) else self._unless_repeated(record.row, record.place)
        if isinstance(row, Quarantined):
            self.refused.append(row)
        else:
            self.rows.append(row)

    def _unless_repeated(self, row: Mapping[str, object], place: Place) -> Mapping[str, object] | Quarantined:
        key = self.table.about.key
        digest = hash(tuple([row[name] for name in key]))
        if digest in self.seen:
            first = f", first on line {self.seen[digest]}" if self.seen[digest] else ""
            return place.refuse(None, f"each ({', '.join(key)}) once in a file", f"the same again{first}")
        self.seen[digest] = place.line
        return row

    def __len__(self) -> int:
        return len(self.rows) + len(self.refused)

    def flush(self) -> Batch:
        batch = Batch(self.table, table_rows(self.table, self.rows), len(self), tuple(self.refused))
        self.rows, self.refused = [], []
        return batch


def in_batches(records: Iterable[Record], size: int = BATCH_ROWS) -> Iterator[Batch]:
    """`records` as batches of about `size`, table by table; within a table the order of the file is kept.

    A second record with the key of an earlier one is refused: which of the two is right only the supplier can say.
    """
    pending: dict[type[Table], _Pending] = {}
    for record in records:
        if (part := pending.get(record.table)) is None:
            part = pending[record.table] = _Pending(record.table)
        part.take(record)
        if len(part) >= size:
            yield part.flush()
    yield from (part.flush() for part in pending.values() if len(part))
