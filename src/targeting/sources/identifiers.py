"""The guard at the door: a row with anything shaped like a national identity number is refused, whatever its column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from targeting.domain import has_national_identity_number
from targeting.sources.reading import IDENTITY_NUMBER, RowError

__all__ = ["needs_a_look", "refuse_identity_numbers"]

# Six digits, then five with nothing but punctuation (or a null array element) between: also when JSON splits the
# number over two array elements.
_SUSPECT: Final = re.compile(r"\d{6}(?:\W|null){0,60}\d{5}")
# May hide digits, and lone surrogates, which no store can hold.
_ESCAPE: Final = "\\u"
_DIGIT_GAP: Final = re.compile(r"(?<=\d)[\s\u2010-\u2015-]+(?=\d)")

_UNREAD: Final = frozenset({"telefon", "mobil"})
"""Dropped unread. A foreign telephone number often has eleven digits; refusing its owner would lose a living unit."""

_NO_IDENTITY_NUMBER: Final = "no national identity number"

_AMOUNTS: Final = frozenset({"kapital"})
"""Objects whose numbers are amounts: share capital of eleven digits is no person. Their text is still read."""


class _Cell(NamedTuple):
    column: str
    text: str


def needs_a_look(text: str) -> bool:
    """A quick test over a whole row's text: false means that no column can hold an identity number.

    >>> needs_a_look('{"organisasjonsnummer":"312902168","antallAnsatte":12}'), needs_a_look('"010190","12345"')
    (False, True)
    """
    return _ESCAPE in text or _SUSPECT.search(text) is not None


def refuse_identity_numbers(row: Mapping[str, object]) -> None:
    """Raises `RowError` when any text of `row` holds something shaped like an identity number, naming the column.

    Keys are read like values; the elements of an array also joined by a space. Text that UTF-8 cannot hold is
    refused as well: no store could keep it.

    >>> refuse_identity_numbers({"navn": "A", "aktivitet": ["født 0101" + "90", "12345"]})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    targeting.sources.reading.RowError: ('aktivitet', ...)
    """
    for column, text in _cells(row, ""):
        if not text.isascii():
            _encodable(column, text)
        if has_national_identity_number(_DIGIT_GAP.sub(" ", text)):
            # A key that is itself such a number may not be named.
            named = None if has_national_identity_number(_DIGIT_GAP.sub(" ", column)) else column
            raise RowError(named, _NO_IDENTITY_NUMBER, IDENTITY_NUMBER)


def _encodable(column: str, text: str) -> None:
    try:
        (column + text).encode()
    except UnicodeEncodeError as cause:
        raise RowError(None, "text that UTF-8 can hold", "half a surrogate pair") from cause


def _cells(value: object, column: str, *, amounts: bool = False) -> Iterator[_Cell]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _UNREAD:
                name = f"{column}.{key}" if column else str(key)
                yield _Cell(name, str(key))
                yield from _cells(inner, name, amounts=amounts or key in _AMOUNTS)
    elif isinstance(value, list):
        yield _Cell(column, " ".join(item for item in value if isinstance(item, str)))
        for item in value:
            yield from _cells(item, column, amounts=amounts)
    elif isinstance(value, str):
        yield _Cell(column, value)
    elif isinstance(value, (int, float)) and not amounts:
        yield _Cell(column, f"{value:.0f}")
