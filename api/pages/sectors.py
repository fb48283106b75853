"""`/naeringer`: the priority areas ranked, how they moved over the runs, and how to spread N inspections over them."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentRun, Home
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.charts import Bar, Chart, Estimate, bars, estimates
from api.pages.languages import Language, Speech, speech_of
from api.pages.targets import asked_target, targets_in
from api.pages.templating import page
from api.published_runs import runs_until
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.planning.area_allocation import Allocation, recommend
from targeting.planning.infeasible import InfeasibleError
from targeting.planning.permissions import Person, check_can_see_target
from targeting.planning.sectors import AreaTable, TrendPoint, area_table, trend
from targeting.published import PublishedRun

__all__ = ["AreaRow", "SectorQuery", "router"]

router = APIRouter(include_in_schema=False)

_RUNS: Final = 6


class SectorQuery(BaseModel):
    """Which ranking, how many inspections to spread, and how many each area gets at least."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target = Target.BHT_USE
    inspections: Annotated[int, Field(ge=1, le=2000)] = 300
    minimum: Annotated[int, Field(ge=0, le=500)] = 0
    lang: Language | None = None


class AreaRow(NamedTuple):
    """One area as published, what it was given (null where the minimum cannot be kept), and its trend."""

    area: AreaTable
    allocation: Allocation | None
    trend: tuple[TrendPoint, ...]


@router.get("/naeringer", dependencies=[rule(check_can_see_target, asked_target)])
def sectors_page(
    request: Request, run: CurrentRun, person: CurrentPerson, home: Home, query: Annotated[SectorQuery, Query()]
) -> Response:
    """Rates are model estimates for everybody in an area, never rates among the inspected."""
    said = speech_of(request)
    release = run.ranking(query.target).release
    rows, refusal = _rows(run, person, home, query)
    return page(
        request,
        "sectors.html",
        HTTPStatus.OK,
        run_headers(run, release),
        query=query,
        run=run,
        about=run.published.about.targets[query.target],
        targets=targets_in(run),
        rows=rows,
        refusal=refusal,
        rates=_rates(said, query.target, rows),
        spread=_spread(said, rows),
    )


def _rows(
    run: ServedRun, person: Person, home: Path, query: SectorQuery
) -> tuple[list[AreaRow], InfeasibleError | None]:
    areas = area_table(run.published, query.target)
    points = trend(runs_until(home, person, run)[-_RUNS:], query.target, [one.area for one in areas])
    given, refusal = _spread_over(run.published, query) if areas else ({}, None)
    return [AreaRow(one, given.get(one.area), points[one.area]) for one in areas], refusal


def _spread_over(run: PublishedRun, query: SectorQuery) -> tuple[dict[str, Allocation], InfeasibleError | None]:
    try:
        found = recommend(run, query.target, query.inspections, query.minimum)
    except InfeasibleError as refusal:
        return {}, refusal
    return {one.area: one for one in found}, None


def _rates(said: Speech, target: Target, rows: list[AreaRow]) -> Chart | None:
    title = said.text("Expected rate of breach in the priority areas: %(target)s", target=said.named(target, "target"))
    drawn = [
        Estimate(said.told(row.area, "title"), row.area.expected_rate, row.area.low, row.area.high) for row in rows
    ]
    return estimates(said, title, said.text("Area"), drawn) if drawn else None


def _spread(said: Speech, rows: list[AreaRow]) -> Chart | None:
    given = [Bar(said.told(row.area, "title"), row.allocation.inspections) for row in rows if row.allocation]
    heads = (said.text("Area"), said.text("Inspections"))
    return bars(said, said.text("Recommended number of inspections"), heads, given) if given else None
