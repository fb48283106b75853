"""Sections of the industry standards: the letter a code falls under, with its title."""

from __future__ import annotations

from targeting.domain import IndustryCode, Standard
from targeting.parameters.document import Dated, Parameter, read

__all__ = ["Section", "section_called", "section_of"]


class Section(Parameter):
    """One section of one standard."""

    standard: Standard
    letter: str
    title_nb: str
    title_en: str
    divisions: tuple[str, ...]


class _Sections(Dated):
    title: str
    unit: str
    section: tuple[Section, ...]


_SECTIONS = read("sn_sections.toml", _Sections)
_BY_DIVISION = {(one.standard, division): one for one in _SECTIONS.section for division in one.divisions}


def section_of(code: IndustryCode) -> Section | None:
    """The section of `code` in its own standard; None for a division that the standard does not have.

    >>> [section_of(IndustryCode("68.200", standard)).letter for standard in Standard]
    ['L', 'M']
    """
    return _BY_DIVISION.get((code.standard, code.division))


def section_called(letter: str, standard: Standard) -> Section | None:
    """The section with that letter; None when the standard has none.

    >>> section_called("F", Standard.SN2007).title_en
    'Construction'
    """
    return next((one for one in _SECTIONS.section if (one.standard, one.letter) == (standard, letter)), None)
