"""The acts of a plan's life. Each checks who and whether, then writes one audited event in one transaction.

The connection is the caller's: one request, or one command, is one transaction. An act whose `By` says which version
of the plan the person saw is refused with `ChangedSinceError` when another act came between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from targeting.domain import BadInputError, is_organisation_number
from targeting.ledger import (
    AuditEvent,
    Event,
    EventKind,
    Outcome,
    PlanRecord,
    SlotChange,
    SlotChangeKind,
    changes_of,
    events_of,
    outcomes_of,
    plan_of,
    record_changes,
    record_event,
    record_outcomes,
    record_plan,
)
from targeting.planning.current_slots import CurrentSlot, content_hash, current_slots, next_standby
from targeting.planning.permissions import (
    Person,
    check_can_approve,
    check_can_export,
    check_can_plan,
    check_can_record_outcomes,
    check_can_see_plan,
)
from targeting.planning.policies import REPLACED_REASONS, PlanFacts, check_can_act, check_can_close, check_can_override
from targeting.planning.refusals import ChangedSinceError, Reason
from targeting.planning.states import PlanState, state_after

__all__ = [
    "By",
    "LivePlan",
    "Replacement",
    "add_slot",
    "approve",
    "begin",
    "close",
    "draft",
    "exported",
    "live_plan",
    "propose",
    "record",
    "remove_slot",
    "send_back",
    "swap_slot",
    "viewed",
    "withdraw",
]

_CHANGED_SINCE = Reason("Planen er endret siden du så den.", "The plan was changed since you saw it.")


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, when, and why. `expected` is the `LivePlan.version` the person saw; null does not ask."""

    person: Person
    at: datetime
    reason_code: str = ""
    text: str = ""
    expected: int | None = None

    def event(self, kind: EventKind, plan: str | None, **payload: Any) -> AuditEvent:
        """The audit event of this act."""
        return AuditEvent(kind, self.person.name, self.at, plan, self.reason_code, self.text, payload)


