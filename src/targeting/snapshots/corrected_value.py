"""A value of a table as a person writes it, and as a correction keeps it."""

from __future__ import annotations

from datetime import date
from typing import Final

from targeting.domain import BadInputError
from targeting.tables import Column, Kind, Table

__all__ = ["parsed", "written"]

_FLAGS: Final = {"yes": True, "ja": True, "true": True, "no": False, "nei": False, "false": False}


def parsed(table: type[Table], name: str, text: str) -> str | int | float | bool | date | None:
    """`text` as the column `name` holds it; empty is null. `BadInputError` says what the column takes."""
    column, place = table.columns()[name], f"{table.about.name}.{name}"
    if not text.strip():
        if column.null is None:
            raise BadInputError(expected=f"a value: {column.meaning}", got="nothing", where=place)
        return None
    try:
        value = _read(column, text.strip())
    except (ValueError, KeyError) as cause:
        expected = {Kind.DAY: "a day written YYYY-MM-DD", Kind.FLAG: "yes or no"}.get(column.kind, "a number")
        raise BadInputError(expected=expected, got=repr(text), where=place, do=column.meaning) from cause
    if column.allowed and value not in column.allowed:
        raise BadInputError(expected=f"one of {', '.join(column.allowed)}", got=repr(text), where=place)
    return value


def _read(column: Column, text: str) -> str | int | float | bool | date:
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.INTEGER:
            return int(text)
        case Kind.REAL:
            return float(text)
        case Kind.FLAG:
            return _FLAGS[text.lower()]
        case Kind.DAY:
            return date.fromisoformat(text)


def written(value: object) -> str | None:
    """A value as text that casts back to itself; null stays null.

    >>> written(True), written(date(2027, 1, 4)), written(None)
    ('true', '2027-01-04', None)
    """
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
