"""Comma-separated files of one flat layout: header checked, every cell guarded and typed, bad lines refused singly."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from targeting.domain import BadInputError
from targeting.sources.batching import Place, Record, in_batches, record
from targeting.sources.cells import Cell, CellError, check_impersonal
from targeting.sources.identifiers import needs_a_look
from targeting.sources.reading import Batch, Quarantined, RowError, shown
from targeting.sources.text_stream import text_lines
from targeting.tables import Table

__all__ = ["CsvField", "Line", "csv_lines", "read_csv"]


@dataclass(frozen=True, slots=True)
class CsvField:
    """One column of a file: its header, the name its value is handed on by, its kind of cell.

    `filled`: the cell may not be empty. `optional`: the header may lack it (its value is then null in every row).
    """

    header: str
    name: str
    cell: Cell
    filled: bool = False
    optional: bool = False
    aliases: tuple[str, ...] = ()


class Line(NamedTuple):
    """One readable line: where it stands and its typed values by field name, null where the cell is empty."""

    place: Place
    values: Mapping[str, Any]


def read_csv(
    path: Path,
    table: type[Table],
    fields: Sequence[CsvField],
    build: Callable[[Mapping[str, Any]], Mapping[str, object]],
) -> Iterator[Batch]:
    """The rows of `path` as batches of `table`. `build` turns a line's values into a row or raises `RowError`."""
    return in_batches(_record(table, line, build) for line in csv_lines(path, fields))


def _record(
    table: type[Table], line: Line | Quarantined, build: Callable[[Mapping[str, Any]], Mapping[str, object]]
) -> Record:
    if isinstance(line, Quarantined):
        return Record(table, Place(line.file, line.line), line)
    return record(table, line.place, build, line.values)


def csv_lines(path: Path, fields: Sequence[CsvField]) -> Iterator[Line | Quarantined]:
    """The lines of `path` after its header, in order, blank lines left out.

    Every line is one record: none of these layouts has a cell with a line break, and a quote that somebody forgot to
    close then costs its own line instead of swallowing the lines after it. Comma or, as Norwegian spreadsheets
    write, semicolon.

    Raises `BadInputError` when the file is broken as a whole: see `text_lines`, and a header with a column missing,
    unknown or twice.
    """
    lines = enumerate(text_lines(path), start=1)
    delimiter, columns = _header(next(lines)[1], fields, path)
    absent = {field.name: None for field in fields} if len(columns) < len(fields) else {}
    for number, text in lines:
        if text.strip():
            yield _line(text, delimiter, columns, absent, Place(path.name, number))


def _header(text: str, fields: Sequence[CsvField], path: Path) -> tuple[str, list[CsvField]]:
    delimiter = ";" if text.count(";") > text.count(",") else ","
    try:
        return delimiter, _columns(_split(text, delimiter), fields, path)
    except csv.Error as cause:
        raise _header_error(path, fields, str(cause), "write the header without quotes") from cause


def _columns(header: Sequence[str], fields: Sequence[CsvField], path: Path) -> list[CsvField]:
    by_header = {name.casefold(): field for field in fields for name in (field.header, *field.aliases)}
    names = [name.strip().casefold() for name in header]
    if unknown := [name for name in names if name not in by_header]:
        raise _header_error(path, fields, f"an unknown column {shown(unknown[0])}", "remove or rename the column")
    columns = [by_header[name] for name in names]
    if missing := [field.header for field in fields if not field.optional and field not in columns]:
        raise _header_error(path, fields, f"no column {missing[0]}", "add the column")
    if repeated := [field.header for field in columns if columns.count(field) > 1]:
        raise _header_error(path, fields, f"the column {repeated[0]} twice", "keep one of them")
    return columns


def _header_error(path: Path, fields: Sequence[CsvField], got: str, do: str) -> BadInputError:
    known = ", ".join(f"{field.header} (optional)" if field.optional else field.header for field in fields)
    return BadInputError(expected=f"a header of {known}", got=got, where=f"{path.name}, line 1", do=do)


def _line(
    text: str, delimiter: str, columns: Sequence[CsvField], absent: Mapping[str, None], place: Place
) -> Line | Quarantined:
    try:
        cells = _split(text, delimiter)
    except csv.Error as error:
        return place.refuse(None, "cells separated by commas, double quotes closed", str(error))
    if needs_a_look(text) and (personal := _personal(cells, columns, place)):
        return personal
    if len(cells) != len(columns):
        return place.refuse(None, f"{len(columns)} columns", f"{len(cells)}")
    values: dict[str, Any] = dict(absent)
    try:
        for field, cell in zip(columns, map(str.strip, cells), strict=True):
            if field.filled and not cell:
                raise CellError
            values[field.name] = field.cell.read(cell) if cell else None
    except CellError:
        return place.refuse(field.header, field.cell.expected, shown(cell))
    return Line(place, values)


def _personal(cells: Sequence[str], columns: Sequence[CsvField], place: Place) -> Quarantined | None:
    try:
        # A cell beyond the last column is looked at as well: a line of the wrong width is shown to people too.
        for number, cell in enumerate(cells):
            check_impersonal(columns[number].header if number < len(columns) else "beyond the last column", cell)
    except RowError as error:
        return error.at(place.file, place.line)
    return None


def _split(text: str, delimiter: str) -> list[str]:
    text = text.rstrip("\r\n")
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter, strict=True))
