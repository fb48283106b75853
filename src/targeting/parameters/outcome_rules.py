"""When an inspection's outcome counts as serious, and which reactions belong to work crime.

One definition over all years, the newest: a label must mean the same in every training row.
"""

from __future__ import annotations

from pydantic import Field

from targeting.parameters.document import Dated, Parameter, read

__all__ = ["serious_breaches", "work_crime_words"]


class _Serious(Dated):
    breaches: int = Field(ge=1)


class _Laws(Dated):
    words: tuple[str, ...]


class _OutcomeRules(Parameter):
    title: str
    unit: str
    serious: tuple[_Serious, ...]
    work_crime_laws: tuple[_Laws, ...]


_RULES = read("outcome_rules.toml", _OutcomeRules)


def serious_breaches() -> int:
    """Breaches in one inspection from which its outcome is serious without any reaction.

    >>> serious_breaches()
    5
    """
    return max(_RULES.serious, key=lambda one: one.from_).breaches


def work_crime_words() -> tuple[str, ...]:
    """Words, in lower case, by which a reaction's legal basis is known to be about work crime."""
    return max(_RULES.work_crime_laws, key=lambda one: one.from_).words
