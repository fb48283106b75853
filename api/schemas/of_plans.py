"""Plans of the library as answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.plans import Drawn, choices, swaps_for
from api.schemas.plans import (
    ActOut,
    ChangeOut,
    ChoiceOut,
    DrawnSlot,
    Figures,
    PlanListed,
    PlanOut,
    PlanStanding,
    Preview,
    SlotOut,
    SlotOutcomeOut,
    StandbyOut,
    StateOut,
)
from targeting.domain import AsOf, Target
from targeting.ledger import Outcome, PlanHead
from targeting.planning.life import LivePlan
from targeting.planning.permissions import Person
from targeting.planning.states import PlanState

__all__ = ["listed_out", "plan_out", "preview_out", "standing_of"]


def state_out(state: PlanState) -> StateOut:
    """A state in words."""
    return StateOut(code=state.value, title_nb=state.title_nb, title_en=state.title_en, waits_for=state.waits_for)


def preview_out(drawn: Drawn, as_of: AsOf) -> Preview:
    """A plan that is not kept."""
    document = drawn.document
    return Preview(
        id=drawn.id,
        run=drawn.run,
        as_of=as_of.day,
        target=drawn.target,
        problem=document["problem"],
        slots=[DrawnSlot(**one) for one in document["slots"]],
        standby=[StandbyOut.model_validate(one) for one in document["standby"]],
        figures=Figures.model_validate(_figures(document)),
    )


def _figures(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in Figures.model_fields}


def listed_out(head: PlanHead, state: PlanState) -> PlanListed:
    """A plan in a list."""
    return PlanListed(
        id=head.id,
        run=head.run,
        target=Target(head.target),
        author=head.author,
        created=head.created,
        state=state_out(state),
        version=len(head.acts),
        proposed=head.proposed,
    )


def standing_of(plan: LivePlan) -> PlanStanding:
    """A plan after an act."""
    return PlanStanding(
        id=plan.record.id,
        version=plan.version,
        hash=plan.hash,
        target=Target(plan.record.target),
        state=state_out(plan.state),
        slots=len(plan.slots),
        without_outcome=len(plan.without_outcome),
    )


def plan_out(plan: LivePlan, person: Person) -> PlanOut:
    """A plan as it stands, and what `person` could do with it."""
    record, frozen = plan.record, plan.frozen
    known = Figures.model_fields.keys() <= record.summary.keys()
    return PlanOut(
        id=record.id,
        version=plan.version,
        hash=plan.hash,
        approved_hash=str(frozen.payload["hash"]) if frozen else None,
        run=record.run,
        target=Target(record.target),
        state=state_out(plan.state),
        author=record.author,
        created=record.created,
        problem=dict(record.problem),
        figures=Figures.model_validate(_figures(record.summary)) if known else None,
        slots=_slots(plan),
        changes=[
            ChangeOut(
                kind=one.kind.value,
                establishment=one.establishment,
                taken=one.taken,
                score=one.score,
                planner=one.planner,
                reason_code=one.reason_code,
                text=one.text,
            )
            for one in plan.changes
        ],
        acts=[
            ActOut(
                sequence=one.sequence or 0,
                at=one.at,
                kind=one.kind,
                actor=one.actor,
                reason_code=one.reason_code,
                text=one.text,
            )
            for one in plan.events
        ],
        choices=[
            ChoiceOut(
                act=one.act.value,
                possible=one.refusal is None,
                reason_nb=one.refusal.nb if one.refusal else None,
                reason_en=one.refusal.en if one.refusal else None,
            )
            for one in choices(person, plan)
        ],
    )


def _slots(plan: LivePlan) -> list[SlotOut]:
    waiting, found = swaps_for(plan), {one.establishment: one for one in plan.outcomes}
    return [
        SlotOut(
            place=place,
            establishment=one.establishment,
            arm=one.arm.value,
            how=one.how.value,
            replaces=one.replaces,
            score=one.score,
            inclusion_probability=one.inclusion_probability,
            constraint_cells=list(one.cells),
            standby=stepping[0] if (stepping := waiting[one.establishment]) else None,
            outcome=_outcome(found[one.establishment]) if one.establishment in found else None,
        )
        for place, one in enumerate(plan.slots, start=1)
    ]


def _outcome(one: Outcome) -> SlotOutcomeOut:
    return SlotOutcomeOut(
        result=one.result.value,
        breach=one.breach,
        reason=one.reason,
        inspected_on=one.occurred_on,
        known_on=one.known_on,
    )
