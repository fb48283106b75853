"""Choosing 300 of 250 000 under quotas: the time to a proved optimum, and its ratio to a plain full-size `milp` call.

    OMP_NUM_THREADS=1 python -m benchmarks.selection [--candidates 250000] [--limit 120]

Both run here, one after the other, on the same instance: 15 counties, 10 areas and 7 size classes with a minimum and a
maximum each, at most one per enterprise. The plain call runs in a process of its own, stopped after `--limit`
seconds: HiGHS may ignore its own time limit in presolve. When it is stopped the ratio is a lower bound.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from multiprocessing.queues import SimpleQueue
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from targeting.planning import (
    Candidates,
    Problem,
    Rules,
    Selection,
    lay_out,
    make_plan,
    problem_from_mapping,
    read_candidates,
    select,
)
from targeting.planning.candidates import ties

_COUNTIES, _AREAS, _SIZES = 15, 10, 7
_REPEATS = 3


def instance(count: int, seed: int = 1) -> tuple[Problem, pa.Table]:
    """Unequal counties and sizes, two establishments to an enterprise on average."""
    rng = np.random.default_rng(seed)
    county = rng.random(_COUNTIES) + 0.2
    table = pa.table(
        {
            "establishment": [f"{number:09d}" for number in range(count)],
            "enterprise": [f"e{number}" for number in rng.integers(0, count // 2, count)],
            "score": rng.beta(2, 4, count),
            "county": [f"{c:02d}" for c in rng.choice(_COUNTIES, count, p=county / county.sum())],
            "area": [f"a{a}" for a in rng.integers(0, _AREAS, count)],
            "size_class": [f"s{s}" for s in rng.choice(_SIZES, count, p=[0.4, 0.25, 0.15, 0.1, 0.05, 0.03, 0.02])],
        }
    )
    least = _quotas("county", [f"{c:02d}" for c in range(_COUNTIES)], 10) + _quotas(
        "area", [f"a{a}" for a in range(_AREAS)], 20
    )
    most = _quotas("county", [f"{c:02d}" for c in range(_COUNTIES)], 30) + _quotas(
        "area", [f"a{a}" for a in range(_AREAS)], 40
    )
    sizes = [f"s{s}" for s in range(_SIZES)]
    document: dict[str, Any] = {
        "capacity": 300,
        "seed": seed,
        "at_least": least + _quotas("size_class", sizes, 20),
        "at_most": most + _quotas("size_class", sizes, 80),
        "at_most_per": [{"column": "enterprise", "count": 1}],
    }
    return problem_from_mapping(document), table


def _quotas(column: str, values: list[str], count: int) -> list[dict[str, Any]]:
    return [{"where": {column: value}, "count": count} for value in values]


def plain_milp(rules: Rules, values: np.ndarray, answer: SimpleQueue[float]) -> None:
    """Everything at once: one column a candidate, one row a quota and one an enterprise."""
    rows, lower, upper = [rules.rows], [rules.lower], [rules.upper]
    for group, caps in zip(rules.groups, rules.caps, strict=True):
        rows.append(coo_array((np.ones(values.size), (group, np.arange(values.size))), shape=(caps.size, values.size)))
        lower.append(np.full(caps.size, -np.inf))
        upper.append(caps)
    constraint = LinearConstraint(vstack(rows, format="csr"), np.concatenate(lower), np.concatenate(upper))
    found = milp(
        -values,
        integrality=np.ones(values.size),
        bounds=Bounds(0, 1),
        constraints=constraint,
        options={"mip_rel_gap": 0.0},
    )
    answer.put(float(-found.fun) if found.x is not None else float("nan"))


def main() -> None:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=250_000)
    parser.add_argument("--limit", type=float, default=120.0)
    given = parser.parse_args()
    problem, table = instance(given.candidates)
    ours, rules, values, value = _ours(problem, table)
    theirs, their_value = _plain(rules, values, given.limit)
    more = "" if their_value is not None else "more than "
    print(f"plain milp     {more}{theirs:8.2f} s   value {'none' if their_value is None else f'{their_value:.9f}'}")
    print(f"ratio          {more}{theirs / ours:8.1f}")
    if their_value is not None:
        print(f"difference     {abs(their_value - value):.2e}")
    started = time.perf_counter()
    make_plan(problem, table)
    print(f"whole plan     {time.perf_counter() - started:8.2f} s   with the price of every rule and the nearest swaps")


def _ours(problem: Problem, table: pa.Table) -> tuple[float, Rules, np.ndarray, float]:
    times, busy = [], []
    for _ in range(_REPEATS):
        candidates = read_candidates(table)
        started, worked = time.perf_counter(), time.process_time()
        rules, values, found = _selected(problem, candidates)
        times.append(time.perf_counter() - started)
        busy.append(time.process_time() - worked)
    print(f"{len(values)} candidates, {len(rules.names) - 1} rules, {len(found.chosen)} chosen")
    print(f"proved optimum {min(times):8.2f} s   value {found.value:.9f}   gap {found.gap:g}   (CPU {min(busy):.2f} s)")
    return min(times), rules, values, found.value


def _selected(problem: Problem, candidates: Candidates) -> tuple[Rules, np.ndarray, Selection]:
    rules, values = lay_out(problem, candidates), candidates.values(problem.objective)
    names = candidates.names
    return rules, values, select(values, rules, lambda places: ties(problem.seed, [names[p] for p in places]))


def _plain(rules: Rules, values: np.ndarray, limit: float) -> tuple[float, float | None]:
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    process = context.Process(target=plain_milp, args=(rules, values, answer))
    started = time.perf_counter()
    process.start()
    process.join(limit)
    taken = time.perf_counter() - started
    if process.is_alive():
        process.kill()
        process.join()
        return taken, None
    return taken, None if answer.empty() else answer.get()


if __name__ == "__main__":
    main()
