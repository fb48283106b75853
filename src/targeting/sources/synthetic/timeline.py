"""The quarters that are simulated: 0 is 2016Q1, -1 stands for the bulk file of 2015-12-31.

Days are counted since 1970-01-01.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from targeting.domain import Quarter
from targeting.sources.synthetic.arrays import Ints

__all__ = [
    "APPROVAL_OF_AGENCIES",
    "BAN_OF_HIRING",
    "BULK_DAY",
    "FIRST_TRUTH",
    "NEW_BHT_LIST",
    "QUARTERS",
    "RULES_2020",
    "SN2025",
    "first_days",
    "index_of",
    "iso",
    "quarter",
    "year_of",
]

QUARTERS: Final = 44
"""2016Q1 to 2026Q4; quarter 44, 2027Q1, has a truth but no events."""

_FIRST: Final = Quarter(2016, 1)
_EPOCH: Final = date(1970, 1, 1).toordinal()
BULK_DAY: Final = date(2015, 12, 31).toordinal() - _EPOCH


def quarter(index: int) -> Quarter:
    """The calendar quarter of an index.

    >>> str(quarter(0)), str(quarter(38)), str(quarter(44))
    ('2016Q1', '2025Q3', '2027Q1')
    """
    return _FIRST.next(index)


def index_of(day: date) -> int:
    """The index of the quarter `day` falls in."""
    here = Quarter.of(day)
    return (here.year - _FIRST.year) * 4 + here.number - _FIRST.number


def year_of(index: int) -> int:
    """The calendar year of a quarter."""
    return quarter(index).year


def first_days() -> Ints:
    """The first day of every quarter 0 to 45: entry q + 1 ends quarter q."""
    return np.array([quarter(q).first_day.toordinal() - _EPOCH for q in range(QUARTERS + 2)], dtype=np.int64)


def iso(day: int) -> str:
    """A day as text.

    >>> iso(BULK_DAY)
    '2015-12-31'
    """
    return date.fromordinal(int(day) + _EPOCH).isoformat()


SN2025: Final = index_of(date(2025, 9, 1))
"""The register switches its codes in this quarter [FIA]."""
NEW_BHT_LIST: Final = index_of(date(2025, 10, 7))
"""FOR-2025-10-07-1993 [L-BHT]; the first quarter that it is in force for most of."""
BAN_OF_HIRING: Final = index_of(date(2023, 4, 1))
"""The ground "temporary work" removed, and the regional ban [SANDS]."""
APPROVAL_OF_AGENCIES: Final = index_of(date(2024, 1, 1))
"""Hiring from an agency that is not approved is illegal [AT-BEM1]."""
RULES_2020: Final = index_of(date(2020, 7, 1))
"""Enforcement of the equal-treatment and hiring rules moved to the Authority (GK)."""
FIRST_TRUTH: Final = index_of(date(2024, 1, 1))
"""The truth file starts here: earlier quarters would only make it larger."""
