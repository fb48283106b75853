"""Titles as a stranger may read them: constants by their value, thresholds of work-crime flags not at all."""

from __future__ import annotations

import re
from typing import Final

from targeting.features import Constant, Family

__all__ = ["published_title"]

_UNTOLD: Final = "work_crime_flags"
"""Whose thresholds are not published: knowing them would make control easy to avoid (offentleglova § 24)."""


def published_title(title: str, family: Family) -> str:
    """`title` with each constant it names written out.

    >>> from targeting.features import load_families
    >>> flags = next(one for one in load_families() if one.name == "work_crime_flags")
    >>> published_title("at least role_changes changes", flags)
    'at least X changes'
    """
    for constant in family.constants:
        # Once: the word may stand in its everyday meaning further on.
        title = re.sub(rf"\b{constant.name}\b", _said(constant, family), title, count=1)
    return title


def _said(constant: Constant, family: Family) -> str:
    if family.name == _UNTOLD:
        return "X"
    return ", ".join(constant.value) if isinstance(constant.value, list) else f"{constant.value:g}"
