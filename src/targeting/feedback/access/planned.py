"""Plans an establishment was listed in, told once they are over for it: before that, an inspection may be to come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from targeting.domain import Target
from targeting.feedback.access.answer import PlanTold, Words
from targeting.ledger import OutcomeResult, SlotChangeKind, plans_naming
from targeting.parameters.purposes import purpose_of
from targeting.planning.life import LivePlan, live_plan
from targeting.planning.states import PlanState

__all__ = ["Planned", "planned"]

_OVER: Final = (PlanState.CLOSED, PlanState.WITHDRAWN)
_ARMS: Final = {
    "ranked": Words("høyt på lista", "high on the list"),
    "exploration": Words("tilfeldig trukket", "drawn at random"),
}


class Planned(NamedTuple):
    """The plans that may be told, and those that name the establishment and may not be told yet."""

    told: tuple[PlanTold, ...]
    untold: frozenset[str]


def planned(connection: sa.Connection, establishments: Collection[str], hidden: Collection[str]) -> Planned:
    """Every plan that names one of `establishments`, but those of `hidden` targets, oldest first."""
    told: list[PlanTold] = []
    untold: set[str] = set()
    for establishment in sorted(establishments):
        for name in plans_naming(connection, establishment):
            plan = live_plan(connection, name)
            if plan.record.target in hidden:
                continue
            if _over_for(plan, establishment):
                told.append(_told(plan, establishment))
            else:
                untold.add(plan.record.id)
    return Planned(tuple(told), frozenset(untold))


def _over_for(plan: LivePlan, establishment: str) -> bool:
    inspected = any(
        one.establishment == establishment and one.result is OutcomeResult.INSPECTED for one in plan.outcomes
    )
    return plan.state in _OVER or inspected


def _told(plan: LivePlan, establishment: str) -> PlanTold:
    outcome = next((one for one in plan.outcomes if one.establishment == establishment), None)
    purpose = purpose_of(Target(plan.record.target))
    return PlanTold(
        establishment=establishment,
        plan=plan.record.id[:12],
        target=plan.record.target,
        title=Words(purpose.title_nb, purpose.title_en),
        proposed_on=date.fromisoformat(plan.record.created[:10]),
        state=Words(plan.state.title_nb, plan.state.title_en),
        part=_part(plan, establishment),
        breach=outcome.breach if outcome else None,
        inspected_on=outcome.occurred_on if outcome else None,
    )


def _part(plan: LivePlan, establishment: str) -> Words:
    """How it came onto the list, and whether it stayed."""
    came = _came(plan, establishment)
    left = [one for one in plan.changes if one.establishment == establishment and one.kind is not SlotChangeKind.ADD]
    if not left:
        return came
    return Words(f"{came.nb}; senere tatt ut", f"{came.en}; later taken out")


def _came(plan: LivePlan, establishment: str) -> Words:
    for place, one in enumerate(plan.record.slots, start=1):
        if one.slot.establishment == establishment:
            arm = _ARMS[one.slot.arm]
            return Words(f"plass {place} av {len(plan.record.slots)}, {arm.nb}", _place(place, plan, arm))
    for change in plan.changes:
        if change.kind is SlotChangeKind.ADD and change.establishment == establishment:
            return Words("lagt til av en planlegger", "added by a planner")
        if change.taken == establishment:
            return Words("reserve som rykket inn", "standby that stepped in")
    return Words("reserve, ikke brukt", "standby, not used")


def _place(place: int, plan: LivePlan, arm: Words) -> str:
    return f"place {place} of {len(plan.record.slots)}, {arm.en}"
