"""Reading a filled-in export back, row by row: accepted, not filled in yet, or quarantined with the reason.

Read = accepted + unfilled + quarantined. A column whose header is the id of a control point (`BHT-03`) may be added;
its cells say `oppfylt`, `brudd` or `ikke_relevant`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from targeting.domain import Answer, BadInputError, Target, has_national_identity_number
from targeting.ledger import Outcome, OutcomeResult
from targeting.parameters.control_points import topic_of
from targeting.planning.life import LivePlan
from targeting.planning.policies import NOT_INSPECTED_REASONS

__all__ = ["Found", "RefusedRow", "Upload", "VisitList", "check_answers_told", "read_upload", "read_visits"]

_RESULTS: Final = {
    "inspected": OutcomeResult.INSPECTED,
    "gjennomført": OutcomeResult.INSPECTED,
    "not_inspected": OutcomeResult.NOT_INSPECTED,
    "ikke_gjennomført": OutcomeResult.NOT_INSPECTED,
    "could not inspect": OutcomeResult.NOT_INSPECTED,
}
_BREACHES: Final = {
    "yes": True,
    "ja": True,
    "1": True,
    "true": True,
    "no": False,
    "nei": False,
    "0": False,
    "false": False,
}
_ANSWERS: Final = {"oppfylt": Answer.MET, "brudd": Answer.BREACH, "ikke_relevant": Answer.NOT_RELEVANT}
_NEEDED: Final = ("establishment", "result", "breach", "reason")
_SHEET: Final = "Plan"
_LISTS: Final = ("plan", "trial")
_HASHES: Final = (*_LISTS, "hash")
"""Columns of hexadecimal digits, in which eleven decimal ones may follow each other by chance."""


class VisitList(NamedTuple):
    """What was sent out to be filled in: the id of the plan or trial, and the establishments that may come back."""

    id: str
    listed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """One accepted row: the outcome, and the control points answered one by one (empty: only the breach was told)."""

    outcome: Outcome
    points: Mapping[str, Answer] = field(default_factory=dict)


class RefusedRow(NamedTuple):
    """One refused row: its line (the header is line 1), the column, what was expected. What came is never repeated
    where it could identify a person.
    """

    line: int
    column: str
    expected: str
    got: str


class Upload(NamedTuple):
    """What a file held: `read == len(accepted) + unfilled + len(quarantined)`."""

    read: int
    accepted: tuple[Found, ...]
    unfilled: int
    quarantined: tuple[RefusedRow, ...]


class _RowError(Exception):
    def __init__(self, column: str, expected: str, got: str) -> None:
        super().__init__(column, expected, got)
        self.column, self.expected, self.got = column, expected, got


def read_upload(content: bytes, name: str, plan: LivePlan, known_on: date) -> Upload:
    """Read a filled-in CSV or XLSX export of `plan`; see `read_visits`."""
    listed = {one.establishment for one in plan.slots} | {one.establishment for one in plan.outcomes}
    return read_visits(content, name, VisitList(plan.record.id, frozenset(listed)), known_on)


def check_answers_told(target: Target, found: Sequence[Found]) -> None:
    """Raise `BadInputError` where "any breach" was told alone and the label of `target` counts breaches."""
    untold = any(one.outcome.breach is not None and not one.points for one in found)
    if target is Target.WORKING_ENVIRONMENT and untold:
        raise BadInputError(
            expected="answers to control points",
            got="only whether there was a breach",
            where=f"outcomes for {target}",
            do="add control-point columns",
        )


def read_visits(content: bytes, name: str, visits: VisitList, known_on: date) -> Upload:
    """Read a filled-in CSV or XLSX list. Raises `BadInputError` when the file is broken as a whole.

    `known_on` is the day the results became known; no inspection may be dated after it.
    """
    header, lines = _table(content, name)
    columns = [str(one).strip().casefold() for one in header]
    if absent := [one for one in _NEEDED if one not in columns]:
        raise BadInputError(
            expected=f"a column {absent[0]}", got="none", where=f"{name}, line 1", do="fill in the export itself"
        )
    points = {one.upper() for one in columns if topic_of(one.upper())}
    reader = _Reader(visits, known_on, frozenset(points))
    accepted: list[Found] = []
    quarantined: list[RefusedRow] = []
    unfilled = 0
    for number, cells in lines:
        row = {column: _text(cell) for column, cell in zip(columns, cells, strict=False)}
        try:
            found = reader.read(row)
        except _RowError as error:
            quarantined.append(RefusedRow(number, error.column, error.expected, error.got))
            continue
        if found is None:
            unfilled += 1
        else:
            accepted.append(found)
    return Upload(len(accepted) + unfilled + len(quarantined), tuple(accepted), unfilled, tuple(quarantined))


class _Reader:
    """Reads one row after another, knowing the list and whom it has read already."""

    def __init__(self, visits: VisitList, known_on: date, points: frozenset[str]) -> None:
        self._visits = visits
        self._known_on = known_on
        self._points = points
        self._seen: set[str] = set()

    def read(self, row: Mapping[str, str]) -> Found | None:
        """The row's outcome; null when none of it was filled in. Raises `_RowError`."""
        for column, text in row.items():
            if column not in _HASHES and has_national_identity_number(text):
                raise _RowError(column, "no national identity number", "11 digits shaped like one")
        if not any(row.get(name) for name in ("result", "breach", "reason")):
            return None
        establishment = self._establishment(row)
        result = _one_of(row, "result", _RESULTS)
        outcome = (
            self._inspected(row, establishment)
            if result is OutcomeResult.INSPECTED
            else self._missed(row, establishment)
        )
        self._seen.add(establishment)
        return outcome

    def _establishment(self, row: Mapping[str, str]) -> str:
        number = row["establishment"].replace(" ", "")
        if number not in self._visits.listed:
            raise _RowError("establishment", "an establishment of the list", _shown(number))
        if number in self._seen:
            raise _RowError("establishment", "each establishment once", "the same one again")
        for column in _LISTS:
            if row.get(column) and row[column] != self._visits.id:
                raise _RowError(column, f"the {column} {self._visits.id[:12]}", _shown(row[column][:12]))
        return number

    def _inspected(self, row: Mapping[str, str], establishment: str) -> Found:
        if row.get("reason"):
            raise _RowError("reason", "nothing beside an inspection that was made", _shown(row["reason"]))
        points = {name: _ANSWERS[answer] for name in self._points if (answer := self._answer(row, name))}
        breach = _one_of(row, "breach", _BREACHES)
        if points and breach is not (Answer.BREACH in points.values()):
            raise _RowError("breach", "what the control points say", "the opposite")
        outcome = Outcome(establishment, OutcomeResult.INSPECTED, breach, None, self._day(row), self._known_on)
        return Found(outcome, points)

    def _answer(self, row: Mapping[str, str], point: str) -> str:
        text = row.get(point.casefold(), "").casefold()
        if text and text not in _ANSWERS:
            raise _RowError(point, f"one of {', '.join(_ANSWERS)}", _shown(text))
        return text

    def _day(self, row: Mapping[str, str]) -> date:
        text = row.get("inspected_on", "")
        try:
            day = date.fromisoformat(text[:10])
        except ValueError as cause:
            raise _RowError("inspected_on", "the day of the inspection, YYYY-MM-DD", _shown(text)) from cause
        if day > self._known_on:
            raise _RowError("inspected_on", f"a day up to {self._known_on}", text[:10])
        return day

    def _missed(self, row: Mapping[str, str], establishment: str) -> Found:
        if row.get("breach"):
            raise _RowError("breach", "nothing where no inspection was made", _shown(row["breach"]))
        reason = row.get("reason", "").casefold()
        if reason not in NOT_INSPECTED_REASONS:
            raise _RowError("reason", f"one of {', '.join(NOT_INSPECTED_REASONS)}", _shown(reason))
        return Found(Outcome(establishment, OutcomeResult.NOT_INSPECTED, None, reason, None, self._known_on))


