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
    dial,
    make_plan,
    plan_document,
    plan_json,
    probabilities,
    problem_from_toml,
    render,
)
from targeting.planning.kept_files import probabilities_file
from targeting.published import PublishedRun, open_current
from targeting.published.flushing import keep_file

__all__ = [
    "candidates_table",
    "dial_page",
    "first_list",
    "plan",
    "plan_from_published",
    "read_problem",
    "run",
    "write_plan",
]


def run(
    home: Path, problem: Path | None, candidates: Path | None, out: Path | None, target: Target = Target.BHT_USE
) -> str:
    """What `python -m pipelines plan` does; returns the page to print."""
    made = make_plan(*_asked(home, problem, candidates, target))
    return _kept(made, out or _in_home(home, made))


def dial_page(home: Path, problem: Path | None, candidates: Path | None, target: Target = Target.BHT_USE) -> str:
    """The exploration dial as a page: per share what it costs, and how wide the prevalence interval will be."""
    titles = ("andel", "trukket", "treff gitt opp", "bredde", "bredde med skår")
    beside = ("share", "drawn", "hits given up", "width", "width with scores")
    lines = ["".join(f"{word:>20}" for word in words) for words in (titles, beside)]
    for one in dial(*_asked(home, problem, candidates, target)):
        cells = (
            f"{one.share:.0%}",
            one.slots,
            f"{one.hits_given_up:.1f}",
            f"{one.width:.1%}",
            f"{one.width_assisted:.1%}",
        )
        lines.append("".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines)


def _asked(home: Path, problem: Path | None, candidates: Path | None, target: Target) -> tuple[Problem, pa.Table]:
    chosen = read_problem(problem) if problem else None
    if candidates is not None:
        return chosen or default_problem(target), candidates_table(candidates)
    published = open_current(home)
    return chosen or _of_the_run(published, target), candidates_of(published, target)


def first_list(home: Path) -> str:
    """The demo's list: exactly the highest scores among the eligible, nothing drawn at random; returns the page."""
    ranked_only = replace(_of_the_run(open_current(home), Target.BHT_USE), exploration=Exploration(share=0.0))
    made = plan_from_published(home, ranked_only)
    return _kept(made, _in_home(home, made))


def plan(problem_path: Path, candidates_path: Path, out_path: Path) -> Plan:
    """Plan a candidates file and write PLAN.json with its table of probabilities beside it."""
    made = make_plan(read_problem(problem_path), candidates_table(candidates_path))
    write_plan(made, out_path)
    return made


def plan_from_published(home: Path, problem: Problem | None = None, target: Target = Target.BHT_USE) -> Plan:
    """Plan the current run's scores for `target`.

    The default problem takes the run's seed, so that equal scores stand in the order the run published.
    """
    published = open_current(home)
    return make_plan(problem or _of_the_run(published, target), candidates_of(published, target))


def _of_the_run(published: PublishedRun, target: Target) -> Problem:
    return replace(default_problem(target), seed=published.about.seed)


def _kept(made: Plan, path: Path) -> str:
    return f"{render(made)}\n\nwritten to {write_plan(made, path)}"


def _in_home(home: Path, made: Plan) -> Path:
    return home / "plans" / f"{plan_document(made)['hash']}.json"


def read_problem(path: Path) -> Problem:
    """The problem in a TOML file; `BadInputError` names the file or the key."""
    return problem_from_toml(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="a planning problem in TOML", got=type(cause).__name__, where=path.name) from cause


def candidates_table(path: Path) -> pa.Table:
    """A candidates Parquet file as it is; planning checks its columns."""
    try:
        return pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowInvalid) as cause:
        raise BadInputError(expected="a candidates Parquet file", got=type(cause).__name__, where=path.name) from cause


def write_plan(made: Plan, path: Path) -> Path:
    """Write PLAN.json to `path` and its table of probabilities beside it; returns `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(probabilities(made), probabilities_file(path))
    keep_file(path, plan_json(made).encode())
    return path
