"""From a problem and candidates to a plan: the exploration draw first, then the best ranked arm around it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from targeting.domain import Arm, Slot
from targeting.planning.arrays import Places, Reals
from targeting.planning.candidates import Candidates, Eligibility, eligibility, read_candidates, tie_numbers
from targeting.planning.constraints import Rules, lay_out
from targeting.planning.exploration import Design, design_draw, draw
from targeting.planning.infeasible import explain
from targeting.planning.prices import Price, nearest_swaps, optimum_value, prices
from targeting.planning.problem import Problem
from targeting.planning.selection import Selection, select
from targeting.planning.solver import NoPlanError
from targeting.planning.standby import Stratum, standby_lists

__all__ = ["Exchange", "Plan", "make_plan"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A feasible exchange: drop one establishment of the ranked arm, take another, and what that changes."""

    drop: str
    take: str
    change: float


@dataclass(frozen=True, eq=False)
class Plan:
    """A proposed plan. `slots` are the ranked arm, best first, then the exploration arm.

    `objective` is the value of all slots; `bound` is what no other ranked arm around the same draw can exceed.
    `eligible` holds the planned-from rows; `design` speaks of their positions.
    """

    problem: Problem
    slots: tuple[Slot, ...]
    standby: tuple[Stratum, ...]
    objective: float
    bound: float
    explored_value: float
    prices: tuple[Price, ...]
    exchanges: tuple[Exchange, ...]
    eligibility: Eligibility
    candidates: Candidates
    eligible: Candidates
    design: Design

    @property
    def gap(self) -> float:
        """Bound minus objective; zero when the ranked arm is proved best."""
        return self.bound - self.objective


@dataclass(frozen=True, eq=False)
class _Task:
    problem: Problem
    rows: Candidates
    rules: Rules
    values: Reals
    scores: Reals
    tie: Reals


def make_plan(problem: Problem, table: pa.Table, *, with_prices: bool = True) -> Plan:
    """Plan `problem` over a candidates table: one row per establishment, any columns the problem names.

    Raises `BadInputError` on a table the problem does not fit and `InfeasibleError` when no plan keeps the rules.
    Without `with_prices` prices and exchanges are left out (simulations make thousands of plans).
    """
    candidates = read_candidates(table)
    candidates.chances(problem.objective.score)
    chosen_from = eligibility(problem, candidates)
    rows = candidates.take(chosen_from.eligible)
    rules, values = lay_out(problem, rows), rows.values(problem.objective)
    scores = rows.numbers(problem.objective.score)
    task = _Task(problem, rows, rules, values, scores, tie_numbers(problem.seed, rows))
    try:
        design = design_draw(scores, rules, problem.explored, problem.exploration.bins, _deck_digest(problem, rows))
        explored = draw(design, problem.seed)
        ranked = _ranked_arm(task, explored)
    except NoPlanError as cause:
        raise explain(rules) from cause
    return _assembled(task, candidates, chosen_from, design, explored, ranked, with_prices)


def _ranked_arm(task: _Task, explored: Places) -> Selection:
    others = np.setdiff1d(np.arange(len(task.rows)), explored)
    left = task.rules.after(explored).take(others)
    found = select(task.values[others], left, lambda places: task.tie[others[places]])
    return Selection(others[found.chosen], found.value, found.bound)


def _assembled(
    task: _Task,
    candidates: Candidates,
    chosen_from: Eligibility,
    design: Design,
    explored: Places,
    ranked: Selection,
    with_prices: bool,
) -> Plan:
    gained = float(task.values[explored].sum())
    planned = np.union1d(explored, ranked.chosen)
    return Plan(
        problem=task.problem,
        slots=_slots(task, ranked.chosen, Arm.RANKED, design) + _slots(task, explored, Arm.EXPLORATION, design),
        standby=standby_lists(task.problem, task.rows, task.rules, task.scores, task.tie, planned),
        objective=ranked.value + gained,
        bound=ranked.bound + gained,
        explored_value=gained,
        prices=_prices(task, explored, ranked.value) if with_prices else (),
        exchanges=_exchanges(task, explored, ranked.chosen) if with_prices else (),
        eligibility=chosen_from,
        candidates=candidates,
        eligible=task.rows,
        design=design,
    )


def _slots(task: _Task, places: Places, arm: Arm, design: Design) -> tuple[Slot, ...]:
    ordered = places[np.lexsort((task.tie[places], -task.values[places]))]
    cells = _cells(task, ordered)
    chances = np.ones(ordered.size) if arm is Arm.RANKED else design.probability[ordered]
    return tuple(
        Slot(task.rows.names[place], arm, float(chance), float(task.scores[place]), cell)
        for place, chance, cell in zip(ordered, chances, cells, strict=True)
    )


def _cells(task: _Task, places: Places) -> list[tuple[str, ...]]:
    """Per place the subjects of the rules it counts towards, each once, in the order they were written."""
    rows = task.rows.take(np.sort(places))
    subjects = [rule.where for rule in task.problem.at_least] + [rule.where for rule in task.problem.at_most]
    marks = [(where.name, rows.where(where).tolist()) for where in subjects]
    cells: dict[str, list[str]] = {name: [] for name in rows.names}
    for subject, holds in marks:
        for name, held in zip(rows.names, holds, strict=True):
            if held and subject not in cells[name]:
                cells[name].append(subject)
    for per in task.problem.at_most_per:
        for name, value in zip(rows.names, rows.column(per.column).to_pylist(), strict=True):
            cells[name].append(f"{per.column}={'missing' if value is None else value}")
    return [tuple(cells[task.rows.names[place]]) for place in places]


def _prices(task: _Task, explored: Places, value: float) -> tuple[Price, ...]:
    others = np.setdiff1d(np.arange(len(task.rows)), explored)
    found = prices(task.values[others], task.rules.after(explored).take(others), value)
    if not explored.size:
        return found
    whole = optimum_value(task.values, task.rules)
    lost = max(0.0, whole - value - float(task.values[explored].sum()))
    return (*found, Price(f"exploration share {task.problem.exploration.share:g}", lost))


def _exchanges(task: _Task, explored: Places, ranked: Places) -> tuple[Exchange, ...]:
    others = np.setdiff1d(np.arange(len(task.rows)), explored)
    rules = task.rules.after(explored).take(others)
    swaps = nearest_swaps(task.values[others], rules, np.searchsorted(others, ranked))
    names = task.rows.names
    return tuple(Exchange(names[others[swap.drop]], names[others[swap.take]], swap.change) for swap in swaps)


def _deck_digest(problem: Problem, rows: Candidates) -> str:
    """What the exploration deck depends on: the problem but its seed, and every candidate column."""
    sink = io.BytesIO()
    with pyarrow.ipc.new_stream(sink, rows.rows.schema.remove_metadata()) as stream:
        stream.write_table(rows.rows.replace_schema_metadata(None))
    return hashlib.sha256(problem.digest(with_seed=False).encode() + sink.getvalue()).hexdigest()
