"""Everything that was published about one establishment."""

from __future__ import annotations

from datetime import date
from typing import Literal

from api.schemas.base import FromRun, Output
from api.schemas.rankings import ReasonOut

__all__ = ["Duties", "EstablishmentAnswer", "Facts", "ScoreOut"]


class Facts(Output):
    """The register facts that the run used. `name` is null for a sole proprietor: it is a person's name."""

    establishment: str
    enterprise: str
    name: str | None
    form: str | None
    industry: str | None
    industry_code: str | None
    industry_standard: str | None
    county: str | None
    municipality: str | None
    employees: str
    size_class: str | None
    living: bool
    bankrupt: bool
    winding_up: bool
    sole_proprietor: bool
    foreign: bool
    age_months: int | None
    priority_areas: list[str]
    last_inspected_on: date | None
    last_bht_inspected_on: date | None
    open_case: bool
    other_authority_on: date | None
    quality_flags: list[str]


class Duties(Output):
    """Legal duties on the as-of day. `hiring_ban_region` is null when the place is not known.

    `approvals_missing` are those of `approval_schemes` whose register, a year old or more, does not have the enterprise
    as approved: a fact of the register, which the scores do not decide.
    """

    bht_duty: Literal["yes", "conditional", "no"]
    bht_clause: str | None
    bht_dispensation: Literal["none", "partial", "full"]
    approval_schemes: list[str]
    approvals_missing: list[str]
    hiring_ban_region: bool | None


class ScoreOut(Output):
    """One score: its place `rank` among the `of` in the target's cohort. `band` is null for a probability."""

    target: str
    rank: int
    of: int
    score: float
    low: float
    high: float
    band: int | None
    listing_probability: float | None
    reasons: list[ReasonOut]


class EstablishmentAnswer(FromRun):
    """One establishment. `scores` lists only targets whose cohort it is in and whose purpose is open."""

    facts: Facts
    duties: Duties
    scores: list[ScoreOut]
