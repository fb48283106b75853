"""The only writers. Each takes the audit event that explains it, and writes both in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from targeting.domain import RefusedError
from targeting.ledger.audit import AuditEvent
from targeting.ledger.chain import GENESIS, canonical, event_hash, key_of, row_hash
from targeting.ledger.records import Outcome, PlanRecord, ProposedSlot, SlotChange
from targeting.ledger.tables import ATTACHED, events

__all__ = ["record_changes", "record_event", "record_outcomes", "record_plan", "record_trial"]

Row = tuple[str, dict[str, Any]]


def record_plan(connection: sa.Connection, audit: AuditEvent, plan: PlanRecord) -> str:
    """Keep a plan, its slots and standbys; the event's hash. `RefusedError` when the plan is here already."""
    table = ATTACHED["plans"][0]
    if connection.execute(sa.select(table.c.id).where(table.c.id == plan.id)).first():
        raise RefusedError(
            expected="a plan that is new", got="one with the same content", where=plan.id[:12], do="go on with that one"
        )
    head: dict[str, Any] = {
        "id": plan.id,
        "run": plan.run,
        "target": plan.target,
        "author": audit.actor,
        "problem": canonical(plan.problem),
        "summary": canonical(plan.summary),
        "created": audit.moment,
    }
    rows: list[Row] = [("plans", head)]
    rows += [("slots", _slot(plan.id, place, one)) for place, one in enumerate(plan.slots, start=1)]
    rows += [
        (
            "standbys",
            {
                "plan": plan.id,
                "per": one.per,
                "value": one.value,
                "place": one.place,
                "establishment": one.establishment,
                "score": float(one.score),
            },
        )
        for one in plan.standbys
    ]
    return _append(connection, audit, rows)


def record_event(connection: sa.Connection, audit: AuditEvent) -> str:
    """Keep an act that writes nothing but itself; its hash."""
    return _append(connection, audit, [])


def record_changes(connection: sa.Connection, audit: AuditEvent, changes: Sequence[SlotChange]) -> str:
    """Keep overrides of the plan `audit` names; the event's hash."""
    return _append(connection, audit, [("slot_events", _change(str(audit.plan), one)) for one in changes])


def record_outcomes(connection: sa.Connection, audit: AuditEvent, outcomes: Sequence[Outcome]) -> str:
    """Keep outcomes of the plan `audit` names; the event's hash. A second outcome of a slot corrects the first."""
    return _append(connection, audit, [("outcomes", _outcome(str(audit.plan), one)) for one in outcomes])


def record_trial(connection: sa.Connection, audit: AuditEvent, trial: str, design: Mapping[str, Any]) -> str:
    """Keep the frozen design `trial` (its content hash); the event's hash. `RefusedError` when it is here already."""
    table = ATTACHED["trials"][0]
    if connection.execute(sa.select(table.c.id).where(table.c.id == trial)).first():
        raise RefusedError(expected="a trial that is not frozen yet", got="one that is", where=trial[:12])
    return _append(connection, audit, [("trials", {"id": trial, "design": canonical(design)})])


def _slot(plan: str, place: int, proposed: ProposedSlot) -> dict[str, Any]:
    slot = proposed.slot
    return {
        "plan": plan,
        "establishment": slot.establishment,
        "place": place,
        "arm": str(slot.arm),
        "inclusion_probability": float(slot.inclusion_probability),
        "score": float(slot.score),
        "cells": canonical(slot.constraint_cells),
        "strata": canonical(proposed.strata),
    }


def _change(plan: str, change: SlotChange) -> dict[str, Any]:
    return {
        "plan": plan,
        "establishment": change.establishment,
        "kind": str(change.kind),
        "taken": change.taken,
        "score": None if change.score is None else float(change.score),
        "planner": change.planner,
        "reason_code": change.reason_code,
        "text": change.text,
    }


def _outcome(plan: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "plan": plan,
        "establishment": outcome.establishment,
        "result": str(outcome.result),
        "breach": outcome.breach,
        "reason": outcome.reason,
        "occurred_on": outcome.occurred_on,
        "known_on": outcome.known_on,
    }


def _append(connection: sa.Connection, audit: AuditEvent, rows: Sequence[Row]) -> str:
    """Extend the chain by one event and the rows that hang on it."""
    last = connection.execute(
        sa.select(events.c.number, events.c.hash).order_by(events.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
    sealed = [_sealed(name, {**row, "event": number}) for name, row in rows]
    attached = [[name, key_of(ATTACHED[name][1], row), row["hash"]] for name, row in sealed]
    event = {
        "number": number,
        "plan": audit.plan,
        "sequence": _next_sequence(connection, audit.plan),
        "at": audit.moment,
        "kind": str(audit.kind),
        "actor": audit.actor,
        "reason_code": audit.reason_code,
        "text": audit.text,
        "payload": canonical(audit.payload),
        "attached": canonical(attached),
        "previous_hash": previous,
    }
    sealed_event = {**event, "hash": event_hash(event)}
    connection.execute(events.insert(), sealed_event)
    for name in ATTACHED:  # in the order of their foreign keys
        if inserted := [row for table, row in sealed if table == name]:
            connection.execute(ATTACHED[name][0].insert(), inserted)
    return str(sealed_event["hash"])


def _sealed(name: str, row: dict[str, Any]) -> Row:
    return name, {**row, "hash": row_hash(name, row)}


def _next_sequence(connection: sa.Connection, plan: str | None) -> int | None:
    if plan is None:
        return None
    newest = connection.execute(sa.select(sa.func.max(events.c.sequence)).where(events.c.plan == plan)).scalar()
    return int(newest or 0) + 1
