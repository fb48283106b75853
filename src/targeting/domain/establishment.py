"""Who is ranked: organisation numbers, industry codes with their standard, employee bands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from operator import mul
from typing import Final

from targeting.domain.errors import BadInputError

__all__ = [
    "EmployeeBand",
    "IndustryCode",
    "OrganisationNumber",
    "Standard",
    "has_national_identity_number",
    "is_organisation_number",
]

_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_ELEVEN_DIGITS: Final = re.compile(r"(?<!\d)(\d{2})(\d{2})\d{2}[ .]?\d{5}(?!\d)")


def is_organisation_number(text: str) -> bool:
    """Nine digits with a valid MOD11 check digit. Real ones start with 8 or 9, synthetic ones with 2 or 3.

    >>> is_organisation_number("312902168"), is_organisation_number("312902169"), is_organisation_number("31290216")
    (True, False, False)
    """
    if len(text) != 9 or not text.isascii() or not text.isdigit():
        return False
    # The character code of "0" may stay in: it is counted 33 times in all, a multiple of 11.
    total: int = sum(map(mul, _WEIGHTS, text.encode()))
    return total % 11 == 0


def has_national_identity_number(text: str) -> bool:
    """Whether `text` holds anything shaped like a fødselsnummer, D-number, H-number or synthetic variant.

    Eleven digits with a plausible day (01-31, 41-71) and month (01-12, +40, +65 or +80) are enough. The check
    digits are not consulted: from 2032 numbers are issued that fail today's MOD11 rule, and a mistyped number
    still identifies a person.

    >>> has_national_identity_number("OLA NORDMANN 0101" + "9012345"), has_national_identity_number("312902168")
    (True, False)
    """
    return any(_plausible(int(day), int(month)) for day, month in _ELEVEN_DIGITS.findall(text))


def _plausible(day: int, month: int) -> bool:
    day_ok = 1 <= day <= 31 or 41 <= day <= 71
    return day_ok and any(1 <= month - offset <= 12 for offset in (0, 40, 65, 80))


@dataclass(frozen=True, order=True, slots=True)
class OrganisationNumber:
    """A checked organisation number. Raises `BadInputError` when the check digit does not hold."""

    value: str

    def __post_init__(self) -> None:
        if not is_organisation_number(self.value):
            raise BadInputError(
                expected="an organisation number: nine digits with a valid check digit",
                got=f"{len(self.value)} characters" if has_national_identity_number(self.value) else repr(self.value),
                do="correct the number at its source",
            )

    def __str__(self) -> str:
        return self.value


class Standard(StrEnum):
    """The industry classification a code is written in; the same digits mean different things in each."""

    SN2007 = "SN2007"
    SN2025 = "SN2025"


@dataclass(frozen=True, order=True, slots=True)
class IndustryCode:
    """A five-digit industry code `NN.NNN` with the standard it belongs to.

    >>> IndustryCode("85.100", Standard.SN2025).within("85.1"), IndustryCode("85.100", Standard.SN2025).division
    (True, '85')
    """

    code: str
    standard: Standard

    def within(self, prefix: str) -> bool:
        """Whether the code lies under `prefix` (`85`, `85.1`, `85.10` or `85.100`)."""
        return self.code.startswith(prefix)

    @property
    def division(self) -> str:
        """The first two digits."""
        return self.code[:2]


@dataclass(frozen=True, slots=True)
class EmployeeBand:
    """What the register tells of the number of employees: none, 1-4 (censored by law), an exact n >= 5, or unknown.

    A missing count is never zero: `EmployeeBand.of(True, None)` is 1-4 and `of(None, None)` is unknown.

    >>> str(EmployeeBand.of(True, None)), str(EmployeeBand.of(False, None)), EmployeeBand.of(True, 12).at_least_one
    ('1-4', '0', True)
    """

    low: int | None
    high: int | None

    @classmethod
    def of(cls, registered: bool | None, count: int | None) -> EmployeeBand:
        """From `harRegistrertAntallAnsatte` and `antallAnsatte` (absent below five)."""
        if count is not None:
            return cls(count, count)
        if registered is None:
            return cls(None, None)
        return cls(1, 4) if registered else cls(0, 0)

    @property
    def at_least_one(self) -> bool:
        """Whether at least one employee is certain."""
        return self.low is not None and self.low >= 1

    def __str__(self) -> str:
        if self.low is None:
            return "unknown"
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
