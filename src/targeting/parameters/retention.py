"""How long scores of those who were not selected are kept, and answers to repeated requests."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from targeting.domain import BadInputError, Quarter
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["Retention", "retention"]


class Retention(Dated):
    """The periods in force. What is selected into a plan is kept; the audit is never deleted."""

    unselected_quarters_after_year: int = Field(ge=0, description="quarters after the end of the planning year")
    sole_proprietor_quarters_after_quarter: int = Field(ge=0, description="quarters after the scored quarter")
    smallest_cell: int = Field(ge=2, description="establishments below which an aggregate would tell of single ones")
    answer_days: int = Field(ge=1, description="days in which a repeated request gets its first answer")

    def unselected_until(self, quarter: Quarter) -> date:
        """The first day on which scores made for `quarter` may no longer be kept; its year is the planning year."""
        return Quarter(quarter.year, 4).next(1 + self.unselected_quarters_after_year).first_day

    def sole_proprietors_until(self, quarter: Quarter) -> date:
        """The same for establishments of sole proprietors, whose data are a person's."""
        return quarter.next(1 + self.sole_proprietor_quarters_after_quarter).first_day


class _File(Parameter):
    title: str
    unit: str
    retention: tuple[Retention, ...]


_FILE = read("retention.toml", _File)


def retention(on: date) -> Retention:
    """The periods in force on `on`; raises `BadInputError` before the first.

    >>> periods = retention(date(2027, 1, 1))
    >>> str(periods.unselected_until(Quarter(2027, 2))), str(periods.sole_proprietors_until(Quarter(2027, 2)))
    ('2028-01-01', '2027-07-01')
    """
    begun = in_force(_FILE.retention, on)
    if not begun:
        raise BadInputError(expected="a day with retention periods", got=str(on), where="retention.toml")
    return max(begun, key=lambda one: one.from_)
