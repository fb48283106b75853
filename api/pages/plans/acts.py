"""The acts that move a plan on, each a form on its page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import Response

from api.identity.rules import rule
from api.pages.plans.forms import ActForm, CurrentActing, ReasonForm, to_plan
from api.routes.plans.addressed import PlanId, plan_target
from targeting.ledger import EventKind
from targeting.planning import life
from targeting.planning.permissions import check_can_approve, check_can_plan

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_PLANNER = [rule(check_can_plan, plan_target)]
_APPROVER = [rule(check_can_approve, plan_target)]

Asked = Annotated[ActForm, Form()]
AskedWithReason = Annotated[ReasonForm, Form()]


class ApprovalForm(ActForm):
    """`hash` is that of the list which the approver looked at."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@router.post("/planer/{plan}/forslag", dependencies=_PLANNER)
def propose(plan: PlanId, form: Asked, acting: CurrentActing) -> Response:
    """Hand the draft to an approver."""
    return acting.on_plan(
        plan, form, lambda c, write: to_plan(life.propose(c, write.by(text=form.text), plan), EventKind.PROPOSED)
    )


@router.post("/planer/{plan}/retur", dependencies=_APPROVER)
def send_back(plan: PlanId, form: AskedWithReason, acting: CurrentActing) -> Response:
    """Give the proposed plan back, saying why."""
    return acting.on_plan(
        plan, form, lambda c, write: to_plan(life.send_back(c, write.by(text=form.text), plan), EventKind.RETURNED)
    )


@router.post("/planer/{plan}/godkjenning", dependencies=_APPROVER)
def approve(plan: PlanId, form: Annotated[ApprovalForm, Form()], acting: CurrentActing) -> Response:
    """Freeze the list that was looked at."""
    return acting.on_plan(
        plan,
        form,
        lambda c, write: to_plan(life.approve(c, write.by(text=form.text), plan, form.hash), EventKind.APPROVED),
    )


@router.post("/planer/{plan}/trekking", dependencies=_PLANNER)
def withdraw(plan: PlanId, form: AskedWithReason, acting: CurrentActing) -> Response:
    """Take the plan back, saying why."""
    return acting.on_plan(
        plan, form, lambda c, write: to_plan(life.withdraw(c, write.by(text=form.text), plan), EventKind.WITHDRAWN)
    )


@router.post("/planer/{plan}/start", dependencies=_PLANNER)
def begin(plan: PlanId, form: Asked, acting: CurrentActing) -> Response:
    """The first inspection."""
    return acting.on_plan(
        plan, form, lambda c, write: to_plan(life.begin(c, write.by(text=form.text), plan), EventKind.BEGUN)
    )


@router.post("/planer/{plan}/avslutning", dependencies=_PLANNER)
def close(plan: PlanId, form: Asked, acting: CurrentActing) -> Response:
    """Every slot has its outcome."""
    return acting.on_plan(
        plan, form, lambda c, write: to_plan(life.close(c, write.by(text=form.text), plan), EventKind.CLOSED)
    )
