"""`GET /v1/areas`: priority areas and how to spread inspections over them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.area_pages import AreaPage, areas_of
from api.deps import CurrentLedger, CurrentRun, Home
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.routes.plans.addressed import asked_target
from api.schemas.areas import AllocationOut, AreaOut, Areas, TrendOut
from targeting.domain import Target
from targeting.planning.permissions import check_can_see_scores

__all__ = ["router"]

router = APIRouter(tags=["sectors"])


@router.get(
    "/areas",
    response_model=Areas,
    responses=problems(401, 403, 404, 409, 422, 429, 503),
    dependencies=[rule(check_can_see_scores, asked_target)],
)
def areas(
    target: Annotated[Target, Depends(asked_target)],
    person: CurrentPerson,
    run: CurrentRun,
    ledger: CurrentLedger,
    home: Home,
    inspections: Annotated[int, Query(ge=0, le=10_000, description="how many to spread")] = 300,
    minimum: Annotated[int, Query(ge=0, le=10_000, description="at least so many in each area")] = 0,
) -> Areas:
    """The allocation with most expected breaches, exactly; nobody is named. 409 when `minimum` is too high."""
    with ledger.read() as connection:
        pages = areas_of(connection, person, home, run, target, inspections, minimum)
    about = run.published.about
    rows = [_out(page) for page in pages]
    return Areas(run=about.named_for(target), as_of=about.as_of.day, target=target, inspections=inspections, rows=rows)


def _out(page: AreaPage) -> AreaOut:
    given = page.allocation._asdict()
    why = given.pop("why")
    del given["area"]
    return AreaOut(
        **page.published._asdict(),
        **page.results._asdict(),
        trend=[TrendOut(**one._asdict()) for one in page.trend],
        allocation=AllocationOut(**given, why_nb=why.nb, why_en=why.en),
    )
