"""Enhetsregisteret's bulk files, main units and sub-units: JSON or CSV, gzipped or not, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from targeting.domain import Standard
from targeting.sources.enhetsregisteret_csv import csv_entries
from targeting.sources.enhetsregisteret_entry import Entry, entry_row
from targeting.sources.enhetsregisteret_fields import ENTERPRISE, ESTABLISHMENT, Register, Stamp, standard_on
from targeting.sources.enhetsregisteret_json import json_entries
from targeting.sources.reading import BATCH_ROWS, Batch, Quarantined, RowError, table_rows
from targeting.sources.text_stream import text_chunks

__all__ = ["read_enterprises", "read_establishments"]

_BULK_VERSION = 0


def read_enterprises(path: Path, *, known_on: date, standard: Standard | None = None) -> Iterator[Batch]:
    """Batches of `enterprises` from a file of main units. `standard` overrides what `known_on` tells of the codes.

    One row an entry; an entry that cannot be one, that holds anything shaped like a national identity number, or
    whose organisation number came before in the file, is quarantined. Raises `BadInputError` for a file that is
    broken as a whole; rows already yielded are then to be discarded.
    """
    return _batches(path, ENTERPRISE, Stamp(known_on, _BULK_VERSION, standard or standard_on(known_on)))


def read_establishments(path: Path, *, known_on: date, standard: Standard | None = None) -> Iterator[Batch]:
    """Batches of `establishments` from a file of sub-units; otherwise as `read_enterprises`."""
    return _batches(path, ESTABLISHMENT, Stamp(known_on, _BULK_VERSION, standard or standard_on(known_on)))


def _batches(path: Path, register: Register, stamp: Stamp) -> Iterator[Batch]:
    seen: set[int] = set()
    rows: list[dict[str, object]] = []
    refused: list[Quarantined] = []
    for entry in _entries(path, register):
        row = entry if isinstance(entry, Quarantined) else _row(entry, register, stamp, seen, path)
        if isinstance(row, Quarantined):
            refused.append(row)
        else:
            rows.append(row)
        if len(rows) + len(refused) >= BATCH_ROWS:
            yield _batch(register, rows, refused)
            rows, refused = [], []
    if rows or refused:
        yield _batch(register, rows, refused)


def _batch(register: Register, rows: list[dict[str, object]], refused: list[Quarantined]) -> Batch:
    return Batch(register.table, table_rows(register.table, rows), len(rows) + len(refused), tuple(refused))


def _entries(path: Path, register: Register) -> Iterator[Entry | Quarantined]:
    # The content decides, not the name: payloads are saved under many names.
    start = next((text.lstrip() for text in text_chunks(path) if text.strip()), "")
    return json_entries(path, register) if start.startswith(("[", "{")) else csv_entries(path, register)


def _row(entry: Entry, register: Register, stamp: Stamp, seen: set[int], path: Path) -> dict[str, object] | Quarantined:
    try:
        row = entry_row(entry, register, stamp)
        _once(str(row[register.number]), seen)
    except RowError as error:
        return error.at(path.name, entry.line)
    return row


def _once(number: str, seen: set[int]) -> None:
    """Numbers as integers: two million of them are the one thing that grows with the file."""
    if int(number) in seen:
        raise RowError("organisasjonsnummer", "each organisation number once in a bulk file", f"{number} again")
    seen.add(int(number))
