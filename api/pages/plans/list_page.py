"""`/planer`: the plans a person may see, newest first, and what each of them waits for."""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from api.deps import CurrentLedger
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.languages import Language, speech_of
from api.pages.templating import page
from api.plans import listed_plans
from targeting.domain import Target
from targeting.ledger import PlanHead
from targeting.planning.permissions import Person, can_approve, can_plan, can_see_target, check_can_see_establishments
from targeting.planning.states import PlanState

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_AT_ONCE: Final = 50


class PlansQuery(BaseModel):
    """Which plans; an empty value asks for nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    target: Target | None = None
    state: PlanState | None = None
    after: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    lang: Language | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, raw: Any) -> Any:
        """A form sends every field; those left blank ask for nothing."""
        return {key: value for key, value in raw.items() if value != ""} if isinstance(raw, dict) else raw

    @property
    def asked(self) -> dict[str, str]:
        """What stands in the address, but for the page and the language."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"after", "lang"})


class Listed(NamedTuple):
    """One plan; `mine` when the next act is the reader's to do."""

    head: PlanHead
    state: PlanState
    mine: bool


@router.get("/planer", dependencies=[rule(check_can_see_establishments)])
def plans_page(
    request: Request,
    person: CurrentPerson,
    ledger: CurrentLedger,
    query: Annotated[PlansQuery, Query()],
) -> Response:
    """The list; nothing in it tells of a single establishment."""
    with ledger.read() as connection:
        found = listed_plans(connection, person, query.target, query.state, query.after, _AT_ONCE)
    said = speech_of(request)
    return page(
        request,
        "plan_list.html",
        plans=[Listed(head, state, is_next(person, head, state)) for head, state in found.plans],
        after=found.next,
        query=query,
        targets=[target for target in Target if can_see_target(person, target)],
        states=list(PlanState),
        named_targets=[said.named(target, "target") for target in Target if can_see_target(person, target)],
        named_states=[said.named(state, "state") for state in PlanState],
        older=f"/planer?{urlencode({**query.asked, 'after': found.next or ''})}",
        plans_any=any(can_plan(person, target) for target in Target),
    )


def is_next(person: Person, plan: PlanHead, state: PlanState) -> bool:
    """Whether the plan waits for this person: approvers for proposals of others, planners for all the rest."""
    match state:
        case PlanState.PROPOSED:
            return can_approve(person, plan.target, frozenset({plan.author}))
        case PlanState.DRAFT | PlanState.APPROVED | PlanState.IN_PROGRESS:
            return can_plan(person, plan.target)
        case _:
            return False
