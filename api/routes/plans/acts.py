"""The acts that move a plan on: each needs the version that was seen, and does its work once."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response

from api.errors import problems
from api.identity.rules import Rule, rule
from api.routes.plans.addressed import CHANGES, ETAG, PlanId, plan_target, standing
from api.schemas.plans import AskedAct, AskedApproval, AskedReason, PlanStanding
from api.writes import LockedWrite
from targeting.planning import life
from targeting.planning.permissions import check_can_approve, check_can_plan

__all__ = ["router"]

router = APIRouter()


def _route(name: str, who: Rule) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    return router.post(
        f"/plans/{{plan}}/{name}",
        response_model=PlanStanding,
        responses={**problems(*CHANGES), 200: {"headers": ETAG}},
        dependencies=[who],
    )


_PLANNER = rule(check_can_plan, plan_target)
_APPROVER = rule(check_can_approve, plan_target)


@_route("proposal", _PLANNER)
def propose_plan(plan: PlanId, asked: AskedAct, write: LockedWrite) -> Response:
    """Hand a draft to the approver."""
    return write.once(lambda connection: standing(life.propose(connection, write.by(text=asked.text), plan)))


@_route("return", _APPROVER)
def return_plan(plan: PlanId, asked: AskedReason, write: LockedWrite) -> Response:
    """Give a proposed plan back to its author, saying why."""
    return write.once(lambda connection: standing(life.send_back(connection, write.by(text=asked.text), plan)))


@_route("approval", _APPROVER)
def approve_plan(plan: PlanId, asked: AskedApproval, write: LockedWrite) -> Response:
    """Freeze a proposed plan, as another person than those who made or changed it."""
    by = write.by(text=asked.text)
    return write.once(lambda connection: standing(life.approve(connection, by, plan, asked.hash)))


@_route("beginning", _PLANNER)
def begin_plan(plan: PlanId, asked: AskedAct, write: LockedWrite) -> Response:
    """The first inspection of an approved plan."""
    return write.once(lambda connection: standing(life.begin(connection, write.by(text=asked.text), plan)))


@_route("closing", _PLANNER)
def close_plan(plan: PlanId, asked: AskedAct, write: LockedWrite) -> Response:
    """Close a plan in which every slot has a result or a reason."""
    return write.once(lambda connection: standing(life.close(connection, write.by(text=asked.text), plan)))


@_route("withdrawal", _PLANNER)
def withdraw_plan(plan: PlanId, asked: AskedReason, write: LockedWrite) -> Response:
    """Take a plan back before its first inspection, saying why."""
    return write.once(lambda connection: standing(life.withdraw(connection, write.by(text=asked.text), plan)))
