"""Read plans: the list, and one as it stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import CurrentLedger, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.plans import listed_plans, viewed_plan
from api.routes.plans.addressed import ETAG, PlanId, plan_target
from api.schemas.of_plans import listed_out, plan_out
from api.schemas.plans import PlanOut, PlanPage
from api.writes import etag
from targeting.domain import Target
from targeting.planning.life import By
from targeting.planning.permissions import check_can_see_establishments, check_can_see_plan
from targeting.planning.states import PlanState

__all__ = ["router"]

router = APIRouter()


class PlanQuery(BaseModel):
    """Which plans; what is left out asks for nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target | None = None
    state: PlanState | None = None
    limit: Annotated[int, Field(ge=1, le=200, description="rows a page")] = 50
    cursor: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$", description="`next` of the page before")] = None


@router.get(
    "/plans",
    response_model=PlanPage,
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[rule(check_can_see_establishments)],
)
def list_plans(person: CurrentPerson, ledger: CurrentLedger, query: Annotated[PlanQuery, Query()]) -> PlanPage:
    """The plans that you may see, newest first."""
    with ledger.read() as connection:
        page = listed_plans(connection, person, query.target, query.state, query.cursor, query.limit)
    return PlanPage(next=page.next, rows=[listed_out(head, state) for head, state in page.plans])


@router.get(
    "/plans/{plan}",
    response_model=PlanOut,
    responses={**problems(401, 403, 404, 422, 429, 503), 200: {"headers": ETAG}},
    dependencies=[rule(check_can_see_plan, plan_target)],
)
def read_plan(plan: PlanId, person: CurrentPerson, ledger: CurrentLedger, now: Now) -> Response:
    """The plan as it stands: slots, overrides, acts, and what you could do with it. That you read it is kept."""
    with ledger.write() as connection:
        found = viewed_plan(connection, By(person, now), plan, part="plan")
    body = plan_out(found, person).model_dump_json()
    return Response(body, media_type="application/json", headers={"ETag": etag(found.version)})
