"""Priority areas ranked."""

from __future__ import annotations

from api.schemas.base import FromRun, Output

__all__ = ["SectorOut", "Sectors"]


class SectorOut(Output):
    """One priority area for one target. Rates are model estimates for the whole cohort, not rates among inspected."""

    area: str
    title_nb: str
    title_en: str
    target: str
    establishments: int
    employees: int
    expected_rate: float
    low: float
    high: float
    expected_breaches: float
    inspected_share: float
    rank: int


class Sectors(FromRun):
    """All priority areas, by target and rank."""

    rows: list[SectorOut]
