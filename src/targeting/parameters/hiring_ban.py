"""Where hiring from temporary-work agencies for building work is forbidden, and since when.

The ban follows the place of the building work, which no register holds: the place of an establishment is a stand-in.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["counties", "in_ban", "phase"]


class _Version(Dated):
    in_force: bool
    transition_until: date
    regions: tuple[str, ...]
    counties: tuple[str, ...]
    municipalities: tuple[str, ...]
    note: str


class _Ban(Parameter):
    title: str
    unit: str
    version: tuple[_Version, ...]


_BAN = read("hiring_ban.toml", _Ban)


def in_ban(place: str, on: date) -> bool:
    """Whether `place` lies wholly in the banned region on `on`: a county (two digits) or municipality (four).

    Codes of every county division are known, so a row that still carries its old code is not lost. County 38
    (Vestfold og Telemark, 2020-2023) lay only partly in the region: there the municipality decides.

    >>> in_ban("33", date(2023, 3, 31)), in_ban("33", date(2023, 4, 1)), in_ban("3805", date(2023, 4, 1))
    (False, True, True)
    """
    version = _version(on)
    return version is not None and (place[:2] in version.counties or place in version.municipalities)


def counties(on: date) -> tuple[str, ...]:
    """Two-digit codes of the counties wholly in the banned region on `on`, in every division; empty before it."""
    version = _version(on)
    return version.counties if version else ()


def phase(on: date) -> Literal["none", "transition", "full"]:
    """Whether contracts made before the ban may still be carried out (`transition`) on `on`."""
    version = _version(on)
    if version is None:
        return "none"
    return "transition" if on < version.transition_until else "full"


def _version(on: date) -> _Version | None:
    begun = in_force(_BAN.version, on)
    newest = max(begun, key=lambda one: one.from_, default=None)
    return newest if newest and newest.in_force else None
