"""`GET /v1/models`: which model scored which target."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from fastapi import APIRouter, Request, Response

from api.answers import model_answer
from api.deps import CurrentRun
from api.errors import problems
from api.schemas.models import ModelOut, Models
from api.served_run import ServedRun
from targeting.domain import Target

__all__ = ["router"]

router = APIRouter(tags=["models"])


@router.get("/models", response_model=Models, responses=problems(503))
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
    about = asdict(run.published.about.targets[target])
    return ModelOut(
        **{
            **about,
            "target": str(target),
            "features": list(about["features"]),
            "trained_until": date.fromisoformat(about["trained_until"]),
        }
    )
