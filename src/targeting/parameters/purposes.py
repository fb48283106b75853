"""What each target is for, in words: what it asks, of whom, by what law, and what the answer is used for."""

from __future__ import annotations

from pydantic import Field

from targeting.domain import NotFoundError, Target
from targeting.parameters.document import Dated, Parameter, read

__all__ = ["Purpose", "purpose_of"]


class Purpose(Dated):
    """One target in both languages."""

    target: Target
    title_nb: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    asks_nb: str = Field(min_length=1)
    asks_en: str = Field(min_length=1)
    who_nb: str = Field(min_length=1)
    who_en: str = Field(min_length=1)
    breach_nb: str = Field(min_length=1)
    breach_en: str = Field(min_length=1)
    basis_nb: str = Field(min_length=1)
    basis_en: str = Field(min_length=1)
    used_nb: str = Field(min_length=1)
    used_en: str = Field(min_length=1)


class _File(Parameter):
    title: str
    unit: str
    purpose: tuple[Purpose, ...]


_BY_TARGET = {one.target: one for one in read("purposes.toml", _File).purpose}


def purpose_of(target: Target) -> Purpose:
    """The purpose of a target; `NotFoundError` when nobody has written it.

    >>> purpose_of(Target.BHT_USE).title_en
    'Use of occupational health services (BHT)'
    """
    if target not in _BY_TARGET:
        raise NotFoundError(expected="a purpose of every target", got=f"none of {target}", where="purposes.toml")
    return _BY_TARGET[target]
