"""`GET /v1/models`: which model scored which target."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request, Response

from api.answers import model_answer
from api.deps import CurrentRun
from api.errors import problems
from api.identity.rules import rule
from api.schemas.models import ModelOut, Models
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.planning.permissions import check_can_enter

__all__ = ["router"]

router = APIRouter(tags=["models"])


@router.get(
    "/models", response_model=Models, responses=problems(401, 403, 429, 503), dependencies=[rule(check_can_enter)]
)
async def models(request: Request, run: CurrentRun) -> Response:
    """The released model of each target: version, kind, features, and up to when labels were known to it."""
    body = Models(
        run=run.run,
        as_of=run.published.about.as_of.day,
        release=dict(run.releases),
        models=[_model(run, target) for target in run.lists],
    )
    return model_answer(request, run, body)


def _model(run: ServedRun, target: Target) -> ModelOut:
    about = run.published.about.targets[target]
    return ModelOut(
        target=str(target),
        release=about.release,
        model=about.model,
        candidate=about.candidate,
        features=list(about.features),
        calibrated=about.calibrated,
        why_nb=about.why_nb,
        why_en=about.why_en,
        trained_until=date.fromisoformat(about.trained_until),
    )
