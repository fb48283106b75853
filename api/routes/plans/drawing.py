"""Draw a plan: to look at it, to see what it costs to explore, and to keep it as a draft."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from starlette.concurrency import run_in_threadpool

from api.deps import CurrentRun, CurrentViewer, Home
from api.errors import problems
from api.identity.rules import rule
from api.plans import asked_problem, dial_of, draw_plan, save_draft
from api.routes.plans.addressed import ETAG, asked_target, standing
from api.schemas.asked_problem import AskedProblem
from api.schemas.of_plans import preview_out
from api.schemas.plans import DialOut, DialSetting, PlanStanding, Preview
from api.writes import NewWrite
from targeting.domain import Target
from targeting.planning.permissions import check_can_plan

__all__ = ["router"]

router = APIRouter()

_DRAWS = (401, 403, 404, 409, 413, 422, 429, 503)
AskedTarget = Annotated[Target, Depends(asked_target)]


@router.post(
    "/plans/preview",
    response_model=Preview,
    responses=problems(*_DRAWS),
    dependencies=[rule(check_can_plan, asked_target)],
)
async def preview_plan(target: AskedTarget, asked: AskedProblem, viewer: CurrentViewer) -> Response:
    """The best plan over the run in service, with what each rule costs; nothing is kept but that it was looked at.

    When no plan keeps the rules: 409, and `errors` says which clash and what must give way.
    """
    run = viewer.run
    drawn = await run_in_threadpool(draw_plan, run, target, asked_problem(run, target, asked.document()))
    await viewer.lists(target, plan=drawn.id, run=drawn.run, rows=len(drawn.plan.slots))
    body = preview_out(drawn, run.published.about.as_of)
    return Response(body.model_dump_json(), media_type="application/json")


@router.post(
    "/plans/dial",
    response_model=DialOut,
    responses=problems(*_DRAWS),
    dependencies=[rule(check_can_plan, asked_target)],
)
def exploration_dial(target: AskedTarget, asked: AskedProblem, run: CurrentRun) -> DialOut:
    """What each share drawn at random costs, and how well the plan will tell the prevalence then."""
    settings = dial_of(run, target, asked_problem(run, target, asked.document()))
    about = run.published.about
    return DialOut(
        run=about.named_for(target),
        as_of=about.as_of.day,
        target=target,
        settings=[DialSetting(**one._asdict()) for one in settings],
    )


@router.post(
    "/plans",
    status_code=HTTPStatus.CREATED,
    response_model=PlanStanding,
    responses={**problems(*_DRAWS), HTTPStatus.CREATED: {"headers": ETAG}},
    dependencies=[rule(check_can_plan, asked_target)],
)
def draft_plan(target: AskedTarget, asked: AskedProblem, run: CurrentRun, home: Home, write: NewWrite) -> Response:
    """Draw the plan and keep it as a draft. The same problem over the same run is the same plan: 409 then."""
    if (before := write.answered()) is not None:
        return before
    drawn = draw_plan(run, target, asked_problem(run, target, asked.document()))
    return write.once(lambda connection: standing(save_draft(connection, write.by(), home, drawn), HTTPStatus.CREATED))
