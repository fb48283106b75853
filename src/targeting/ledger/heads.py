"""Plans as a list shows them, newest first and page by page, without reading their slots."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from targeting.domain import BadInputError
from targeting.ledger.tables import events, plans, slots

__all__ = ["PlanHead", "plan_heads", "plan_target"]


class PlanHead(NamedTuple):
    """One plan: who made it and when, how many slots were proposed, and the kinds of its acts in order."""

    id: str
    run: str
    target: str
    author: str
    created: str
    proposed: int
    acts: tuple[str, ...]


def plan_target(connection: sa.Connection, plan: str) -> str | None:
    """What the plan with this whole id is for; null when there is none."""
    found: str | None = connection.execute(sa.select(plans.c.target).where(plans.c.id == plan)).scalar()
    return found


def plan_heads(
    connection: sa.Connection,
    hidden: Collection[str] = (),
    target: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[PlanHead, ...]:
    """The newest `limit` plans that are older than the plan `after`; those for `hidden` targets are not there.

    Raises `BadInputError` when `after` is no plan of the list.
    """
    shown = [plans.c.target.not_in(hidden)] + ([plans.c.target == target] if target else [])
    if after is not None:
        shown.append(plans.c.event < _event_of(connection, after, hidden))
    found = connection.execute(sa.select(plans).where(*shown).order_by(plans.c.event.desc()).limit(limit)).all()
    ids = [row.id for row in found]
    counted = sa.select(slots.c.plan, sa.func.count()).where(slots.c.plan.in_(ids)).group_by(slots.c.plan)
    proposed = {row[0]: row[1] for row in connection.execute(counted)}
    acts = _acts(connection, ids)
    return tuple(
        PlanHead(
            row.id, row.run, row.target, row.author, row.created, proposed.get(row.id, 0), tuple(acts.get(row.id, ()))
        )
        for row in found
    )


def _event_of(connection: sa.Connection, plan: str, hidden: Collection[str]) -> int:
    asked = sa.select(plans.c.event).where(plans.c.id == plan, plans.c.target.not_in(hidden))
    event: int | None = connection.execute(asked).scalar()
    if event is None:
        raise BadInputError(expected="a plan of the list", got="another", where="the page", do="begin at the first")
    return event


def _acts(connection: sa.Connection, ids: list[str]) -> dict[str, list[str]]:
    lived = sa.select(events.c.plan, events.c.kind).where(events.c.plan.in_(ids), events.c.sequence.is_not(None))
    acts: dict[str, list[str]] = {}
    for plan, kind in connection.execute(lived.order_by(events.c.sequence)):
        acts.setdefault(plan, []).append(kind)
    return acts
