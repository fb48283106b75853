"""`GET /v1/sectors`: priority areas by expected breach rate."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import model_answer
from api.deps import CurrentRun
from api.errors import problems
from api.identity.rules import rule
from api.schemas.sectors import SectorOut, Sectors
from targeting.planning.permissions import check_can_enter

__all__ = ["router"]

router = APIRouter(tags=["sectors"])


@router.get(
    "/sectors", response_model=Sectors, responses=problems(401, 403, 429, 503), dependencies=[rule(check_can_enter)]
)
async def sectors(request: Request, run: CurrentRun) -> Response:
    """Priority areas by target and rank, with interval, expected breaches and exposed employees."""
    rows = [SectorOut(**row) for row in run.published.sectors.to_pylist()]
    body = Sectors(run=run.run, as_of=run.published.about.as_of.day, release=dict(run.releases), rows=rows)
    return model_answer(request, run, body)
