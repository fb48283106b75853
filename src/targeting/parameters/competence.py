"""Which industries are outside the Authority's competence, and whose they are."""

from __future__ import annotations

from datetime import date

from targeting.domain import IndustryCode, Standard
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["Field", "fields", "outside_competence"]


class Field(Dated):
    """One field of another authority's: its industries in either standard, by prefix."""

    id: str
    title_nb: str
    title_en: str
    authority: str
    sn2007: tuple[str, ...]
    sn2025: tuple[str, ...]

    def covers(self, code: IndustryCode) -> bool:
        """Whether `code`, in its own standard, is of this field."""
        prefixes = self.sn2007 if code.standard is Standard.SN2007 else self.sn2025
        return any(code.within(prefix) for prefix in prefixes)


class _Fields(Parameter):
    title: str
    unit: str
    field: tuple[Field, ...]


_FIELDS = read("competence.toml", _Fields).field


def fields(on: date) -> tuple[Field, ...]:
    """The fields in force on `on`, in file order."""
    return in_force(_FIELDS, on)


def outside_competence(code: IndustryCode, on: date) -> str | None:
    """The id of the field that `code` is of on `on`; null when the Authority may inspect there.

    >>> outside_competence(IndustryCode("50.201", Standard.SN2007), date(2027, 1, 1))
    'ships'
    >>> outside_competence(IndustryCode("52.220", Standard.SN2007), date(2027, 1, 1))
    """
    return next((one.id for one in fields(on) if one.covers(code)), None)
