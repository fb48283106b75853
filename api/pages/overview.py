"""`/`: this quarter at a glance, what waits for whoever reads it, and what past plans found."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentLedger, CurrentRun
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.charts import Chart, Estimate, estimates
from api.pages.languages import Speech, speech_of
from api.pages.targets import targets_in
from api.pages.templating import page
from api.plans import listed_plans
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.feedback.arms import hit_rates
from targeting.feedback.plan_result import slot_outcomes
from targeting.ledger import PlanHead, outcomes_of, plan_of
from targeting.planning.permissions import (
    Person,
    can_approve,
    can_plan,
    can_see_establishments,
    check_can_enter,
)
from targeting.planning.sectors import AreaTable, area_table
from targeting.planning.states import PlanState
from targeting.published import TargetRun

__all__ = ["Listed", "Task", "router"]

router = APIRouter(include_in_schema=False)

_AREAS: Final = 8
_PLANS: Final = 100
_PAST: Final = 4


class Listed(NamedTuple):
    """One ranking of the quarter: how many it holds, and the model behind it."""

    target: Target
    establishments: int
    about: TargetRun


class Task(NamedTuple):
    """A plan that waits for the reader to do what `state` calls for."""

    plan: PlanHead
    state: PlanState


@router.get("/", dependencies=[rule(check_can_enter)])
def overview(request: Request, run: CurrentRun, person: CurrentPerson, ledger: CurrentLedger) -> Response:
    """Nothing here tells of a single establishment, so no look is kept."""
    said = speech_of(request)
    with ledger.read() as connection:
        plans = listed_plans(connection, person, limit=_PLANS).plans if can_see_establishments(person) else ()
        told = _found(connection, plans, said)
    return page(
        request,
        "overview.html",
        HTTPStatus.OK,
        run_headers(run),
        run=run,
        lists=[Listed(one, len(run.lists[one].fragments), run.published.about.targets[one]) for one in targets_in(run)],
        reads=can_see_establishments(person),
        plans=any(can_plan(person, target) for target in run.lists),
        tasks=[Task(head, state) for head, state in plans if _waits_for(person, head, state)],
        sectors=_sectors(run, said),
        found=told,
    )


def _waits_for(person: Person, plan: PlanHead, state: PlanState) -> bool:
    """Whether the next act is this person's: propose an own draft, approve another's plan, send in own outcomes."""
    match state:
        case PlanState.DRAFT | PlanState.APPROVED | PlanState.IN_PROGRESS:
            return plan.author == person.name and can_plan(person, plan.target)
        case PlanState.PROPOSED:
            return can_approve(person, plan.target, frozenset({plan.author}))
        case _:
            return False


def _sectors(run: ServedRun, said: Speech) -> Chart | None:
    """The first areas of the first ranking; null when the run tells of none."""
    target = next(iter(targets_in(run)), None)
    areas: Sequence[AreaTable] = area_table(run.published, target)[:_AREAS] if target else ()
    if target is None or not areas:
        return None
    title = said.text("Expected rate of breach in the priority areas: %(target)s", target=said.named(target, "target"))
    rows = [Estimate(said.told(one, "title"), one.expected_rate, one.low, one.high) for one in areas]
    return estimates(said, title, said.text("Area"), rows)


def _found(connection: sa.Connection, plans: Sequence[tuple[PlanHead, PlanState]], said: Speech) -> Chart | None:
    """What the inspections of the newest plans found, arm by arm; null before the first outcome."""
    begun = [head for head, state in plans if state in (PlanState.IN_PROGRESS, PlanState.CLOSED)][:_PAST]
    rows = [row for head in begun for row in _hits(connection, head, said)]
    return (
        estimates(said, said.text("Share of inspections that found a breach"), said.text("Plan"), rows)
        if rows
        else None
    )


def _hits(connection: sa.Connection, plan: PlanHead, said: Speech) -> list[Estimate]:
    found = hit_rates(slot_outcomes(plan_of(connection, plan.id), outcomes_of(connection, plan.id)))
    return [
        Estimate(
            said.text(
                "%(target)s, plan of %(day)s, %(arm)s (%(inspected)s inspected)",
                target=said.named(plan.target, "target"),
                day=said.day(plan.created[:10]),
                arm=said.named(one.arm, "arm"),
                inspected=said.number(one.inspected),
            ),
            one.rate.estimate,
            one.rate.low,
            one.rate.high,
        )
        for one in found
        if one.rate is not None
    ]
