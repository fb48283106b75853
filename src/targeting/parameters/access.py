"""What may be told to whoever asks what is held about them, and what is withheld by which clause."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from targeting.domain import BadInputError
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["WORK_CRIME", "Right", "RowsWithheld", "Withheld", "right_of", "rows_withheld", "withheld"]

WORK_CRIME = "work_crime"
"""The rule that falls away for those who may be told of work crime."""


class Right(Dated):
    """The law by which somebody may ask: `of` is sole_proprietor, enterprise or unknown."""

    of: str
    text_nb: str = Field(min_length=1)
    text_en: str = Field(min_length=1)


class RowsWithheld(Parameter):
    """Rows of `table` whose `column` has one of `values` are not told of, nor counted."""

    table: str
    column: str
    values: tuple[str, ...] = Field(min_length=1)


class Withheld(Dated):
    """One exemption: what is withheld, by which clause, and why; with the rows, columns and reasons it reaches.

    A reason made of one of `features` is told as `instead`, without its value; where that is empty, not at all.
    """

    id: str
    clause_nb: str = Field(min_length=1)
    clause_en: str = Field(min_length=1)
    what_nb: str = Field(min_length=1)
    what_en: str = Field(min_length=1)
    why_nb: str = Field(min_length=1)
    why_en: str = Field(min_length=1)
    rows: tuple[RowsWithheld, ...] = ()
    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    instead_nb: str = ""
    instead_en: str = ""


class _File(Parameter):
    title: str
    unit: str
    right: tuple[Right, ...]
    withheld: tuple[Withheld, ...]


_FILE = read("access.toml", _File)


def withheld(on: date, *, closed_too: bool = False) -> tuple[Withheld, ...]:
    """The exemptions in force; with `closed_too` work crime is told and is none of them.

    >>> [one.id for one in withheld(date(2027, 1, 1), closed_too=True)][:2]
    ['plans_under_way', 'notices']
    """
    return tuple(one for one in in_force(_FILE.withheld, on) if not (closed_too and one.id == WORK_CRIME))


def rows_withheld(on: date, table: str) -> tuple[RowsWithheld, ...]:
    """The rows of `table` that nobody who asks is told of."""
    return tuple(rows for one in withheld(on) for rows in one.rows if rows.table == table)


def right_of(who: str, on: date) -> Right:
    """The newest law in force by which `who` may ask; `BadInputError` where none is."""
    found = [one for one in in_force(_FILE.right, on) if one.of == who]
    if not found:
        raise BadInputError(expected="a day with a right of access", got=str(on), where=f"access.toml: {who}")
    return max(found, key=lambda one: one.from_)
