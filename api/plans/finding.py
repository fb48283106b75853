"""Plans as a person may see them: one that is hidden from them is not there."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from targeting.domain import NotFoundError, Target
from targeting.ledger import PlanHead, plan_heads, plan_target
from targeting.planning.life import By, LivePlan, live_plan, viewed
from targeting.planning.permissions import (
    Person,
    can_see_target,
    check_can_see_establishments,
    check_can_see_plan,
)
from targeting.planning.states import PlanState, state_after

__all__ = ["PlanPage", "closed_to", "find_plan", "listed_plans", "target_of", "viewed_plan"]

_AT_ONCE: Final = 100


class PlanPage(NamedTuple):
    """Plans with their states, newest first; `next` is the plan to go on after, null at the end."""

    plans: tuple[tuple[PlanHead, PlanState], ...]
    next: str | None


def closed_to(person: Person) -> frozenset[str]:
    """The targets that `person` may not know of."""
    return frozenset(target.value for target in Target if not can_see_target(person, target))


def target_of(connection: sa.Connection, person: Person, plan: str) -> Target:
    """What the plan with this whole id is for.

    `NotFoundError` in the same words when there is none and when it is hidden from `person`.
    """
    check_can_see_establishments(person)
    found = plan_target(connection, plan)
    if found is None or found in closed_to(person):
        raise NotFoundError(expected="the id of a plan", got="none that you can see", where="plans", do="list them")
    return Target(found)


def find_plan(connection: sa.Connection, person: Person, plan: str) -> LivePlan:
    """The plan with this whole id as it stands; `NotFoundError` as `target_of`. To show it, call `viewed_plan`."""
    check_can_see_plan(person, target_of(connection, person, plan))
    return live_plan(connection, plan)


def viewed_plan(connection: sa.Connection, by: By, plan: str, **what: Any) -> LivePlan:
    """The same, and kept in the ledger that the person saw it; `what` says which part. Needs `Ledger.write`."""
    target_of(connection, by.person, plan)
    return viewed(connection, by, plan, **what)


def listed_plans(
    connection: sa.Connection,
    person: Person,
    target: Target | None = None,
    state: PlanState | None = None,
    after: str | None = None,
    limit: int = 50,
) -> PlanPage:
    """The newest `limit` plans after the plan `after` that the person may see, and that are as asked."""
    check_can_see_establishments(person)
    found: list[tuple[PlanHead, PlanState]] = []
    while len(found) <= limit:
        heads = plan_heads(connection, closed_to(person), target, after, _AT_ONCE)
        stated = ((head, state_after(head.acts)) for head in heads)
        found += [one for one in stated if state in (None, one[1])]
        if len(heads) < _AT_ONCE:
            break
        after = heads[-1].id
    page = tuple(found[:limit])
    return PlanPage(page, page[-1][0].id if len(found) > limit else None)
