"""Draw a plan: from any candidates file, or from the published run in service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import BadInputError, Target
from targeting.planning import (
    Exploration,
    Plan,
    Problem,
    candidates_of,
    default_problem,
    make_plan,
    plan_document,
    plan_json,
    probabilities,
    problem_from_toml,
    render,
)
from targeting.published import open_current

__all__ = ["first_list", "plan", "plan_from_published", "run"]


def run(home: Path, problem: Path | None, candidates: Path | None, out: Path | None) -> str:
    """What `python -m pipelines plan` does; returns the page to print."""
    chosen = _problem(problem) if problem else None
    if candidates is None:
        made = plan_from_published(home, chosen)
    else:
        made = make_plan(chosen or default_problem(), _table(candidates))
    return _kept(made, out or _in_home(home, made))


def first_list(home: Path) -> str:
    """The demo's list: exactly the highest scores among the eligible, nothing drawn at random; returns the page."""
    made = plan_from_published(home, replace(_of_the_run(home), exploration=Exploration(share=0.0)))
    return _kept(made, _in_home(home, made))


def plan(problem_path: Path, candidates_path: Path, out_path: Path) -> Plan:
    """Plan a candidates file and write PLAN.json with its table of probabilities beside it."""
    made = make_plan(_problem(problem_path), _table(candidates_path))
    _write(made, out_path)
    return made


def plan_from_published(home: Path, problem: Problem | None = None) -> Plan:
    """Plan the current run's scores for the use of the occupational health service.

    The default problem takes the run's seed, so that equal scores stand in the order the run published.
    """
    return make_plan(problem or _of_the_run(home), candidates_of(open_current(home), Target.BHT_USE))


def _of_the_run(home: Path) -> Problem:
    return replace(default_problem(), seed=open_current(home).about.seed)


def _kept(made: Plan, path: Path) -> str:
    return f"{render(made)}\n\nwritten to {_write(made, path)}"


def _in_home(home: Path, made: Plan) -> Path:
    return home / "plans" / f"{plan_document(made)['hash']}.json"


def _problem(path: Path) -> Problem:
    return problem_from_toml(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="a planning problem in TOML", got=type(cause).__name__, where=path.name) from cause


def _table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowInvalid) as cause:
        raise BadInputError(expected="a candidates Parquet file", got=type(cause).__name__, where=path.name) from cause


def _write(made: Plan, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(probabilities(made), path.with_name(f"{path.stem}.probabilities.parquet"))
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(plan_json(made), "utf-8")
    partial.replace(path)  # the plan appears whole or not at all
    return path
