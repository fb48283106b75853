"""Values inside one decoded JSON object, read by path: absent, null and empty are null, a wrong type is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from targeting.sources.cells import ORGANISATION_NUMBER, Cell, CellError, check_impersonal
from targeting.sources.reading import RowError, shown

__all__ = ["day_at", "flag_at", "number_at", "objects_at", "organisation_number_at", "text_at", "value_at"]

_DAY_OR_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*)?", re.ASCII)
_NOT_SET: Final = date(1, 1, 1)
"""What a .NET service sends for a date nobody set."""


def value_at(item: Mapping[str, object], path: str) -> object:
    """What stands at the dotted `path`; null when any step is absent, null or an empty object.

    >>> value_at({"a": {"b": 1}}, "a.b"), value_at({"a": {}}, "a.b"), value_at({"a": {"b": {}}}, "a.b")
    (1, None, None)
    """
    value: object = item
    for step in path.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise RowError(path, "an object on the way there", shown(value))
        value = value.get(step)
    return None if value == {} else value


def number_at(item: Mapping[str, object], path: str) -> float | None:
    """The number at `path`."""
    value = value_at(item, path)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RowError(path, "a number", shown(value))
    return float(value)


def flag_at(item: Mapping[str, object], path: str) -> bool | None:
    """The true or false at `path`."""
    value = value_at(item, path)
    if value is not None and not isinstance(value, bool):
        raise RowError(path, "true or false", shown(value))
    return value


def text_at(item: Mapping[str, object], path: str, cell: Cell | None = None, *, filled: bool = False) -> str | None:
    """The text at `path`, stripped, null when blank; a `cell` checks and translates it, `filled` refuses null.

    Text that may hold a national identity number is refused.
    """
    value = value_at(item, path)
    if value is not None and not isinstance(value, str):
        raise RowError(path, "text", shown(value))
    text = (value or "").strip()
    check_impersonal(path, text)
    try:
        if not text and not filled:
            return None
        return text if cell is None else _checked(cell, text)
    except CellError as cause:
        raise RowError(path, cell.expected if cell else "text", shown(text)) from cause


def organisation_number_at(item: Mapping[str, object], path: str) -> str:
    """The organisation number at `path`, which must be there and hold its check digit."""
    return str(text_at(item, path, ORGANISATION_NUMBER, filled=True))


def day_at(item: Mapping[str, object], path: str) -> date | None:
    """The day at `path`, written as a date or a date and time; the time and its zone are left out."""
    text = text_at(item, path)
    found = _DAY_OR_TIME.fullmatch(text) if text else None
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if text and day is None:
        raise RowError(path, "a date that exists, written YYYY-MM-DD", shown(text))
    return None if day == _NOT_SET else day


def objects_at(item: Mapping[str, object], path: str) -> list[Mapping[str, object]]:
    """The objects of the array at `path`; empty when it is absent or null, null elements left out."""
    value = value_at(item, path)
    if value is None:
        return []
    if not isinstance(value, list) or not all(part is None or isinstance(part, Mapping) for part in value):
        raise RowError(path, "an array of objects", shown(value))
    return [part for part in value if part is not None]


def _checked(cell: Cell, text: str) -> str | None:
    value = cell.read(text)
    return None if value is None else str(value)
