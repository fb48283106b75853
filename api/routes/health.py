"""`/healthz`: is the process alive, and does it have something to serve?"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import model_answer
from api.deps import OpenRun
from api.errors import problems
from api.identity.rules import public
from api.schemas.models import Alive, Ready

__all__ = ["router"]

router = APIRouter(prefix="/healthz", tags=["health"], dependencies=[public("a probe has no login")])


@router.get("/live")
async def live() -> Alive:
    """The process answers. Restart it when this fails."""
    return Alive(status="alive")


@router.get("/ready", response_model=Ready, responses=problems(503))
async def ready(request: Request, run: OpenRun) -> Response:
    """A published run is in service. Send no visitors here while this is 503."""
    body = Ready(run=run.run, as_of=run.published.about.as_of.day, release=dict(run.releases), status="ready")
    return model_answer(request, run, body)
