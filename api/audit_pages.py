"""The audit page by page, as an auditor may see it; that they read it is itself in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from api.plans import closed_to
from targeting.ledger import Asked, AuditEvent, Event, EventKind, number_of, record_event, trail_of
from targeting.planning.permissions import Person, check_can_see_audit

__all__ = ["AuditRead", "read_audit"]


class AuditRead(NamedTuple):
    """Acts, newest first, and where the next page begins: after the act with this hash; null at the end."""

    events: tuple[Event, ...]
    next: str | None


def read_audit(
    connection: sa.Connection, person: Person, at: datetime, asked: Asked, after: str | None = None, limit: int = 50
) -> AuditRead:
    """A page of the acts that `person` may know of, read before this look is kept. Needs `Ledger.write`.

    A page goes on after an act and not after a number: numbers would tell of acts that are hidden. Raises
    `BadInputError` when `after` is no act of the trail.
    """
    check_can_see_audit(person)
    shown = replace(asked, hidden=closed_to(person))
    before = number_of(connection, after, shown.hidden) if after is not None else None
    page = trail_of(connection, shown, before, limit)
    record_event(connection, _look(person, at, asked, len(page.events)))
    return AuditRead(page.events, page.events[-1].hash if page.before is not None else None)


def _look(person: Person, at: datetime, asked: Asked, rows: int) -> AuditEvent:
    what = {
        "plan": asked.plan,
        "actor": asked.actor,
        "kinds": [kind.value for kind in asked.kinds],
        "since": asked.since.isoformat() if asked.since else None,
        "until": asked.until.isoformat() if asked.until else None,
        "rows": rows,
    }
    told = {name: value for name, value in what.items() if value not in (None, [])}
    return AuditEvent(EventKind.AUDIT_READ, person.name, at, payload=told, establishment=asked.establishment)
