"""Register entries from the bulk CSV files, brought to the shape of the JSON ones."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import BadInputError
from targeting.sources.enhetsregisteret_entry import Entry
from targeting.sources.enhetsregisteret_fields import Register
from targeting.sources.identifiers import needs_a_look
from targeting.sources.reading import Quarantined, shown
from targeting.sources.text_stream import text_lines

__all__ = ["csv_entries"]

_REQUIRED: Final = ("organisasjonsnummer", "navn", "organisasjonsform.kode", "harRegistrertAntallAnsatte")
_UNREAD_BUT_USED: Final = ("respons_klasse", "slettedato")
_ALIASES: Final = {"registreringsdatoienhetsregisteret": "registreringsdatoEnhetsregisteret"}
"""Headers whose words, not only whose capitals, differ from the JSON key."""

_CELL_SEPARATOR: Final = "\x1f"


class _Record(NamedTuple):
    line: int
    values: list[str]
    problem: str | None


class _Path(NamedTuple):
    """Where a column's value belongs in the JSON shape: under `key`, inside the object `holder` if there is one."""

    holder: str | None
    key: str


def csv_entries(path: Path, register: Register) -> Iterator[Entry | Quarantined]:
    """The entries of `path` after its header, in order. Blank cells are absent keys.

    Headers are matched whatever their capitals; columns that no row reads are kept. Raises `BadInputError` when the
    file is broken as a whole: see `text_chunks`, a header of another layout, a quote that is never closed.
    """
    records = _records(path)
    header = next((record.values for record in records), [])
    paths = _paths(header, register, path)
    for line, values, problem in records:
        if problem is not None or len(values) != len(header):
            got = problem or f"{len(values)}"
            yield Quarantined(path.name, line, None, f"{len(header)} columns separated by commas", got)
        else:
            yield Entry(line, _unit(paths, values), _CELL_SEPARATOR.join(values))


def _records(path: Path) -> Iterator[_Record]:
    """Records with the line each starts on; one with a stray quote carries its problem, the next is read as usual."""
    reader = csv.reader(text_lines(path), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as cause:
            _refuse_swallowed(cause, path, line)
            yield _Record(line, [], str(cause))
        else:
            if values:
                yield _Record(line, values, None)


def _refuse_swallowed(cause: csv.Error, path: Path, line: int) -> None:
    """An unclosed quote takes all that follows into one cell: the file cannot be trusted from there on."""
    if "end of data" in str(cause) or "field limit" in str(cause):
        raise BadInputError(
            expected="a closing double quote",
            got=str(cause),
            where=f"{path.name}, the record that starts on line {line}",
            do="fetch the file again; nothing of it was stored",
        ) from cause


def _paths(header: Sequence[str], register: Register, path: Path) -> list[_Path]:
    names = [name.strip() for name in header]
    folded = [name.casefold() for name in names]
    _check_header(folded, register, path)
    known = _known(register)
    return [known.get(fold) or _path(name, folded) for name, fold in zip(names, folded, strict=True)]


def _known(register: Register) -> dict[str, _Path]:
    known = {key.casefold(): _Path(None, key) for key in (*register.keys, *_UNREAD_BUT_USED)}
    inner = {f"{key}.{part}".casefold(): _Path(key, part) for key, parts in register.keys.items() for part in parts}
    return known | inner | {alias: _Path(None, key) for alias, key in _ALIASES.items()}


def _path(name: str, folded: Sequence[str]) -> _Path:
    holder, dot, key = name.rpartition(".")
    return _Path(holder, key) if dot and holder.casefold() not in folded else _Path(None, name)


def _check_header(folded: Sequence[str], register: Register, path: Path) -> None:
    address = next(key for key in register.keys if key.endswith("adresse"))
    required = [*(name.casefold() for name in _REQUIRED), f"{address}.kommunenummer"]
    if absent := [name for name in required if name not in folded]:
        raise _header_error(register, path, f"no column {absent[0]}")
    if repeated := next((name for at, name in enumerate(folded) if name in folded[:at]), None):
        raise _header_error(register, path, f"the column {shown(repeated)} twice")
    if needs_a_look(" ".join(folded)):
        raise _header_error(register, path, "digits where names belong")


def _header_error(register: Register, path: Path, got: str) -> BadInputError:
    return BadInputError(
        expected=f"the header of the bulk CSV file of {register.embedded}",
        got=got,
        where=f"{path.name}, line 1",
        do="check that the file is what its name says",
    )


def _unit(paths: Sequence[_Path], values: Sequence[str]) -> dict[str, object]:
    unit: dict[str, object] = {}
    for (holder, key), value in zip(paths, values, strict=True):
        if value:
            inside = unit if holder is None else unit.setdefault(holder, {})
            inside[key] = value  # type: ignore[index]
    return unit
