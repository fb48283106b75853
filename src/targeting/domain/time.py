"""Time as an argument: the as-of day, calendar quarters and half-open windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from targeting.domain.errors import BadInputError

__all__ = ["AsOf", "Quarter", "Window"]


@dataclass(frozen=True, order=True, slots=True)
class AsOf:
    """The day a question is asked. Only what was known strictly before it counts.

    >>> AsOf(date(2026, 1, 1)).sees(date(2025, 12, 31)), AsOf(date(2026, 1, 1)).sees(date(2026, 1, 1))
    (True, False)
    """

    day: date

    def sees(self, known_on: date) -> bool:
        """Whether a fact known on `known_on` may be used."""
        return known_on < self.day

    @classmethod
    def parse(cls, text: str) -> AsOf:
        """Read `YYYY-MM-DD`; anything else is a `BadInputError`."""
        try:
            return cls(date.fromisoformat(text))
        except ValueError as cause:
            raise BadInputError(
                expected="a date written YYYY-MM-DD", got=repr(text), where="as-of", do="write for example 2027-01-01"
            ) from cause

    def __str__(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter, the rhythm of scoring and of training rows.

    >>> Quarter.of(date(2025, 11, 3)), Quarter(2025, 4).next().first_day
    (Quarter(year=2025, number=4), datetime.date(2026, 1, 1))
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise BadInputError(expected="a quarter number from 1 to 4", got=str(self.number), where="Quarter")

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter `day` falls in."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def first_day(self) -> date:
        """The quarter's first day: the as-of day of every row that belongs to it."""
        return date(self.year, 3 * self.number - 2, 1)

    def next(self, steps: int = 1) -> Quarter:
        """The quarter `steps` later (earlier when negative)."""
        index = self.year * 4 + self.number - 1 + steps
        return Quarter(index // 4, index % 4 + 1)

    def as_of(self) -> AsOf:
        """The as-of day a row of this quarter is built for."""
        return AsOf(self.first_day)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of days: `start` belongs to it, `end` does not.

    >>> Window(date(2025, 1, 1), date(2025, 4, 1)).contains(date(2025, 4, 1))
    False
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadInputError(
                expected="an end on or after the start", got=f"{self.start} to {self.end}", where="Window"
            )

    def contains(self, day: date) -> bool:
        """Whether `day` falls inside."""
        return self.start <= day < self.end
