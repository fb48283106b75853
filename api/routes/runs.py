"""`GET /v1/runs`: what was published, and which of it is in service."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import CurrentRun, Home
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.published_runs import runs_seen
from api.schemas.runs import RunOut, Runs
from targeting.planning.permissions import check_can_enter
from targeting.published import PublishedRun

__all__ = ["router"]

router = APIRouter(tags=["runs"])


@router.get("/runs", response_model=Runs, responses=problems(401, 403, 429, 503), dependencies=[rule(check_can_enter)])
def list_runs(person: CurrentPerson, run: CurrentRun, home: Home) -> Runs:
    """Every published run, newest first."""
    found = reversed(runs_seen(home, person))
    return Runs(rows=[_out(one, in_service=one.about.run == run.run) for one in found])


@router.get(
    "/runs/current",
    response_model=RunOut,
    responses=problems(401, 403, 429, 503),
    dependencies=[rule(check_can_enter)],
)
async def current_run(run: CurrentRun) -> RunOut:
    """The run in service."""
    return _out(run.published, in_service=True)


def _out(run: PublishedRun, *, in_service: bool) -> RunOut:
    about = run.about
    return RunOut(
        run=about.run,
        as_of=about.as_of.day,
        quarter=str(about.quarter),
        seed=about.seed,
        release={target.value: one.release for target, one in sorted(about.targets.items())},
        in_service=in_service,
        reduced=run.reduced,
    )
