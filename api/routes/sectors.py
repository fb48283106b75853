"""`GET /v1/sectors`: priority areas by expected breach rate."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import model_answer
from api.deps import CurrentRun
from api.errors import problems
from api.schemas.sectors import SectorOut, Sectors
from targeting.domain import Target

__all__ = ["router"]

router = APIRouter(tags=["sectors"])


@router.get("/sectors", response_model=Sectors, responses=problems(503))
async def sectors(request: Request, run: CurrentRun) -> Response:
    """Priority areas by target and rank, with interval, expected breaches and exposed employees."""
    rows = [SectorOut(**row) for row in run.published.sectors.to_pylist() if Target(row["target"]) in run.lists]
    body = Sectors(run=run.run, as_of=run.published.about.as_of.day, release=dict(run.releases), rows=rows)
    return model_answer(request, run, body)
