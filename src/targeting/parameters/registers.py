"""The registers behind the tables, in words: who keeps them, what they hold, by what law it may be used."""

from __future__ import annotations

from pydantic import Field

from targeting.domain import NotFoundError
from targeting.parameters.document import Dated, Parameter, read

__all__ = ["Register", "register", "registers"]


class Register(Dated):
    """One table of the store as a stranger may be told of it, in both languages."""

    table: str = Field(min_length=1)
    title_nb: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    keeper_nb: str = Field(min_length=1)
    keeper_en: str = Field(min_length=1)
    holds_nb: str = Field(min_length=1)
    holds_en: str = Field(min_length=1)
    basis_nb: str = Field(min_length=1)
    basis_en: str = Field(min_length=1)


class _File(Parameter):
    title: str
    unit: str
    entry: tuple[Register, ...]


_BY_TABLE = {one.table: one for one in read("registers.toml", _File).entry}


def registers() -> tuple[Register, ...]:
    """Every register, in file order: the units first, then what is told about them."""
    return tuple(_BY_TABLE.values())


def register(table: str) -> Register:
    """The register behind a table; `NotFoundError` for a table nobody has described.

    >>> register("accounts").keeper_en
    'the Brønnøysund Register Centre'
    """
    if table not in _BY_TABLE:
        raise NotFoundError(expected=f"one of {', '.join(_BY_TABLE)}", got=repr(table), where="registers.toml")
    return _BY_TABLE[table]
