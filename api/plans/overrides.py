"""Changing a plan slot by slot: who comes next for a slot, and what an addition scores."""

from __future__ import annotations

import sqlalchemy as sa

from api.plans.finding import find_plan
from api.served_run import ServedRun
from targeting.domain import OrganisationNumber, Target
from targeting.ledger import PlanRecord
from targeting.planning.current_slots import next_standby
from targeting.planning.life import By, LivePlan, add_slot

__all__ = ["add_to", "swaps_for"]


def add_to(connection: sa.Connection, by: By, run: ServedRun, plan: str, establishment: str) -> LivePlan:
    """Add an establishment that was not proposed, with its score where the run in service has one."""
    found = find_plan(connection, by.person, plan)
    number = OrganisationNumber(establishment).value
    return add_slot(connection, by, plan, number, _score(run, found.record, number))


def _score(run: ServedRun, record: PlanRecord, establishment: str) -> float | None:
    """Its score in the run the plan was drawn from; null when that run is no longer in service, or has none."""
    target = Target(record.target)
    if target not in run.lists or run.published.about.named_for(target) != record.run:
        return None
    row = run.lists[target].row_of(OrganisationNumber(establishment))
    return row.score if row else None


def swaps_for(plan: LivePlan) -> dict[str, tuple[str, float] | None]:
    """For each slot of the list as it stands who would step in, with the score; null where nobody is left."""
    return {one.establishment: next_standby(plan.record, plan.changes, one.establishment) for one in plan.slots}
