"""`/planer/ny`: say what the plan should be, see at once what it would be, keep it as a draft."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentRun, Home
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.languages import Speech, speech_of
from api.pages.names import marked
from api.pages.plans.forms import CurrentActing, form_key, to_plan
from api.pages.plans.previews import clash_of, dial_charts, preview_of
from api.pages.plans.rules_in_words import in_words, value_in_words
from api.pages.plans.wishes import DUTIES, GROUNDS, HOURS_FOR, PlanForm, Wish, form_of, wish_in
from api.pages.targets import targets_in
from api.pages.templating import page
from api.plans import Drawn, asked_problem, dial_of, draw_plan, save_draft
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.ledger import Answer, EventKind, plan_target
from targeting.parameters import counties, priority_areas
from targeting.planning import InfeasibleError, default_problem
from targeting.planning.life import live_plan
from targeting.planning.permissions import can_plan, check_can_plan
from targeting.published import SIZE_CLASSES

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_IS_PART: Final = "HX-Request"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTU"
_FIELDS: Final = {
    "capacity": marked("Inspections"),
    "explore": marked("Drawn at random, percent"),
    "standby": marked("Standbys in each county"),
    "hours": marked("Hours in all, at most"),
    "hours_of": marked("Hours that one inspection takes"),
    "per_enterprise": marked("At most per enterprise"),
    "per_address": marked("At most per address"),
    "duty": marked("BHT duty"),
    "months_any": marked("Months since the last inspection, at least"),
    "months_topic": marked("Months since the last one on BHT, at least"),
    "age_min": marked("Months since it was founded, at least"),
    "days_other": marked("Days from another authority's control, at least"),
}
"""What the fields are called; a quota has no name of its own."""


async def _asked_target(target: Target = Target.BHT_USE) -> Target:
    return target


Asked = Annotated[Target, Depends(_asked_target)]


@router.get("/planer/ny", dependencies=[rule(check_can_plan, _asked_target)])
def new_plan(request: Request, target: Asked, run: CurrentRun, person: CurrentPerson) -> Response:
    """The form as the default problem says it, with what that plan would be."""
    form = form_of(default_problem(target))
    return _shown(request, run, target, form, person=person, **_drawn(request, run, target, wish_in(form)))


@router.post("/planer/ny", dependencies=[rule(check_can_plan, _asked_target)])
def asked_plan(
    request: Request,
    target: Asked,
    form: Annotated[PlanForm, Form()],
    run: CurrentRun,
    person: CurrentPerson,
    home: Home,
    acting: CurrentActing,
) -> Response:
    """What the form as it stands would be; with `save` it is kept, when there is a plan that keeps its rules."""
    wish = wish_in(form)
    if form.act == "dial":
        found = _dialled(request, run, target, wish)
    elif form.act == "rows":
        found = {}
    else:
        found = _drawn(request, run, target, wish)
    if form.act == "save" and "drawn" in found:
        return _kept(acting, home, form, found["drawn"])
    return _shown(request, run, target, form, person=person, errors=wish.errors, **found)


def _drawn(request: Request, run: ServedRun, target: Target, wish: Wish) -> dict[str, Any]:
    """The plan and what it amounts to, or why there is none; nothing while the form cannot be read."""
    if wish.errors:
        return {}
    said = speech_of(request)
    try:
        drawn = draw_plan(run, target, asked_problem(run, target, wish.document))
    except InfeasibleError as error:
        return {"clash": clash_of(said, error)}
    return {"drawn": drawn, "preview": preview_of(said, drawn)}


def _dialled(request: Request, run: ServedRun, target: Target, wish: Wish) -> dict[str, Any]:
    if wish.errors:
        return {}
    said = speech_of(request)
    try:
        settings = dial_of(run, target, asked_problem(run, target, wish.document))
    except InfeasibleError as error:
        return {"clash": clash_of(said, error)}
    return {"dial": dial_charts(said, settings), "chosen": wish.document["exploration"]["share"]}


def _kept(acting: CurrentActing, home: Any, form: PlanForm, drawn: Drawn) -> Response:
    """On to the plan. The same problem over the same run is the same plan: one that is there already is gone to."""
    asked = form.model_dump_json(exclude={"csrf_token"})
    write = acting.write(form_key(acting.request, "draft", drawn.id, asked), None, asked.encode())

    def act(connection: sa.Connection) -> Answer:
        if plan_target(connection, drawn.id) is not None:
            return to_plan(live_plan(connection, drawn.id), EventKind.PLAN_VIEWED)
        return to_plan(save_draft(connection, write.by(), home, drawn), EventKind.DRAFTED)

    return write.once(act)


def _shown(request: Request, run: ServedRun, target: Target, form: PlanForm, *, person: Any, **found: Any) -> Response:
    """The page; for htmx only the part that tells what the form would be."""
    part = _IS_PART in request.headers and form.act != "save"
    said = speech_of(request)
    return page(
        request,
        ("plan_dial.html" if form.act == "dial" else "plan_preview.html") if part else "plan_new.html",
        HTTPStatus.OK,
        run_headers(run, run.ranking(target).release),
        part=part,
        run=run,
        target=target,
        targets=[one for one in targets_in(run) if can_plan(person, one)],
        form=form,
        about=run.published.about.targets[target],
        duties=DUTIES,
        size_classes=HOURS_FOR,
        grounds=[(column, in_words(said, rule)) for column, rule in GROUNDS.items()],
        subjects=_subjects(said, run),
        named_fields={name: said.text(words) for name, words in _FIELDS.items()},
        **{"errors": {}, **found},
    )


def _subjects(said: Speech, run: ServedRun) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a quota may be about: a heading, and under it each choice with its name."""
    values = {
        "county": (said.text("County"), [one.code for one in counties.counties()]),
        "priority_areas": (
            said.text("Priority area"),
            [one.id for one in priority_areas.areas(run.published.about.as_of.day)],
        ),
        "section": (said.text("Industry section"), list(_LETTERS)),
        "size_class": (said.text("Size"), list(SIZE_CLASSES)),
    }
    return [
        (heading, [(f"{column}={value}", value_in_words(said, column, value)) for value in listed])
        for column, (heading, listed) in values.items()
    ]
