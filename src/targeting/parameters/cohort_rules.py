"""Who is ranked for each target, as dated rules."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from targeting.domain import BadInputError, IndustryCode, Standard, Target
from targeting.parameters.document import Dated, Parameter, in_force, read

__all__ = ["CohortRule", "cohort_rule"]


class CohortRule(Dated):
    """The cohort of one target.

    `employees`: at least one for certain, or else VAT-registered and of the minimum age (younger ones have had no
    time to report employees). `insolvent`: whether bankrupt and dissolving enterprises stay in.
    """

    target: Target
    employees: Literal["certain", "certain_or_active"]
    bht_duty: bool
    insolvent: bool
    sole_proprietors: bool
    minimum_age_months_without_employees: int = Field(default=0, ge=0)
    sn2007: tuple[str, ...]
    sn2025: tuple[str, ...]

    @property
    def every_industry(self) -> bool:
        """Whether no industry is left out."""
        return not self.sn2007 and not self.sn2025

    def covers(self, code: IndustryCode) -> bool:
        """Whether `code`, in its own standard, is in an industry of the cohort.

        >>> rule = cohort_rule(Target.WORK_CRIME, date(2026, 1, 1))
        >>> [rule.covers(IndustryCode("45.200", standard)) for standard in Standard]
        [True, False]
        """
        prefixes = self.sn2007 if code.standard is Standard.SN2007 else self.sn2025
        return self.every_industry or any(code.within(prefix) for prefix in prefixes)


class _Cohorts(Parameter):
    title: str
    unit: str
    cohort: tuple[CohortRule, ...]


_COHORTS = read("cohorts.toml", _Cohorts)


def cohort_rule(target: Target, on: date) -> CohortRule:
    """The rule of `target` in force on `on`; raises `BadInputError` before the first."""
    begun = [rule for rule in in_force(_COHORTS.cohort, on) if rule.target is target]
    if not begun:
        raise BadInputError(expected=f"a day with a cohort rule for {target}", got=str(on), where="cohorts.toml")
    return max(begun, key=lambda rule: rule.from_)