def _one_of(row: Mapping[str, str], column: str, words: Mapping[str, Any]) -> Any:
    text = row.get(column, "").casefold()
    if text not in words:
        raise _RowError(column, f"one of {', '.join(words)}", _shown(text))
    return words[text]


def _shown(text: str) -> str:
    digits = sum(character.isdigit() for character in text)
    if digits >= 10:
        return f"{digits} digits"
    return repr(text[:40]) if text else "nothing"


def _text(cell: object) -> str:
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()[:10]
    if isinstance(cell, bool):
        return str(cell).casefold()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell if cell is not None else "").strip()


_Lines = Iterator[tuple[int, Sequence[object]]]


def _table(content: bytes, name: str) -> tuple[Sequence[object], _Lines]:
    rows = _sheet(content, name) if content[:2] == b"PK" else _csv(content, name)
    header = next(rows, None)
    if header is None:
        raise BadInputError(expected="a filled-in export", got="an empty file", where=name)
    numbered = enumerate(rows, start=2)
    return header, ((number, cells) for number, cells in numbered if any(_text(cell) for cell in cells))


def _csv(content: bytes, name: str) -> Iterator[Sequence[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise BadInputError(expected="UTF-8", got=f"another encoding at byte {cause.start}", where=name) from cause
    first = text.split("\n", 1)[0]
    return iter(
        csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    )


def _sheet(content: bytes, name: str) -> Iterator[Sequence[object]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as cause:
        raise BadInputError(expected="a CSV file here", got="an XLSX file", where=name, do="save it as CSV") from cause
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_name(_SHEET if _SHEET in book.sheet_names else book.sheet_names[0])
        return iter(sheet.to_python())
    except CalamineError as cause:
        raise BadInputError(expected="a workbook that can be opened", got=str(cause), where=name) from cause