@dataclass(frozen=True)
class LivePlan:
    """A plan as it stands now: what was proposed, what was done since, and what came of it."""

    record: PlanRecord
    events: tuple[Event, ...]
    changes: tuple[SlotChange, ...]
    outcomes: tuple[Outcome, ...]
    state: PlanState = field(init=False)
    slots: tuple[CurrentSlot, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", state_after(one.kind for one in self.events))
        object.__setattr__(self, "slots", current_slots(self.record, self.changes))

    @property
    def version(self) -> int:
        """How many acts the plan has had, looks at it not counted: what an optimistic lock compares."""
        return len(self.events)

    @property
    def hash(self) -> str:
        """The content hash of the list as it stands."""
        return content_hash(self.record, self.slots)

    @property
    def frozen(self) -> Event | None:
        """The approval, which holds the hash of what was approved; null before."""
        return next((one for one in reversed(self.events) if one.kind == EventKind.APPROVED), None)

    @property
    def hands(self) -> frozenset[str]:
        """Who made or changed the plan: none of them may approve it."""
        return frozenset({self.record.author, *(one.planner for one in self.changes)})

    @property
    def without_outcome(self) -> tuple[str, ...]:
        """The current slots of which nothing is recorded."""
        known = {one.establishment for one in self.outcomes}
        return tuple(one.establishment for one in self.slots if one.establishment not in known)


class Replacement(NamedTuple):
    """A slot that could not be inspected, and who steps in; null when its standby lists are used up."""

    establishment: str
    taken: str | None


def live_plan(connection: sa.Connection, plan: str) -> LivePlan:
    """The plan whose id begins with `plan`, or `NotFoundError`."""
    record = plan_of(connection, plan)
    return LivePlan(
        record,
        events_of(connection, record.id),
        changes_of(connection, record.id),
        outcomes_of(connection, record.id),
    )


def draft(connection: sa.Connection, by: By, plan: PlanRecord, files: Mapping[str, str] | None = None) -> LivePlan:
    """Keep a plan as a draft. `files` names what lies beside the ledger (the drawing frame) with its sha256."""
    check_can_plan(by.person, plan.target)
    record_plan(connection, by.event(EventKind.DRAFTED, plan.id, files=dict(files or {})), plan)
    return live_plan(connection, plan.id)


def propose(connection: sa.Connection, by: By, plan: str) -> LivePlan:
    """Hand a draft to the approver."""
    found = _planned(connection, by, plan, EventKind.PROPOSED)
    return _move(connection, by, found, EventKind.PROPOSED, hash=found.hash)


def send_back(connection: sa.Connection, by: By, plan: str) -> LivePlan:
    """Give a proposed plan back to its author, saying why."""
    found = live_plan(connection, plan)
    check_can_approve(by.person, found.record.target, found.hands)
    _check_unchanged(by, found)
    check_can_act(found.state, EventKind.RETURNED, found.record.id)
    return _move(connection, by, found, EventKind.RETURNED)


def approve(connection: sa.Connection, by: By, plan: str, seen: str | None = None) -> LivePlan:
    """Freeze a proposed plan. `seen` is the content hash the approver looked at: another content is refused."""
    found = live_plan(connection, plan)
    check_can_approve(by.person, found.record.target, found.hands)
    _check_unchanged(by, found)
    check_can_act(found.state, EventKind.APPROVED, found.record.id)
    if seen is not None and seen != found.hash:
        raise ChangedSinceError(_CHANGED_SINCE, got=found.hash[:12], where=found.record.id[:12], do="look again")
    return _move(connection, by, found, EventKind.APPROVED, hash=found.hash, slots=len(found.slots))


def begin(connection: sa.Connection, by: By, plan: str) -> LivePlan:
    """The first inspection of an approved plan."""
    return _move(connection, by, _planned(connection, by, plan, EventKind.BEGUN), EventKind.BEGUN)


def close(connection: sa.Connection, by: By, plan: str) -> LivePlan:
    """Every slot has its outcome: the plan tells what it can tell."""
    found = _planned(connection, by, plan, EventKind.CLOSED)
    check_can_close(PlanFacts(found.record, found.state, len(found.without_outcome)))
    return _move(connection, by, found, EventKind.CLOSED)


def withdraw(connection: sa.Connection, by: By, plan: str) -> LivePlan:
    """Take a plan back before its first inspection."""
    return _move(connection, by, _planned(connection, by, plan, EventKind.WITHDRAWN), EventKind.WITHDRAWN)


def add_slot(connection: sa.Connection, by: By, plan: str, establishment: str, score: float | None = None) -> LivePlan:
    """Add an establishment that was not proposed."""
    if not is_organisation_number(establishment):
        raise BadInputError(expected="an organisation number", got=f"{len(establishment)} characters", where="the slot")
    return _override(connection, by, plan, SlotChangeKind.ADD, establishment, None, score)


def remove_slot(connection: sa.Connection, by: By, plan: str, establishment: str) -> LivePlan:
    """Take an establishment out of the list; that it was proposed stays."""
    return _override(connection, by, plan, SlotChangeKind.REMOVE, establishment, None, None)


def swap_slot(connection: sa.Connection, by: By, plan: str, establishment: str) -> LivePlan:
    """Replace a slot by the next standby of its stratum."""
    found = live_plan(connection, plan)
    check_can_plan(by.person, found.record.target)
    stepping = next_standby(found.record, found.changes, establishment)
    if stepping is None:
        raise BadInputError(
            expected="a standby left in the slot's strata", got="none", where=establishment, do="remove or add instead"
        )
    return _override(connection, by, plan, SlotChangeKind.SWAP, establishment, *stepping)


def record(
    connection: sa.Connection, by: By, plan: str, found: Sequence[Outcome], file: Mapping[str, str] | None = None
) -> tuple[Replacement, ...]:
    """Keep outcomes; who could not be inspected is replaced by the next standby. Begins an approved plan.

    Raises `BadInputError` when an outcome is of somebody who is not in the list as it stands. `file` names the upload
    with its sha256.
    """
    live = live_plan(connection, plan)
    check_can_record_outcomes(by.person, live.record.target)
    _check_unchanged(by, live)
    if live.state is PlanState.APPROVED:
        live = begin(connection, by, live.record.id)
    check_can_act(live.state, EventKind.OUTCOMES_RECORDED, live.record.id)
    _check_listed(live, found)
    record_outcomes(connection, by.event(EventKind.OUTCOMES_RECORDED, live.record.id, file=dict(file or {})), found)
    return tuple(_replace(connection, by, live.record, one) for one in _to_replace(live, found))


def viewed(connection: sa.Connection, by: By, plan: str, **what: Any) -> LivePlan:
    """The plan, and kept in the ledger that the person saw it; `what` says how much of it."""
    found = live_plan(connection, plan)
    check_can_see_plan(by.person, found.record.target)
    record_event(connection, by.event(EventKind.PLAN_VIEWED, found.record.id, **what))
    return found


def exported(connection: sa.Connection, by: By, plan: str, kind: str, sha256: str) -> None:
    """Keep that a list left the house: who took it, as what, and its bytes' hash."""
    found = live_plan(connection, plan)
    check_can_export(by.person, found.record.target)
    record_event(connection, by.event(EventKind.EXPORTED, found.record.id, format=kind, sha256=sha256))


def _check_unchanged(by: By, found: LivePlan) -> None:
    if by.expected is not None and by.expected != found.version:
        raise ChangedSinceError(
            _CHANGED_SINCE, got=f"version {found.version}", where=found.record.id[:12], do="look again"
        )


def _planned(connection: sa.Connection, by: By, plan: str, act: EventKind) -> LivePlan:
    found = live_plan(connection, plan)
    check_can_plan(by.person, found.record.target)
    _check_unchanged(by, found)
    check_can_act(found.state, act, found.record.id)
    return found


def _move(connection: sa.Connection, by: By, found: LivePlan, act: EventKind, **payload: Any) -> LivePlan:
    record_event(connection, by.event(act, found.record.id, **payload))
    return live_plan(connection, found.record.id)


_KINDS = {
    SlotChangeKind.ADD: EventKind.SLOT_ADDED,
    SlotChangeKind.REMOVE: EventKind.SLOT_REMOVED,
    SlotChangeKind.SWAP: EventKind.SLOT_SWAPPED,
}


def _override(
    connection: sa.Connection,
    by: By,
    plan: str,
    kind: SlotChangeKind,
    establishment: str,
    taken: str | None,
    score: float | None,
) -> LivePlan:
    found = live_plan(connection, plan)
    check_can_plan(by.person, found.record.target)
    _check_unchanged(by, found)
    check_can_override(found.state, _KINDS[kind], by.reason_code, by.text, found.record.id)
    listed = any(one.establishment == establishment for one in found.slots)
    if listed is (kind is SlotChangeKind.ADD):
        raise BadInputError(
            expected="an establishment that is not in the list" if listed else "an establishment in the list",
            got="one that is" if listed else "one that is not",
            where=establishment,
        )
    change = SlotChange(kind, establishment, by.person.name, by.reason_code, by.text, taken, score)
    record_changes(connection, by.event(_KINDS[kind], found.record.id), [change])
    return live_plan(connection, found.record.id)


def _check_listed(live: LivePlan, found: Sequence[Outcome]) -> None:
    listed = {one.establishment for one in live.slots} | {one.establishment for one in live.outcomes}
    if strangers := sorted({one.establishment for one in found} - listed):
        raise BadInputError(
            expected="outcomes of establishments in the plan",
            got=f"{len(strangers)} others, first {strangers[0]}",
            where=live.record.id[:12],
        )


def _to_replace(live: LivePlan, found: Sequence[Outcome]) -> list[Outcome]:
    replaced = {one.establishment for one in live.changes if one.kind is SlotChangeKind.SWAP}
    return [one for one in found if one.reason in REPLACED_REASONS and one.establishment not in replaced]


def _replace(connection: sa.Connection, by: By, record: PlanRecord, outcome: Outcome) -> Replacement:
    stepping = next_standby(record, changes_of(connection, record.id), outcome.establishment)
    if stepping is None:
        return Replacement(outcome.establishment, None)
    reason, text = str(outcome.reason), f"could not be inspected: {outcome.reason}"
    swap = By(by.person, by.at, reason, text)
    check_can_override(PlanState.IN_PROGRESS, EventKind.SLOT_SWAPPED, reason, text, record.id)
    change = SlotChange(
        SlotChangeKind.SWAP, outcome.establishment, by.person.name, reason, text, stepping[0], stepping[1]
    )
    record_changes(connection, swap.event(EventKind.SLOT_SWAPPED, record.id), [change])
    return Replacement(outcome.establishment, stepping[0])
