"""From a problem to a plan over the run in service: looked at first, and kept as a draft when it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import sqlalchemy as sa

from api.plans.turns import turn
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.ledger import PlanRecord
from targeting.planning import (
    Plan,
    Problem,
    Setting,
    candidates_of,
    default_problem,
    dial,
    make_plan,
    plan_document,
    plan_json,
    probabilities,
    problem_from_mapping,
)
from targeting.planning.drafts import keep_draft
from targeting.planning.frame import drawing_frame
from targeting.planning.life import By, LivePlan
from targeting.planning.plan_reading import read_plan

__all__ = ["Drawn", "asked_problem", "dial_of", "draw_plan", "save_draft"]


_DIAL_SHARES: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
"""Somebody waits for the answer; drawing half a plan takes longer than all of these together."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A plan as drawn and not kept. `run` is the name of the run as plans for the target know it."""

    target: Target
    run: str
    plan: Plan
    candidates: pa.Table = field(repr=False)

    @property
    def id(self) -> str:
        """The id it will have when it is kept: its content hash."""
        return str(self.document["hash"])

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """PLAN.json: slots, standby lists, prices, nearest swaps, what was excluded and why."""
        return plan_document(self.plan)

    def record(self) -> PlanRecord:
        """The plan as the ledger keeps it."""
        return read_plan(plan_json(self.plan), self.run, str(self.target), self.candidates)

    def frame(self) -> pa.Table:
        """What the draw was made from, which outcomes need to speak for the cohort."""
        return drawing_frame(self.document, probabilities(self.plan), self.candidates)


def asked_problem(run: ServedRun, target: Target, document: Mapping[str, Any] | None = None) -> Problem:
    """The problem in `document` (as PROBLEM.toml says it), or the default one for `target`.

    Without a seed it takes the run's, so that equal scores stand in the order the run published. Raises
    `BadInputError` naming the key that is wrong.
    """
    problem = default_problem(target) if document is None else problem_from_mapping(document)
    seeded = document is not None and "seed" in document
    return problem if seeded else replace(problem, seed=run.published.about.seed)


def draw_plan(run: ServedRun, target: Target, problem: Problem, *, with_prices: bool = True) -> Drawn:
    """The best plan over the run's scores for `target`, with the price of each rule and the nearest swaps.

    Raises `NotFoundError` when the run did not score the target, `BadInputError` when the problem names a column that
    there is not, `InfeasibleError` (which rules clash, what must give way) when no plan keeps the rules, and
    `BusyError` when too many wait for theirs.
    """
    run.ranking(target)
    with turn():
        candidates = candidates_of(run.published, target)
        made = make_plan(problem, candidates, with_prices=with_prices)
    return Drawn(target, run.published.about.named_for(target), made, candidates)


def dial_of(run: ServedRun, target: Target, problem: Problem) -> tuple[Setting, ...]:
    """What each share drawn at random costs in breaches, and how well the plan will tell the prevalence then."""
    run.ranking(target)
    with turn():
        return dial(problem, candidates_of(run.published, target), _DIAL_SHARES)


def save_draft(connection: sa.Connection, by: By, home: Path, drawn: Drawn) -> LivePlan:
    """Keep the plan as a draft of `by`; `RefusedError` when the same plan is kept already."""
    return keep_draft(connection, by, home, drawn.record(), drawn.frame())
