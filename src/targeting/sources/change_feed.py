"""Enhetsregisteret's change feed as captured to a file: new, changed, deleted and removed units, one event a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import BadInputError, Standard
from targeting.sources.enhetsregisteret_entry import Entry, entry_row
from targeting.sources.enhetsregisteret_fields import ENTERPRISE, ESTABLISHMENT, Register, Stamp, standard_on
from targeting.sources.json_stream import parsed
from targeting.sources.reading import BATCH_ROWS, Batch, Quarantined, RowError, shown, table_rows
from targeting.sources.register_values import Unit, day, required_number, text
from targeting.sources.text_stream import text_lines

__all__ = ["REMOVED", "read_enterprise_changes", "read_establishment_changes"]

_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_KINDS: Final = ("Ukjent", "Ny", "Endring", "Sletting", "Fjernet")
REMOVED: Final = "Fjernet"
"""The change type of a unit that open data no longer show; copies must be erased."""
_WHOLE_NUMBER: Final = "a whole number from 1 up"
_LARGEST_ID: Final = 2**63 - 1
_DELETION: Final = "Sletting"
_GONE_KEYS: Final = frozenset({"organisasjonsnummer", "slettedato", "_links"})


class _Event(NamedTuple):
    id: int
    known_on: date
    number: str
    kind: str
    content: Unit | None


@dataclass(slots=True)
class _Pending:
    """What is collected for the current batch."""

    rows: list[dict[str, object]] = field(default_factory=list)
    refused: list[Quarantined] = field(default_factory=list)
    purge: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.refused) + len(self.purge)

    def batch(self, register: Register) -> Batch:
        rows = table_rows(register.table, self.rows)
        return Batch(register.table, rows, len(self), tuple(self.refused), tuple(self.purge))


def read_enterprise_changes(path: Path, *, standard: Standard | None = None) -> Iterator[Batch]:
    """Batches of `enterprises` from a captured feed of main units (`change_capture.follow` writes such files).

    One line an event: `oppdateringsid`, `dato`, `organisasjonsnummer`, `endringstype`, `innhold` (the unit as fetched)
    and, where the unit was fetched on a later day than `dato`, `hentet`. A row's version is the oppdateringsid. It is
    known on the day of `dato` as written, in UTC (an event after 22:00 UTC falls on the next Norwegian day: a day early
    at most, while the register publishes at about 05:00), or on `hentet` if that is later: content fetched today says
    nothing about what was known last month.

    Content decides what an event means, except that `Fjernet`, and the two-key content of an HTTP 410, purge the unit.
    `Sletting` without content is a deleted unit of which only the number is known. Events that cannot be read are
    quarantined; a last line without its end means a cut file, and `BadInputError`.
    """
    return _batches(path, ENTERPRISE, standard)


def read_establishment_changes(path: Path, *, standard: Standard | None = None) -> Iterator[Batch]:
    """Batches of `establishments` from a captured feed of sub-units; otherwise as `read_enterprise_changes`."""
    return _batches(path, ESTABLISHMENT, standard)


def _batches(path: Path, register: Register, standard: Standard | None) -> Iterator[Batch]:
    seen: set[int] = set()
    pending = _Pending()
    for line, raw in enumerate(text_lines(path), start=1):
        if not raw.strip():
            continue
        try:
            _take(raw, line, path, register, standard, seen, pending)
        except RowError as error:
            pending.refused.append(error.at(path.name, line))
        if len(pending) >= BATCH_ROWS:
            yield pending.batch(register)
            pending = _Pending()
    if len(pending):
        yield pending.batch(register)


def _take(
    raw: str, line: int, path: Path, register: Register, standard: Standard | None, seen: set[int], pending: _Pending
) -> None:
    event = _event(_object(raw, line, path), seen)
    if _purges(event):
        pending.purge.append(event.number)
        return
    stamp = Stamp(event.known_on, event.id, standard or standard_on(event.known_on))
    pending.rows.append(entry_row(Entry(line, _content(event), raw), register, stamp))


def _object(raw: str, line: int, path: Path) -> Unit:
    try:
        value, flaw = parsed(raw)
    except ValueError as cause:
        if not raw.endswith("\n"):
            raise BadInputError(
                expected="a whole last line",
                got="one that is cut",
                where=f"{path.name}, line {line}",
                do="capture the feed again from its last cursor",
            ) from cause
        raise RowError(None, "one JSON object a line", "text that is not JSON") from cause
    if flaw is not None or not isinstance(value, Mapping):
        raise RowError(None, "one JSON object a line, each key once and plain numbers", flaw or shown(value))
    return value


def _event(raw: Unit, seen: set[int]) -> _Event:
    number = required_number(raw, "organisasjonsnummer")
    kind = text(raw, "endringstype")
    if kind not in _KINDS:
        raise RowError("endringstype", f"one of {', '.join(_KINDS)}", shown(kind))
    content = raw.get("innhold")
    if content is not None and not isinstance(content, Mapping):
        raise RowError("innhold", "the unit as fetched, an object", shown(content))
    return _Event(_id(raw, seen), _known_on(raw), number, kind, content)


def _id(raw: Unit, seen: set[int]) -> int:
    value = raw.get("oppdateringsid")
    # The specification says number, so 12.0 is a whole id; true is an integer only to Python.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RowError("oppdateringsid", _WHOLE_NUMBER, shown(value))
    if not 1 <= value <= _LARGEST_ID or value != int(value):
        raise RowError("oppdateringsid", _WHOLE_NUMBER, shown(value))
    if int(value) in seen:
        raise RowError("oppdateringsid", "each event once in a file", "one that came before")
    seen.add(int(value))
    return int(value)


def _known_on(raw: Unit) -> date:
    moment = text(raw, "dato")
    found = _MOMENT.fullmatch(moment or "")
    published = day({"dato": found[1]}, "dato") if found else None
    if published is None:
        raise RowError("dato", "a moment written YYYY-MM-DDThh:mm:ss.sssZ", shown(moment))
    return max(published, day(raw, "hentet") or published)


def _purges(event: _Event) -> bool:
    if event.kind == REMOVED:
        return True
    return event.content is not None and "slettedato" in event.content and _GONE_KEYS.issuperset(event.content)


def _content(event: _Event) -> Unit:
    if event.content is None:
        if event.kind != _DELETION:
            raise RowError("innhold", "the unit as fetched", "nothing (the register answered 404)")
        return {"organisasjonsnummer": event.number, "respons_klasse": "SlettetEnhet"}
    if event.content.get("organisasjonsnummer") != event.number:
        raise RowError("innhold.organisasjonsnummer", "the number of the event", "another")
    return event.content
