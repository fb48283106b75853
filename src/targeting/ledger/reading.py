"""Reading the ledger back, as it was written. What it amounts to (states, current slots) is for `planning` to say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from targeting.domain import Arm, NotFoundError, Slot
from targeting.ledger.audit import EventKind
from targeting.ledger.records import (
    Event,
    Outcome,
    OutcomeResult,
    PlanRecord,
    ProposedSlot,
    SlotChange,
    SlotChangeKind,
    Standby,
)
from targeting.ledger.storable import is_storable
from targeting.ledger.tables import events, outcomes, plans, slot_events, slots, standbys, trials

__all__ = [
    "changes_of",
    "event_of",
    "events_of",
    "files_of",
    "head",
    "named_in_plans",
    "outcomes_of",
    "payloads_of",
    "plan_ids",
    "plan_of",
    "trial_of",
    "version_of",
]


def plan_ids(connection: sa.Connection) -> tuple[str, ...]:
    """Every plan, oldest first."""
    return tuple(connection.execute(sa.select(plans.c.id).order_by(plans.c.event)).scalars())


def plan_of(connection: sa.Connection, plan: str) -> PlanRecord:
    """The plan as proposed. `plan` may be the beginning of an id, if only one begins so; else `NotFoundError`."""
    found = _beginning_with(connection, plan)
    if len(found) != 1:
        raise NotFoundError(
            expected="the id of one plan, or its beginning",
            got=f"{plan[:64]!r}, which {'several plans begin' if found else 'no plan begins'} with",
            where="the ledger",
            do="list the plans",
        )
    row = found[0]
    return PlanRecord(
        id=row.id,
        run=row.run,
        target=row.target,
        problem=json.loads(row.problem),
        slots=_slots(connection, row.id),
        standbys=_standbys(connection, row.id),
        summary=json.loads(row.summary),
        author=row.author,
        created=row.created,
    )


def _beginning_with(connection: sa.Connection, plan: str) -> Sequence[Any]:
    """Up to two rows of `plans`. Letters are compared as on SQLite, small or capital, on either database."""
    if not plan or not is_storable(plan, 64):
        return ()
    begins = plans.c.id.startswith(plan.lower(), autoescape=True)
    return connection.execute(sa.select(plans).where(begins).limit(2)).all()


def _slots(connection: sa.Connection, plan: str) -> tuple[ProposedSlot, ...]:
    found = connection.execute(sa.select(slots).where(slots.c.plan == plan).order_by(slots.c.place))
    return tuple(
        ProposedSlot(
            Slot(row.establishment, Arm(row.arm), row.inclusion_probability, row.score, tuple(json.loads(row.cells))),
            tuple((per, value) for per, value in json.loads(row.strata)),
        )
        for row in found
    )


def _standbys(connection: sa.Connection, plan: str) -> tuple[Standby, ...]:
    """In one order on both databases: their collations are not the same."""
    found = connection.execute(sa.select(standbys).where(standbys.c.plan == plan))
    read = (Standby(row.per, row.value, row.place, row.establishment, row.score) for row in found)
    return tuple(sorted(read, key=lambda one: (one.per, one.value, one.place)))


def events_of(connection: sa.Connection, plan: str) -> tuple[Event, ...]:
    """The plan's life in order, without the looks at it (`trail_of` has those); empty for an unknown plan."""
    lived = sa.select(events).where(events.c.plan == plan, events.c.sequence.is_not(None))
    return tuple(event_of(row) for row in connection.execute(lived.order_by(events.c.sequence)))


def version_of(connection: sa.Connection, plan: str) -> int:
    """How many acts the plan with this whole id has had: what an optimistic lock compares. 0 for an unknown plan."""
    return connection.execute(sa.select(sa.func.max(events.c.sequence)).where(events.c.plan == plan)).scalar() or 0


def files_of(connection: sa.Connection, plan: str) -> dict[str, str]:
    """What lies beside the ledger for this plan: each file's sha256 as it ought to be now.

    The draft sealed the files; the deletion of what nobody may keep any longer seals them anew.
    """
    sealing = (EventKind.DRAFTED, EventKind.SCORES_DELETED, EventKind.NUMBER_PURGED)
    chosen = sa.select(events.c.payload).where(events.c.plan == plan, events.c.kind.in_(sealing))
    files: dict[str, str] = {}
    for payload in connection.execute(chosen.order_by(events.c.number)).scalars():
        files |= json.loads(payload).get("files", {})
    return files


def payloads_of(connection: sa.Connection, kind: EventKind) -> tuple[dict[str, Any], ...]:
    """The payloads of every event of a kind, oldest first."""
    chosen = sa.select(events.c.payload).where(events.c.kind == kind).order_by(events.c.number)
    return tuple(json.loads(payload) for payload in connection.execute(chosen).scalars())


def named_in_plans(connection: sa.Connection, run: Sequence[str], target: str) -> frozenset[str]:
    """Who was ever listed in a plan for `target` drawn from one of the runs: proposed, added, or stepped in."""
    chosen = sa.select(plans.c.id).where(plans.c.run.in_(run), plans.c.target == target)
    listed = sa.union(
        sa.select(slots.c.establishment).where(slots.c.plan.in_(chosen)),
        sa.select(slot_events.c.establishment).where(slot_events.c.plan.in_(chosen)),
        sa.select(slot_events.c.taken).where(slot_events.c.plan.in_(chosen), slot_events.c.taken.is_not(None)),
    )
    return frozenset(connection.execute(listed).scalars())


def event_of(row: Any) -> Event:
    """A row of `plan_events` as a value."""
    return Event(
        row.number,
        row.plan,
        row.sequence,
        row.at,
        row.kind,
        row.actor,
        row.reason_code,
        row.text,
        json.loads(row.payload),
        row.hash,
        row.establishment,
        row.target,
    )


def changes_of(connection: sa.Connection, plan: str) -> tuple[SlotChange, ...]:
    """The overrides of a plan in the order they were made."""
    order = (slot_events.c.event, slot_events.c.establishment)
    found = connection.execute(sa.select(slot_events).where(slot_events.c.plan == plan).order_by(*order))
    return tuple(
        SlotChange(
            SlotChangeKind(row.kind), row.establishment, row.planner, row.reason_code, row.text, row.taken, row.score
        )
        for row in found
    )


def outcomes_of(connection: sa.Connection, plan: str) -> tuple[Outcome, ...]:
    """The newest outcome of each establishment of the plan, by number."""
    found = connection.execute(sa.select(outcomes).where(outcomes.c.plan == plan).order_by(outcomes.c.event))
    newest = {
        row.establishment: Outcome(
            row.establishment, OutcomeResult(row.result), row.breach, row.reason, row.occurred_on, row.known_on
        )
        for row in found
    }
    return tuple(newest[number] for number in sorted(newest))


def trial_of(connection: sa.Connection, trial: str) -> dict[str, Any]:
    """The frozen design called `trial`, or `NotFoundError`."""
    found = connection.execute(sa.select(trials.c.design).where(trials.c.id == trial)).scalar()
    if found is None:
        raise NotFoundError(expected="the id of a frozen trial", got=repr(trial), where="the ledger")
    design: dict[str, Any] = json.loads(found)
    return design


def head(connection: sa.Connection) -> str:
    """The newest event's hash: what to note outside, so that a cut-off end shows. Empty for an empty ledger."""
    return connection.execute(sa.select(events.c.hash).order_by(events.c.number.desc()).limit(1)).scalar() or ""
