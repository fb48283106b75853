"""What every adapter yields: bounded batches of table rows, and the rows it refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from targeting.domain import has_national_identity_number
from targeting.tables import Table

__all__ = ["BATCH_ROWS", "IDENTITY_NUMBER", "Batch", "Quarantined", "RowError", "shown", "table_rows"]

BATCH_ROWS: Final = 20_000
"""Source rows a batch holds at most: what keeps reading flat in memory."""

IDENTITY_NUMBER: Final = "11 digits shaped like a national identity number"
"""What a quarantine line says instead of the text that may identify a person."""

_SHOWN_CHARACTERS: Final = 60
_IDENTIFYING_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One source row that was refused: where it stood, what was expected, what came.

    `line` counts from 1: the line of a line-based file (the header is line 1), the element of a JSON array; null
    when the format has no such place. `column` is null when the row as a whole is at fault. `got` never holds text
    that could identify a person: build it with `shown`.
    """

    file: str
    line: int | None
    column: str | None
    expected: str
    got: str

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.file, f"line {self.line}" if self.line else "", self.column or "") if part
        )
        return f"{place}: expected {self.expected}, got {self.got}"


class RowError(Exception):
    """Raised while a row is read; the reader of the file turns it into a `Quarantined`. `got` is safe to show."""

    def __init__(self, column: str | None, expected: str, got: str) -> None:
        super().__init__(column, expected, got)
        self.column = column
        self.expected = expected
        self.got = got

    def at(self, file: str, line: int | None) -> Quarantined:
        """The same refusal with its place."""
        return Quarantined(file, line, self.column, self.expected, self.got)


@dataclass(frozen=True, slots=True)
class Batch:
    """At most about `BATCH_ROWS` source rows of one table: `read == len(rows) + len(quarantined) + len(purge)`.

    `rows` conforms to `table.schema()`. `purge` holds organisation numbers whose copies must be erased.
    """

    table: type[Table]
    rows: pa.Table
    read: int
    quarantined: tuple[Quarantined, ...]
    purge: tuple[str, ...] = ()


def shown(value: object) -> str:
    """`value` as a reader of the quarantine may see it: short, and never with digits that could identify a person.

    A mistyped identity number has ten or twelve digits as easily as eleven, so ten are enough to redact.

    >>> shown("ja"), shown("1" * 12), shown(None)
    ("'ja'", '12 digits in 12 characters', 'nothing')
    """
    if value is None or value == "":
        return "nothing"
    text = value if isinstance(value, str) else str(value)
    if has_national_identity_number(text):
        return IDENTITY_NUMBER
    digits = sum(character.isdigit() for character in text)
    if digits >= _IDENTIFYING_DIGITS:
        return f"{digits} digits in {len(text)} characters"
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


def table_rows(table: type[Table], records: Sequence[Mapping[str, object]]) -> pa.Table:
    """`records` as an Arrow table of the contract's schema; raises `BadInputError` where they break it."""
    nullable = pa.schema([field.with_nullable(True) for field in table.schema()])
    return table.check(pa.Table.from_pylist([dict(record) for record in records], schema=nullable))
