"""Changing the list slot by slot: out, or out for the next standby, or one more; each with a code and words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Form, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.deps import CurrentLedger, CurrentRun, Home, Now
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.languages import speech_of
from api.pages.plans.facts import bands_of, facts_of, run_of
from api.pages.plans.forms import CurrentActing, ReasonForm, form_key, to_plan
from api.pages.plans.plan_page import Swap, band_of_score, slot_rows
from api.pages.templating import page
from api.plans import add_to, choices, swaps_for, viewed_plan
from api.routes.plans.addressed import PlanId, plan_target
from api.writes import Write
from targeting.domain import BadInputError, NotFoundError
from targeting.ledger import Answer, EventKind
from targeting.parameters import counties
from targeting.planning import life
from targeting.planning.life import By
from targeting.planning.permissions import check_can_plan
from targeting.planning.policies import OVERRIDE_REASONS

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_PLANNER = [rule(check_can_plan, plan_target)]

Slot = Annotated[str, Path(pattern=r"^[0-9]{9}$")]
ReasonCode = Annotated[str, Field(min_length=1, max_length=40)]


class SlotForm(ReasonForm):
    """What to do with a slot, and why."""

    act: Literal["remove", "swap"]
    reason_code: ReasonCode


class AdditionForm(ReasonForm):
    """Whom to add, and why."""

    establishment: Annotated[str, Field(min_length=1, max_length=20)]
    reason_code: ReasonCode


@router.get("/planer/{plan}/plasser/{slot}", dependencies=_PLANNER)
def slot_page(
    request: Request,
    plan: PlanId,
    slot: Slot,
    person: CurrentPerson,
    run: CurrentRun,
    ledger: CurrentLedger,
    home: Home,
    now: Now,
) -> Response:
    """One slot, who would step in, and which exchanges cost least."""
    with ledger.write() as connection:
        found = viewed_plan(connection, By(person, now), plan, part="slot", slot=slot)
    waiting = swaps_for(found)
    if slot not in waiting:
        raise NotFoundError(expected="an establishment in the plan's list", got="another", do="open the plan again")
    stepping = waiting[slot]
    nearest = [Swap(**one) for one in found.record.summary.get("nearest_swaps", ()) if one["drop"] == slot]
    source = run_of(home, found.record, run)
    bands = bands_of(source, found.record.target)
    named = {slot, *([stepping[0]] if stepping else []), *(one.take for one in nearest)}
    known = facts_of(source, named | {one.establishment for one in found.slots})
    refused = {one.act: one.refusal for one in choices(person, found)}
    return page(
        request,
        "plan_slot.html",
        plan=found,
        row=next(row for row in slot_rows(found, known, bands) if row.slot.establishment == slot),
        stepping=stepping,
        stepping_band=band_of_score(bands, stepping[1]) if stepping else None,
        nearest=nearest,
        known=known,
        reasons=OVERRIDE_REASONS,
        refusal=refused[EventKind.SLOT_REMOVED],
        county_name=counties.county_name,
        key=form_key(request, "slot", plan, slot, found.version),
    )


@router.post("/planer/{plan}/plasser/{slot}", dependencies=_PLANNER)
def change_slot(plan: PlanId, slot: Slot, form: Annotated[SlotForm, Form()], acting: CurrentActing) -> Response:
    """Take the establishment out, with or without a standby in its place."""
    act, kind = (
        (life.swap_slot, EventKind.SLOT_SWAPPED) if form.act == "swap" else (life.remove_slot, EventKind.SLOT_REMOVED)
    )
    return acting.on_plan(
        plan, form, lambda c, write: to_plan(act(c, write.by(form.reason_code, form.text), plan, slot), kind)
    )


@router.post("/planer/{plan}/plasser", dependencies=_PLANNER)
def add_slot(plan: PlanId, form: Annotated[AdditionForm, Form()], run: CurrentRun, acting: CurrentActing) -> Response:
    """Add an establishment that was not proposed."""
    number = form.establishment.replace(" ", "")

    def act(connection: sa.Connection, write: Write) -> Answer:
        by = write.by(form.reason_code, form.text)
        return to_plan(add_to(connection, by, run, plan, number), EventKind.SLOT_ADDED)

    try:
        return acting.on_plan(plan, form, act)
    except BadInputError:
        there = f"/planer/{plan}?lang={speech_of(acting.request).other}"
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(acting.request, "plan_not_added.html", status, plan_id=plan, other_language=there)
