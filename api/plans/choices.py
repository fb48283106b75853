"""What a person can do with a plan now, and why not the rest: the same rules that would refuse the act itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from targeting.ledger import EventKind
from targeting.planning.life import LivePlan
from targeting.planning.permissions import (
    Person,
    check_can_approve,
    check_can_export,
    check_can_plan,
    check_can_record_outcomes,
)
from targeting.planning.policies import PlanFacts, check_can_act, check_can_close
from targeting.planning.refusals import NotAllowedError, Reason
from targeting.planning.states import PlanState

__all__ = ["Choice", "choices"]

_PLANNERS: Final = (
    EventKind.PROPOSED,
    EventKind.BEGUN,
    EventKind.CLOSED,
    EventKind.WITHDRAWN,
    EventKind.SLOT_ADDED,
    EventKind.SLOT_REMOVED,
    EventKind.SLOT_SWAPPED,
)
_APPROVERS: Final = (EventKind.APPROVED, EventKind.RETURNED)


class Choice(NamedTuple):
    """One act; `refusal` is null when the person can do it now."""

    act: EventKind
    refusal: Reason | None


def choices(person: Person, plan: LivePlan) -> tuple[Choice, ...]:
    """Every act on a plan, in the order of its life."""
    target = plan.record.target
    checks: dict[EventKind, Callable[[], None]] = {
        **{act: lambda: check_can_plan(person, target) for act in _PLANNERS},
        **{act: lambda: check_can_approve(person, target, plan.hands) for act in _APPROVERS},
        EventKind.OUTCOMES_RECORDED: lambda: check_can_record_outcomes(person, target),
        EventKind.EXPORTED: lambda: check_can_export(person, target),
    }
    order = (EventKind.PROPOSED, *_APPROVERS, *_PLANNERS[1:], EventKind.OUTCOMES_RECORDED, EventKind.EXPORTED)
    return tuple(Choice(act, _refusal(plan, act, checks[act])) for act in order)


def _refusal(plan: LivePlan, act: EventKind, check_person: Callable[[], None]) -> Reason | None:
    try:
        _check_state(plan, act)
        check_person()
    except NotAllowedError as refused:
        return refused.reason
    return None


def _check_state(plan: LivePlan, act: EventKind) -> None:
    if act is EventKind.CLOSED:
        check_can_close(PlanFacts(plan.record, plan.state, len(plan.without_outcome)))
        return
    # Outcomes of an approved plan begin it; in progress a slot is swapped by its outcome alone.
    begins = act is EventKind.OUTCOMES_RECORDED and plan.state is PlanState.APPROVED
    by_hand = act is not EventKind.SLOT_SWAPPED or plan.state is not PlanState.IN_PROGRESS
    if not begins:
        check_can_act(plan.state if by_hand else PlanState.CLOSED, act, plan.record.id)
