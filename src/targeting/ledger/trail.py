"""The audit as it is asked: of a plan, of a person, of an establishment ("who saw it"), newest first, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from targeting.domain import BadInputError
from targeting.ledger.audit import EventKind, moment
from targeting.ledger.reading import event_of
from targeting.ledger.records import Event
from targeting.ledger.storable import check_storable
from targeting.ledger.tables import events, plans, slot_events, slots, standbys

__all__ = ["MOST", "Asked", "Trail", "number_of", "plans_naming_sql", "trail_of", "whole_trail"]

MOST: Final = 500
"""The most events of one page."""


@dataclass(frozen=True)
class Asked:
    """Which events: all that are given must hold, null and empty ask for nothing.

    `establishment` finds its look-ups and every event of a plan that names it, as slot, standby or newcomer. `since`
    is inclusive, `until` exclusive. `hidden` holds targets whose events are left out, those of their plans too: what a
    person without the role for them may see.
    """

    plan: str | None = None
    actor: str | None = None
    establishment: str | None = None
    kinds: Collection[EventKind] = ()
    since: datetime | None = None
    until: datetime | None = None
    hidden: Collection[str] = ()

    def __post_init__(self) -> None:
        for name, text in (("plan", self.plan), ("actor", self.actor), ("establishment", self.establishment)):
            check_storable(text or "", name)


class Trail(NamedTuple):
    """One page, newest first; `before` is what to ask the next page with, null at the end."""

    events: tuple[Event, ...]
    before: int | None


def trail_of(connection: sa.Connection, asked: Asked, before: int | None = None, limit: int = 50) -> Trail:
    """The newest `limit` events numbered below `before`. Raises `BadInputError` for a limit or number out of range."""
    if not 1 <= limit <= MOST or not 0 <= (before or 0) < 2**31:
        raise BadInputError(expected=f"1 to {MOST} events below a number", got=f"{limit} below {before}", where="audit")
    query = sa.select(events).where(*_conditions(asked)).order_by(events.c.number.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(events.c.number < before)
    found = connection.execute(query).all()
    page = tuple(event_of(row) for row in found[:limit])
    return Trail(page, page[-1].number if len(found) > limit else None)


def whole_trail(connection: sa.Connection, asked: Asked) -> Iterator[Event]:
    """Every event that is asked for, newest first, read page by page."""
    page = trail_of(connection, asked, limit=MOST)
    yield from page.events
    while page.before is not None:
        page = trail_of(connection, asked, page.before, MOST)
        yield from page.events


def number_of(connection: sa.Connection, event: str, hidden: Collection[str] = ()) -> int:
    """The number of the event with this hash. `BadInputError`, in the same words, for none and for a hidden one."""
    check_storable(event, "the event", 64)
    asked = sa.select(events.c.number).where(events.c.hash == event, *_conditions(Asked(hidden=hidden)))
    number: int | None = connection.execute(asked).scalar()
    if number is None:
        raise BadInputError(
            expected="an event of the audit", got="another", where="audit", do="begin at the first page"
        )
    return number


def _conditions(asked: Asked) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.plan is not None:
        found.append(events.c.plan == asked.plan)
    if asked.actor is not None:
        found.append(events.c.actor == asked.actor)
    if asked.establishment is not None:
        found.append(
            sa.or_(
                events.c.establishment == asked.establishment,
                events.c.plan.in_(plans_naming_sql(asked.establishment)),
            )
        )
    if asked.kinds:
        found.append(events.c.kind.in_(asked.kinds))
    if asked.since is not None:
        found.append(events.c.at >= moment(asked.since))
    if asked.until is not None:
        found.append(events.c.at < moment(asked.until))
    if asked.hidden:
        of_hidden = sa.select(plans.c.id).where(plans.c.target.in_(asked.hidden))
        found.append(sa.or_(events.c.target.is_(None), events.c.target.not_in(asked.hidden)))
        found.append(sa.or_(events.c.plan.is_(None), events.c.plan.not_in(of_hidden)))
    return found


def plans_naming_sql(establishment: str) -> sa.CompoundSelect[tuple[str]]:
    """The plans that ever named `establishment`, as slot, standby or newcomer."""
    return sa.union(
        sa.select(slots.c.plan).where(slots.c.establishment == establishment),
        sa.select(standbys.c.plan).where(standbys.c.establishment == establishment),
        sa.select(slot_events.c.plan).where(slot_events.c.establishment == establishment),
        sa.select(slot_events.c.plan).where(slot_events.c.taken == establishment),
    )
