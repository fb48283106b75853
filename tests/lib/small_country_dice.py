"""The dice of the small country: seeded days, gaps and synthetic organisation numbers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from targeting.domain import is_organisation_number

__all__ = ["FIRST_DAY", "LAST_DAY", "Country", "Row", "number"]

FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(2026, 12, 31)

Row = dict[str, object]
T = TypeVar("T")


def number(index: int) -> str:
    """The `index`-th synthetic organisation number: starts with 2, valid check digit.

    >>> number(0)[0], is_organisation_number(number(12))
    ('2', True)
    """
    # Roughly one stem in eleven has no valid check digit; stepping by 13 within the index's own block skips those.
    for stem in range(20000000 + index * 13, 20000000 + index * 13 + 13):
        for digit in "0123456789":
            if is_organisation_number(f"{stem}{digit}"):
                return f"{stem}{digit}"
    raise AssertionError("no valid number in thirteen stems")


@dataclass(frozen=True)
class Country:
    rng: random.Random
    establishments: int

    def day(self, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
        return first + timedelta(days=self.rng.randint(0, (last - first).days))

    def maybe(self, value: T, share: float = 0.85) -> T | None:
        return value if self.rng.random() < share else None
