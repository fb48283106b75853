"""Rows of an upload that were put aside, in the reader's language: what was expected there, and what came."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.pages.languages import Speech
from api.pages.names import marked

__all__ = ["AsideRow", "aside_rows"]

_SAID: Final = {
    "no national identity number": marked("no national identity number"),
    "an establishment of the list": marked("an establishment in the list of this plan"),
    "each establishment once": marked("each establishment once"),
    "nothing beside an inspection that was made": marked("no reason where an inspection was made"),
    "nothing where no inspection was made": marked("no breach where no inspection was made"),
    "what the control points say": marked("what the control points say"),
    "the day of the inspection, YYYY-MM-DD": marked("the day of the inspection, such as 2027-02-01"),
    "nothing": marked("nothing"),
    "the opposite": marked("the opposite"),
    "the same one again": marked("the same one again"),
    "11 digits shaped like one": marked("11 digits shaped like one"),
}
_ONE_OF: Final = re.compile(r"one of (.+)")
_UP_TO: Final = re.compile(r"a day up to (\S+)")
_OTHER: Final = re.compile(r"the (?:plan|trial) (\w+)")
_DIGITS: Final = re.compile(r"(\d+) digits")


class AsideRow(NamedTuple):
    """One row that was put aside: its line in the file, the column, and both in words."""

    line: int
    column: str
    expected: str
    got: str


def aside_rows(said: Speech, rows: Sequence[Mapping[str, Any]]) -> list[AsideRow]:
    """`rows` in words; what has none stands as it was written."""
    return [AsideRow(one["line"], one["column"], _told(said, one["expected"]), _told(said, one["got"])) for one in rows]


def _told(said: Speech, written: str) -> str:
    if written in _SAID:
        return said.text(_SAID[written])
    if found := _ONE_OF.fullmatch(written):
        return said.text("one of %(words)s", words=found[1])
    if found := _UP_TO.fullmatch(written):
        return said.text("a day up to %(day)s", day=said.day(found[1]))
    if found := _OTHER.fullmatch(written):
        return said.text("the list of the plan %(plan)s", plan=found[1])
    if found := _DIGITS.fullmatch(written):
        return said.text("%(count)s digits", count=found[1])
    return written
