"""What a duty is decided from: the facts of one establishment that a rule may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from targeting.domain.establishment import EmployeeBand, IndustryCode

__all__ = ["Dispensation", "EstablishmentFacts"]


class Dispensation(StrEnum):
    """Whether the Authority has lifted the BHT duty, wholly or for a separate part."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class EstablishmentFacts:
    """One establishment on one day. Codes: the newest known main code, at most one per standard; () when none.

    `form` is the enterprise's legal form (null: not stated). `only_owner_works` is null when nobody has told.
    """

    establishment_codes: tuple[IndustryCode, ...]
    enterprise_codes: tuple[IndustryCode, ...]
    employees: EmployeeBand
    form: str | None = None
    dispensation: Dispensation = Dispensation.NONE
    only_owner_works: bool | None = None
