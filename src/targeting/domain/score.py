"""What is published about an establishment: a calibrated probability, its place, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Reason", "Score", "Target"]


class Target(StrEnum):
    """What is predicted. A score for one purpose is never an input to, or shown with, another."""

    BHT_USE = "bht_use"
    WORKING_ENVIRONMENT = "working_environment"
    UNLAWFUL_HIRING = "unlawful_hiring"
    WORK_CRIME = "work_crime"

    @property
    def closed(self) -> bool:
        """Whether its scores are shown to people with the a-krim role only (DOMAIN R3: purposes are separate).

        >>> [target.value for target in Target if target.closed]
        ['work_crime']
        """
        return self is Target.WORK_CRIME


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a score: the feature, its value, its push on the log-odds, in both languages."""

    feature: str
    theme: str
    value: str
    contribution: float
    text_nb: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Score:
    """A calibrated probability that an inspection would find a breach, in [0, 1], with a 95 % interval."""

    probability: float
    low: float
    high: float
