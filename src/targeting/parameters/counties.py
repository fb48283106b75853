"""The counties of today: code, name, place on a tile map."""

from __future__ import annotations

from targeting.parameters.document import Dated, Parameter, read

__all__ = ["County", "counties", "county_name"]


class County(Parameter):
    """One county. `row` and `column` place it on the tile map; names are the same in both languages."""

    code: str
    name: str
    row: int
    column: int


class _Counties(Dated):
    title: str
    unit: str
    county: tuple[County, ...]


_COUNTIES = read("counties.toml", _Counties)
_NAMES = {county.code: county.name for county in _COUNTIES.county}


def counties() -> tuple[County, ...]:
    """Today's fifteen counties, by code."""
    return _COUNTIES.county


def county_name(code: str) -> str:
    """The county's name; the code itself when it is no county of today.

    >>> county_name("55"), county_name("30")
    ('Troms', '30')
    """
    return _NAMES.get(code, code)
