"""The ranked list: its filters and its rows."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.base import Output
from targeting.domain import Standard, Target

__all__ = ["BandOut", "RankingFilters", "RankingPage", "RankingRow", "ReasonOut", "ScoreFormOut"]


class RankingFilters(BaseModel):
    """Which rows of a ranking to show. An empty value is no filter; an unknown one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    industry: Annotated[
        str | None,
        Field(pattern=r"^\d{2}(\.\d{0,3})?$", description="prefix of the registered main industry code: 81, 81.2"),
    ] = None
    standard: Annotated[Standard | None, Field(description="only codes written in this standard")] = None
    county: Annotated[str | None, Field(pattern=r"^\d{2}$", description="two-digit county code")] = None
    municipality: Annotated[str | None, Field(pattern=r"^\d{4}$", description="four-digit municipality code")] = None
    employees_min: Annotated[int | None, Field(ge=0, description="at least this many for certain")] = None
    employees_max: Annotated[int | None, Field(ge=0, description="at most this many for certain")] = None
    duty: Annotated[Literal["yes", "conditional", "no"] | None, Field(description="BHT duty")] = None
    area: Annotated[str | None, Field(max_length=64, description="id of a priority area")] = None
    cool_off_months: Annotated[
        int | None, Field(ge=0, le=240, description="leave out who was inspected in the months before the as-of day")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, raw: Any) -> Any:
        """A form sends every field; those left blank filter nothing."""
        return {key: value for key, value in raw.items() if value != ""} if isinstance(raw, dict) else raw


class ReasonOut(Output):
    """One reason for a score; `contribution` is in log-odds, positive raises the probability. Coarse beside bands."""

    feature: str
    theme: str
    value: str
    contribution: float
    text_nb: str
    text_en: str


class BandOut(Output):
    """One band: the share `rate` of breaches among the `rows` inspections counted in it, with its 95 % interval."""

    band: int
    title_nb: str
    title_en: str
    rate: float
    low: float
    high: float
    rows: int


class ScoreFormOut(Output):
    """How scores may be read. Among `bands`, highest first, a score is its band's rate; the order says more."""

    form: Literal["probability", "bands"]
    why_nb: str
    why_en: str
    bands: list[BandOut]


class RankingRow(Output):
    """One establishment in a ranking. `name` is null for a sole proprietor: it is a person's name.

    `band` is null where the score is a probability. `listing_probability` is how often the establishment would be
    among the first if the model were fitted on other samples; null when that was not tried.
    """

    rank: int
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
    bht_duty: Literal["yes", "conditional", "no"]
    bht_clause: str | None
    bht_dispensation: Literal["none", "partial", "full"]
    priority_areas: list[str]
    last_inspected_on: date | None
    last_bht_inspected_on: date | None
    open_case: bool
    other_authority_on: date | None
    quality_flags: list[str]
    score: float
    low: float
    high: float
    band: int | None
    listing_probability: float | None
    reasons: list[ReasonOut]


class RankingPage(Output):
    """A page of a ranking. `total` counts all rows that pass the filters; `next` is null on the last page."""

    run: str
    as_of: date
    release: str
    target: Target
    score_form: ScoreFormOut
    total: int
    next: str | None
    rows: list[RankingRow]
