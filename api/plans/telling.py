"""What leaves a plan: the list as a file, and what its outcomes tell."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from api.plans.finding import closed_to, find_plan, target_of
from api.served_run import ServedRun
from targeting.domain import NotFoundError, Target
from targeting.feedback.plan_result import PlanResult, frame_from_table, plan_result
from targeting.ledger import plan_heads
from targeting.planning.drafts import export_from, kept_frame
from targeting.planning.exports import Format, written
from targeting.planning.life import By, LivePlan, exported, live_plan
from targeting.planning.permissions import Person
from targeting.planning.states import PlanState, state_after

__all__ = ["Taken", "plans_told", "result_of", "take_out"]

_MOST: Final = 1000


class Taken(NamedTuple):
    """A file that leaves the house: its bytes, their sha256, and the hash of the list in it."""

    content: bytes
    sha256: str
    plan: LivePlan

    def name(self, kind: Format) -> str:
        """What to call the file: plan and content, no person."""
        return f"plan_{self.plan.record.id[:12]}_{self.plan.hash[:12]}.{kind}"


def take_out(connection: sa.Connection, by: By, home: Path, run: ServedRun, plan: str, kind: Format) -> Taken:
    """The list as it stands, as a file; kept in the ledger who took it. Needs `Ledger.write`."""
    target_of(connection, by.person, plan)
    live = live_plan(connection, plan)
    content = written(export_from(home, live, run.published), kind)
    sha256 = hashlib.sha256(content).hexdigest()
    exported(connection, by, plan, str(kind), sha256)
    return Taken(content, sha256, live)


def result_of(connection: sa.Connection, person: Person, home: Path, plan: str) -> PlanResult:
    """What the plan tells by now. Whoever shows it calls `viewed_plan`."""
    live = find_plan(connection, person, plan)
    frame = frame_from_table(kept_frame(connection, home, plan))
    return plan_result(live.record, live.changes, live.outcomes, frame)


def plans_told(
    connection: sa.Connection, person: Person, home: Path, target: Target
) -> tuple[tuple[LivePlan, PlanResult], ...]:
    """Every plan for `target` that is in progress or closed, newest first, with what it tells.

    A plan whose drawing frame was deleted with its scores tells nothing any more and is left out.
    """
    told = []
    for head in plan_heads(connection, closed_to(person), target, limit=_MOST):
        if state_after(head.acts) in (PlanState.IN_PROGRESS, PlanState.CLOSED):
            try:
                told.append((live_plan(connection, head.id), result_of(connection, person, home, head.id)))
            except NotFoundError:
                continue
    return tuple(told)
