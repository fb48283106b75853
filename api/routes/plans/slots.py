"""Overrides: a planner adds, removes or swaps a slot, with a reason code and words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.deps import CurrentRun
from api.errors import problems
from api.identity.rules import rule
from api.plans import add_to
from api.routes.plans.addressed import CHANGES, ETAG, PlanId, plan_target, standing
from api.schemas.plans import AskedOverride, AskedSlot, PlanStanding
from api.writes import LockedWrite
from targeting.planning import life
from targeting.planning.permissions import check_can_plan

__all__ = ["router"]

router = APIRouter()

_PLANNER = rule(check_can_plan, plan_target)
_ANSWERS = {**problems(*CHANGES), 200: {"headers": ETAG}}
Slot = Annotated[str, Path(pattern=r"^[0-9]{9}$", description="an establishment of the list")]


@router.post("/plans/{plan}/slots", response_model=PlanStanding, responses=_ANSWERS, dependencies=[_PLANNER])
def add_slot(plan: PlanId, asked: AskedSlot, run: CurrentRun, write: LockedWrite) -> Response:
    """Add an establishment that was not proposed."""
    by = write.by(asked.reason_code, asked.text)
    return write.once(lambda connection: standing(add_to(connection, by, run, plan, asked.establishment)))


@router.post(
    "/plans/{plan}/slots/{slot}/removal", response_model=PlanStanding, responses=_ANSWERS, dependencies=[_PLANNER]
)
def remove_slot(plan: PlanId, slot: Slot, asked: AskedOverride, write: LockedWrite) -> Response:
    """Take an establishment out of the list; that it was proposed stays."""
    by = write.by(asked.reason_code, asked.text)
    return write.once(lambda connection: standing(life.remove_slot(connection, by, plan, slot)))


@router.post(
    "/plans/{plan}/slots/{slot}/swap", response_model=PlanStanding, responses=_ANSWERS, dependencies=[_PLANNER]
)
def swap_slot(plan: PlanId, slot: Slot, asked: AskedOverride, write: LockedWrite) -> Response:
    """Replace a slot by the next standby of its stratum."""
    by = write.by(asked.reason_code, asked.text)
    return write.once(lambda connection: standing(life.swap_slot(connection, by, plan, slot)))
