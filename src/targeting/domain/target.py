"""What is predicted."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Target"]


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
