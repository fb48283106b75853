"""Single values of a register entry: read strictly, blank as null, refused with the column named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from targeting.domain import is_organisation_number
from targeting.sources.reading import RowError, shown

__all__ = ["Unit", "count", "day", "flag", "industry", "nested", "number", "required_number", "text", "year"]

Unit = Mapping[str, object]
"""One register entry as the API writes it. CSV rows are brought to the same shape, with all values text."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INDUSTRY: Final = re.compile(r"\d{2}\.\d{3}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}(\.0)?", re.ASCII)
_YEAR: Final = re.compile(r"(19|20)\d{2}", re.ASCII)
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}
# Division 00 exists in neither standard; the register writes 00.000 (Uoppgitt) where no industry is stated.
_NO_INDUSTRY: Final = "00."
_NUMBER: Final = "an organisation number: nine digits with a valid check digit"


def text(unit: Unit, key: str) -> str | None:
    """Text without the spaces around it; null when absent or blank."""
    value = unit.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise RowError(key, "text", shown(value))
    return value.strip() or None


def nested(unit: Unit, key: str) -> Unit:
    """The object under `key`; empty when absent."""
    value = unit.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RowError(key, "an object", shown(value))
    return value


def day(unit: Unit, key: str) -> date | None:
    """A calendar day written YYYY-MM-DD."""
    value = text(unit, key)
    if value is None:
        return None
    try:
        return _parsed_day(value)
    except ValueError as cause:
        raise RowError(key, "a date that exists, written YYYY-MM-DD", shown(value)) from cause


@lru_cache(maxsize=1 << 15)
def _parsed_day(value: str) -> date:
    if not _DAY.fullmatch(value):
        raise ValueError(value)
    return date.fromisoformat(value)


def flag(unit: Unit, key: str) -> bool | None:
    """True or false, as JSON writes it or as the CSV files do."""
    value = unit.get(key)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not value.strip():
            return None
        if (known := _FLAGS.get(value.strip().casefold())) is not None:
            return known
    raise RowError(key, "true or false", shown(value))


def count(unit: Unit, key: str) -> int | None:
    """A whole number from 0 up."""
    value = unit.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, bool) and _WHOLE.fullmatch(str(value).strip()):
        return int(float(str(value)))
    raise RowError(key, "a whole number from 0 up", shown(value))


def year(unit: Unit, key: str) -> int | None:
    """A calendar year; the API writes it as text."""
    value = unit.get(key)
    if value is None or value == "":
        return None
    if _YEAR.fullmatch(str(value)):
        return int(str(value))
    raise RowError(key, "a year of four digits", shown(value))


def industry(unit: Unit, key: str) -> str | None:
    """An industry code `NN.NNN` from the object under `key`; null when absent or `00.000`."""
    code = text(nested(unit, key), "kode")
    if code is None:
        return None
    if not _INDUSTRY.fullmatch(code):
        raise RowError(f"{key}.kode", "an industry code written NN.NNN", shown(code))
    return None if code.startswith(_NO_INDUSTRY) else code


def number(unit: Unit, key: str) -> str | None:
    """An organisation number whose check digit holds; null when absent."""
    value = text(unit, key)
    if value is not None and not is_organisation_number(value):
        raise RowError(key, _NUMBER, shown(value))
    return value


def required_number(unit: Unit, key: str) -> str:
    """An organisation number that must be there."""
    value = number(unit, key)
    if value is None:
        raise RowError(key, _NUMBER, shown(None))
    return value
