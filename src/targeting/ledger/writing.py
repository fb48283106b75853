"""The only writers. Each takes the audit event that explains it, and writes both in the caller's transaction.

The connection is one of `Ledger.write`: it holds the turn, without which two could read the same end of the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from targeting.domain import BadInputError, RefusedError
from targeting.ledger.audit import PLACELESS, AuditEvent
from targeting.ledger.chain import GENESIS, canonical, event_hash, key_of, row_hash
from targeting.ledger.records import Outcome, PlanRecord, ProposedSlot, SlotChange
from targeting.ledger.tables import ATTACHED, events

__all__ = ["record_changes", "record_event", "record_looks", "record_outcomes", "record_plan", "record_trial"]

Row = tuple[str, dict[str, Any]]

_COLUMNS: Final = tuple(events.columns.keys())
_AT_ONCE: Final = 50
"""Looks a statement, and so the number of statements there are."""


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
    """Keep an act that writes nothing but itself (a move of a plan, a look-up, an export); its hash."""
    return _append(connection, audit, [])


def record_looks(connection: sa.Connection, audits: Sequence[AuditEvent]) -> None:
    """Keep many acts that are no part of a plan's life, in their order: the end is read once, the rows go in at once.

    Raises `BadInputError` for an act that takes a place in a plan.
    """
    if placed := [one.kind for one in audits if one.kind not in PLACELESS]:
        raise BadInputError(expected="looks and other acts outside plans", got=placed[0], where="the ledger")
    number, previous = _end(connection)
    rows = []
    for audit in audits:
        rows.append(_event(audit, number + 1, previous, None, ()))
        number, previous = number + 1, rows[-1]["hash"]
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        values = tuple(row[name] for row in part for name in _COLUMNS)
        connection.exec_driver_sql(_insert(len(part), connection.dialect.paramstyle), values)


@cache
def _insert(rows: int, style: str) -> str:
    """One statement for so many events: around each, SQLite's driver lets other threads run and waits for its turn."""
    row = ", ".join(["?" if style == "qmark" else "%s"] * len(_COLUMNS))
    return f"INSERT INTO {events.name} ({', '.join(_COLUMNS)}) VALUES ({'), ('.join([row] * rows)})"


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
    number, previous = _end(connection)
    sealed = [_sealed(name, {**row, "event": number + 1}) for name, row in rows]
    attached = [[name, key_of(ATTACHED[name][1], row), row["hash"]] for name, row in sealed]
    sequence = None if audit.kind in PLACELESS else _next_sequence(connection, audit.plan)
    event = _event(audit, number + 1, previous, sequence, attached)
    connection.execute(events.insert(), event)
    for name in ATTACHED:  # in the order of their foreign keys
        if inserted := [row for table, row in sealed if table == name]:
            connection.execute(ATTACHED[name][0].insert(), inserted)
    return str(event["hash"])


def _end(connection: sa.Connection) -> tuple[int, str]:
    """The number and hash of the newest event; of the one before the first when there is none."""
    newest = sa.select(events.c.number, events.c.hash).order_by(events.c.number.desc()).limit(1)
    last = connection.execute(newest).first()
    return (last.number, last.hash) if last else (0, GENESIS)


def _event(
    audit: AuditEvent, number: int, previous: str, sequence: int | None, attached: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """The row of `audit` as the next link after `previous`."""
    event = {
        "number": number,
        "plan": audit.plan,
        "sequence": sequence,
        "at": audit.moment,
        "kind": str(audit.kind),
        "actor": audit.actor,
        "reason_code": audit.reason_code,
        "text": audit.text,
        "payload": canonical(audit.payload),
        "attached": canonical(attached),
        "previous_hash": previous,
        "establishment": audit.establishment,
        "target": audit.target,
    }
    return {**event, "hash": event_hash(event)}


def _sealed(name: str, row: dict[str, Any]) -> Row:
    return name, {**row, "hash": row_hash(name, row)}


def _next_sequence(connection: sa.Connection, plan: str | None) -> int | None:
    if plan is None:
        return None
    newest = connection.execute(sa.select(sa.func.max(events.c.sequence)).where(events.c.plan == plan)).scalar()
    return int(newest or 0) + 1
