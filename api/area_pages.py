"""Priority areas put together from the published runs and the ledger: expected, over time, found, recommended."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from api.plans import closed_to
from api.published_runs import runs_until
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.ledger import outcomes_of, plan_heads
from targeting.planning.area_allocation import Allocation, recommend
from targeting.planning.permissions import Person
from targeting.planning.sectors import AreaResults, AreaTable, TrendPoint, area_table, last_results, trend

__all__ = ["AreaPage", "areas_of"]

_MOST_PLANS = 1000


class AreaPage(NamedTuple):
    """One area: as published, over the runs, what was found there, and the inspections recommended for it."""

    published: AreaTable
    trend: tuple[TrendPoint, ...]
    results: AreaResults
    allocation: Allocation


def areas_of(
    connection: sa.Connection,
    person: Person,
    home: Path,
    run: ServedRun,
    target: Target,
    inspections: int,
    minimum: int = 0,
) -> tuple[AreaPage, ...]:
    """The areas of the run in service for `target`, highest expected rate first.

    Raises `NotFoundError` when the run did not score the target, `InfeasibleError` when the minimum cannot be kept.
    """
    run.ranking(target)
    table = area_table(run.published, target)
    names = [one.area for one in table]
    heads = plan_heads(connection, closed_to(person), target, limit=_MOST_PLANS)
    outcomes = [outcome for head in heads for outcome in outcomes_of(connection, head.id)]
    found = last_results(run.published, names, outcomes)
    points = trend(runs_until(home, person, run), target, names)
    spread = {one.area: one for one in recommend(run.published, target, inspections, minimum)}
    return tuple(AreaPage(one, points[one.area], found[one.area], spread[one.area]) for one in table)
