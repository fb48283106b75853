"""The Authority's priority areas: which there are on a day, and which of them an establishment belongs to."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from targeting.domain import IndustryCode, Standard
from targeting.parameters import hiring_ban
from targeting.parameters.document import Dated, Parameter, in_force, read
from targeting.parameters.industry_pairs import translate

__all__ = ["Area", "Membership", "area", "areas", "areas_of"]


class Area(Dated):
    """One priority area: core and secondary SN2025 prefixes, and who is left out besides.

    `kind` is bht where the priority is a hazard to health that the occupational health service is to help prevent, and
    focus where it is another of the Authority's focus areas. Areas of one `theme` are one priority.
    """

    id: str
    theme: str
    kind: Literal["bht", "focus"]
    title_nb: str
    title_en: str
    core: tuple[str, ...]
    secondary: tuple[str, ...]
    forms_only: tuple[str, ...] = ()
    forms_excluded: tuple[str, ...] = ()
    sectors_excluded: tuple[str, ...] = ()
    ban_region: tuple[str, ...] = ()


class Membership(NamedTuple):
    """That an establishment belongs to an area, and whether at its core or where the same risk is met too."""

    area: str
    level: Literal["core", "secondary"]


class _Areas(Parameter):
    title: str
    unit: str
    area: tuple[Area, ...]


_AREAS = read("priority_areas.toml", _Areas)


def areas(on: date) -> tuple[Area, ...]:
    """The areas in force on `on`, in the order the Authority lists them; empty before 2026."""
    return in_force(_AREAS.area, on)


def area(identifier: str) -> Area | None:
    """The area called `identifier`, whenever it was in force."""
    return next((one for one in _AREAS.area if one.id == identifier), None)


def areas_of(
    code: IndustryCode,
    on: date,
    *,
    form: str | None = None,
    sector_code: str | None = None,
    place: str | None = None,
) -> tuple[Membership, ...]:
    """The areas that an establishment with main code `code` belongs to on `on`.

    `form` and `sector_code` are the enterprise's, `place` the county or municipality. A filter on something that
    is None (not known) does not exclude, except that an area for named forms needs the form. SN2007 codes are
    translated; one whose pairs point to several codes belongs where any of them does.

    >>> [member.area for member in areas_of(IndustryCode("16.110", Standard.SN2025), date(2026, 1, 1))]
    ['wood_injuries']
    """
    codes = translate(code, Standard.SN2025) or (code.division,)
    found = ((one, level) for one, level in _levels(codes, on) if _admits(one, codes, on, form, sector_code, place))
    return tuple(Membership(one.id, level) for one, level in found)


@lru_cache(maxsize=4096)
def _levels(codes: tuple[str, ...], on: date) -> tuple[tuple[Area, Literal["core", "secondary"]], ...]:
    """The areas in force on `on` that name one of `codes`: a country has a thousand codes and a million units."""
    found = ((one, _level(one, codes)) for one in areas(on))
    return tuple((one, level) for one, level in found if level)


def _level(one: Area, codes: tuple[str, ...]) -> Literal["core", "secondary"] | None:
    if _any_within(codes, one.core):
        return "core"
    return "secondary" if _any_within(codes, one.secondary) else None


def _admits(
    one: Area, codes: tuple[str, ...], on: date, form: str | None, sector_code: str | None, place: str | None
) -> bool:
    if one.forms_only and form not in one.forms_only:
        return False
    if form in one.forms_excluded or sector_code in one.sectors_excluded:
        return False
    outside = place is not None and not hiring_ban.in_ban(place, on)
    return not (outside and _any_within(codes, one.ban_region))


def _any_within(codes: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefix) for code in codes for prefix in prefixes)
