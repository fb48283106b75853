"""A small ledger with one row in every table, and what somebody with the rights of an administrator can do to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from targeting.domain import Arm, Slot
from targeting.ledger import (
    AuditEvent,
    EventKind,
    Ledger,
    Outcome,
    OutcomeResult,
    PlanRecord,
    ProposedSlot,
    SlotChange,
    SlotChangeKind,
    Standby,
    open_ledger,
    record_changes,
    record_event,
    record_outcomes,
    record_plan,
    record_trial,
)
from targeting.ledger.tables import GUARDED
from tests.lib.small_country import number

__all__ = ["AT", "EVENTS", "PLAN", "event", "filled", "plan", "tampered"]

PLAN = "a" * 64
AT = datetime(2027, 1, 4, 9, tzinfo=UTC)
EVENTS = 5
"""How many events `filled` writes."""


def event(
    kind: EventKind, actor: str = "planner", minutes: int = 0, plan: str | None = PLAN, **about: str
) -> AuditEvent:
    return AuditEvent(kind, actor, AT + timedelta(minutes=minutes), plan, "reason", "because", {"n": 1.5}, **about)


def plan(identifier: str = PLAN, target: str = "bht_use", slots: int = 3) -> PlanRecord:
    """A plan of `slots` establishments numbered from 0, the last one drawn; standbys 11 and 12."""
    arms = [Arm.RANKED] * (slots - 1) + [Arm.EXPLORATION]
    proposed = tuple(
        ProposedSlot(Slot(number(i), arm, (i + 1) / slots, 0.9 - i / slots, ("county=03",)), (("county", "03"),))
        for i, arm in enumerate(arms)
    )
    standbys = tuple(Standby("county", "03", place, number(10 + place), 0.5) for place in (1, 2))
    return PlanRecord(identifier, "run", target, {"capacity": slots}, proposed, standbys, {"objective": 1.0})


def filled(url: str) -> Ledger:
    opened = open_ledger(url)
    with opened.write() as connection:
        record_plan(connection, event(EventKind.DRAFTED), plan())
        record_event(connection, event(EventKind.PROPOSED, minutes=1))
        change = SlotChange(
            SlotChangeKind.SWAP, number(0), "planner", "moved", "moved away", taken=number(11), score=0.5
        )
        record_changes(connection, event(EventKind.SLOT_SWAPPED, minutes=2), [change])
        found = Outcome(number(1), OutcomeResult.INSPECTED, True, None, date(2027, 2, 1), date(2027, 3, 1))
        record_outcomes(connection, event(EventKind.OUTCOMES_RECORDED, minutes=3), [found])
        record_trial(connection, event(EventKind.TRIAL_FROZEN, minutes=4, plan=None), "b" * 64, {"arms": 2})
    return opened


def tampered(url: str, *statements: str) -> Ledger:
    """The ledger after `statements`, with every trigger off meanwhile and on again afterwards."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            _on_postgresql(connection, statements)
        else:
            _on_sqlite(connection, statements)
    engine.dispose()
    return open_ledger(url)


def _on_sqlite(connection: sa.Connection, statements: tuple[str, ...]) -> None:
    triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    for _, text in triggers:
        connection.exec_driver_sql(text)


def _on_postgresql(connection: sa.Connection, statements: tuple[str, ...]) -> None:
    for table in GUARDED:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for statement in statements:
        connection.exec_driver_sql(statement)
    for table in GUARDED:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        for each in ("row", "statement"):
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only_{each}")
