"""How one cell of a delivered file becomes a value, and what is said when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from targeting.domain import is_organisation_number
from targeting.sources.identifiers import needs_a_look, refuse_identity_numbers

__all__ = [
    "AMOUNT",
    "COUNT",
    "DAY",
    "FLAG",
    "INDUSTRY",
    "MUNICIPALITY",
    "ORGANISATION_NUMBER",
    "SHARE",
    "TEXT",
    "Cell",
    "CellError",
    "check_impersonal",
    "one_of",
]

_UUID: Final = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,15}", re.ASCII)
_AMOUNT: Final = re.compile(r"-?\d{1,18}([.,]\d{1,9})?", re.ASCII)
_INDUSTRY: Final = re.compile(r"\d{2}\.\d{3}", re.ASCII)
_MUNICIPALITY: Final = re.compile(r"\d{4}", re.ASCII)
_FLAGS: Final[Mapping[str, bool]] = {
    "true": True,
    "ja": True,
    "1": True,
    "false": False,
    "nei": False,
    "0": False,
}
_NO_INDUSTRY: Final = "00.000"


class CellError(ValueError):
    """A cell that its kind cannot read; the reader of the file says where and what was expected."""


class Cell(NamedTuple):
    """One kind of cell: what it expects, in words, and the function that reads its (non-empty) text.

    `read` raises `CellError` on anything else.

    >>> DAY.read("2026-01-31"), FLAG.read("Nei"), AMOUNT.read("1200,50"), INDUSTRY.read("00.000")
    (datetime.date(2026, 1, 31), False, 1200.5, None)
    """

    expected: str
    read: Callable[[str], object]


def check_impersonal(column: str, text: str) -> None:
    """Raises `RowError` when `text` holds something shaped like a national identity number, UUIDs apart.

    About one random UUID in a thousand ends in eleven digits that make a plausible birth date, and case systems use
    UUIDs as ids; a UUID's fixed shape tells it from a number somebody wrote.

    >>> check_impersonal("id", "1f0e146c-e8aa-4b56-baf1-a" + "0101" + "9012345")
    """
    if needs_a_look(text):
        refuse_identity_numbers({column: _UUID.sub("", text)})


def one_of(values: Mapping[str, object]) -> Cell:
    """A closed list of words, upper or lower case, each with the value it stands for.

    >>> one_of({"brudd": 1}).read("Brudd"), one_of({"brudd": 1, "oppfylt": 0}).expected
    (1, 'one of brudd, oppfylt')
    """

    def read(text: str) -> object:
        try:
            return values[text.casefold()]
        except KeyError as cause:
            raise CellError from cause

    return Cell(f"one of {', '.join(values)}", read)


def _text(text: str) -> str:
    return text


@lru_cache(maxsize=1 << 16)
def _organisation_number(text: str) -> str:
    if not is_organisation_number(text):
        raise CellError
    return text


@lru_cache(maxsize=1 << 15)
def _day(text: str) -> date:
    try:
        return date.fromisoformat(_matched(_DAY, text))
    except ValueError as cause:
        raise CellError from cause


def _count(text: str) -> int:
    return int(_matched(_COUNT, text))


def _amount(text: str) -> float:
    return float(_matched(_AMOUNT, text).replace(",", "."))


def _share(text: str) -> float:
    share = _amount(text)
    if not 0 <= share <= 1:
        raise CellError
    return share


def _flag(text: str) -> bool:
    try:
        return _FLAGS[text.casefold()]
    except KeyError as cause:
        raise CellError from cause


def _industry(text: str) -> str | None:
    # The registers write 00.000 for "not stated", which no table may show as an industry.
    return None if _matched(_INDUSTRY, text) == _NO_INDUSTRY else text


def _municipality(text: str) -> str:
    return _matched(_MUNICIPALITY, text)


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise CellError
    return text


TEXT: Final = Cell("text", _text)
ORGANISATION_NUMBER: Final = Cell("an organisation number: nine digits with a valid check digit", _organisation_number)
DAY: Final = Cell("a date that exists, written YYYY-MM-DD", _day)
COUNT: Final = Cell("a whole number from 0 up", _count)
AMOUNT: Final = Cell("a number", _amount)
SHARE: Final = Cell("a share from 0 to 1", _share)
FLAG: Final = Cell(f"one of {', '.join(_FLAGS)}", _flag)
INDUSTRY: Final = Cell("an industry code written NN.NNN", _industry)
MUNICIPALITY: Final = Cell("a municipality number of four digits", _municipality)
