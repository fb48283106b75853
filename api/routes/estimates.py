"""`GET /v1/estimates`: what the plans tell of how common breaches are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.deps import CurrentLedger, Home
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.plans import plans_told
from api.routes.plans.addressed import asked_target
from api.schemas.of_results import result_out
from api.schemas.outcomes import Estimates
from targeting.domain import Target
from targeting.planning.permissions import check_can_see_plan

__all__ = ["router"]

router = APIRouter(tags=["estimates"])


@router.get(
    "/estimates",
    response_model=Estimates,
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[rule(check_can_see_plan, asked_target)],
)
def estimates(
    target: Annotated[Target, Depends(asked_target)], person: CurrentPerson, ledger: CurrentLedger, home: Home
) -> Estimates:
    """Per plan in progress or closed: hit rates, and the prevalence in its cohort from the slots drawn at random.

    No establishment is in the answer, so nothing is kept of who asked.
    """
    with ledger.read() as connection:
        told = plans_told(connection, person, home, target)
    return Estimates(target=target, plans=[result_out(plan, found) for plan, found in told])
