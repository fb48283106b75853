"""Reading the ledger back, as it was written. What it amounts to (states, current slots) is for `planning` to say."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from targeting.domain import Arm, NotFoundError, Slot
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
from targeting.ledger.tables import events, outcomes, plans, slot_events, slots, standbys, trials

__all__ = ["changes_of", "events_of", "head", "outcomes_of", "plan_ids", "plan_of", "trial_of"]


def plan_ids(connection: sa.Connection) -> tuple[str, ...]:
    """Every plan, oldest first."""
    return tuple(connection.execute(sa.select(plans.c.id).order_by(plans.c.event)).scalars())


def plan_of(connection: sa.Connection, plan: str) -> PlanRecord:
    """The plan as proposed. `plan` may be the beginning of an id, if only one begins so; else `NotFoundError`."""
    found = connection.execute(sa.select(plans).where(plans.c.id.startswith(plan, autoescape=True))).all()
    if len(found) != 1 or not plan:
        raise NotFoundError(
            expected="the id of one plan, or its beginning",
            got=f"{plan!r}, which {len(found)} plans begin with",
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
    order = (standbys.c.per, standbys.c.value, standbys.c.place)
    found = connection.execute(sa.select(standbys).where(standbys.c.plan == plan).order_by(*order))
    return tuple(Standby(row.per, row.value, row.place, row.establishment, row.score) for row in found)


def events_of(connection: sa.Connection, plan: str) -> tuple[Event, ...]:
    """The plan's events in order; empty for an unknown plan."""
    found = connection.execute(sa.select(events).where(events.c.plan == plan).order_by(events.c.sequence))
    return tuple(_event(row) for row in found)


def _event(row: Any) -> Event:
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
