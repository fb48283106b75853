"""Priority areas: what is expected, what was found, and how to spread inspections over them."""

from __future__ import annotations

from datetime import date

from api.schemas.base import Output
from targeting.domain import Target

__all__ = ["AllocationOut", "AreaOut", "Areas", "TrendOut"]


class TrendOut(Output):
    """The area in one run; null where that run has no such area."""

    run: str
    as_of: date
    release: str | None
    expected_rate: float | None
    low: float | None
    high: float | None


class AllocationOut(Output):
    """The inspections recommended for an area, what they are expected to find, and what ten more would."""

    candidates: int
    minimum: int
    inspections: int
    covering: int
    expected_breaches: float
    first: float | None
    last: float | None
    next: float | None
    last_ten: float
    next_ten: float
    why_nb: str
    why_en: str


class AreaOut(Output):
    """One area. Rates are model estimates for all of it; `breaches` (of `inspected` in plans) is null below five.

    `breaches_3y` of `inspections_3y` in the three years before the as-of day, null where withheld or not counted: the
    inspected were chosen, so their ratio is no prevalence.
    """

    area: str
    title_nb: str
    title_en: str
    kind: str | None
    source: str | None
    establishments: int
    employees: int
    expected_rate: float
    low: float
    high: float
    expected_breaches: float
    inspected_share: float
    inspections_3y: int | None
    breaches_3y: int | None
    last_inspected_on: date | None
    inspected: int
    breaches: int | None
    trend: list[TrendOut]
    allocation: AllocationOut


class Areas(Output):
    """The areas for one target, highest expected rate first."""

    run: str
    as_of: date
    target: Target
    inspections: int
    rows: list[AreaOut]
