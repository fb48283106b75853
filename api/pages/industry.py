"""What kind of industry a code is, for a reader."""

from __future__ import annotations

from targeting.domain import IndustryCode, Standard
from targeting.parameters.sections import Section, section_of

__all__ = ["section_of_code"]


def section_of_code(code: str | None, standard: str | None) -> Section | None:
    """The section of `code` in its own standard; null without a code.

    >>> section_of_code("41.200", "SN2007").title_nb, section_of_code(None, None)
    ('Bygge- og anleggsvirksomhet', None)
    """
    return section_of(IndustryCode(code, Standard(standard))) if code and standard else None
