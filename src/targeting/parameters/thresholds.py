"""How often and whom to leave in peace: the pacing rules as dated numbers."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from targeting.domain import BadInputError
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["Pacing", "pacing"]


class Pacing(Dated):
    """The pacing rules of a period."""

    same_topic_months: int = Field(ge=0, description="months of peace after an inspection on the same topic")
    any_topic_months: int = Field(ge=0, description="months of peace after any inspection")
    other_authority_days: int = Field(ge=0, description="days around another authority's planned or open control")
    minimum_age_months: int = Field(ge=0, description="months since registration before documents can be expected")
    per_enterprise_per_year: int = Field(ge=1, description="establishments of one enterprise a year")
    document_inspections_per_year: int = Field(ge=1, description="places in the yearly list")
    exploration_share: float = Field(ge=0, le=1, description="share of the places drawn at random")
    minimum_employees: int = Field(ge=0, description="employees that must be certain")


class _Thresholds(Parameter):
    title: str
    unit: str
    pacing: tuple[Pacing, ...]


_THRESHOLDS = read("thresholds.toml", _Thresholds)


def pacing(on: date) -> Pacing:
    """The rules in force on `on`; raises `BadInputError` before the first.

    >>> pacing(date(2026, 1, 1)).same_topic_months
    24
    """
    begun = in_force(_THRESHOLDS.pacing, on)
    if not begun:
        raise BadInputError(expected="a day with pacing rules", got=str(on), where="thresholds.toml")
    return max(begun, key=lambda one: one.from_)
