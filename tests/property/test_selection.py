"""The selection against an independent full-size integer model, and the rules against every plan it makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from targeting.domain import RefusedError
from targeting.planning.candidates import Candidates, read_candidates, tie_numbers
from targeting.planning.constraints import Rules, lay_out
from targeting.planning.problem import Problem
from targeting.planning.problem_reading import problem_from_mapping
from targeting.planning.selection import select

_COUNTIES = ("03", "11", "46")
_AREAS = ("a", "b")


@st.composite
def planning_tasks(draw: st.DrawFn) -> tuple[Problem, pa.Table]:
    """A small country with many equal scores, and a few rules of every kind."""
    size = draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    digits = draw(st.sampled_from([1, 2, 6]))
    table = pa.table(
        {
            "establishment": [f"{number:09d}" for number in rng.permutation(size)],
            "enterprise": [f"e{number}" for number in rng.integers(0, max(1, size // 2), size)],
            "address": [f"p{number}" for number in rng.integers(0, size, size)],
            "score": np.round(rng.random(size), digits),
            "county": rng.choice(_COUNTIES, size),
            "area": rng.choice(_AREAS, size),
            "hours": rng.integers(1, 9, size).astype(float),
        }
    )
    if draw(st.booleans()):
        table = table.append_column("rank", pa.array(rng.permutation(size) + 1))
    document: dict[str, Any] = {
        "capacity": draw(st.integers(0, 8)),
        "seed": draw(st.integers(0, 5)),
        "at_least": draw(st.lists(_quotas(3), max_size=2)),
        "at_most": draw(st.lists(_quotas(4), max_size=2)),
        "at_most_per": draw(
            st.sampled_from(
                [
                    [],
                    [{"column": "enterprise", "count": 1}],
                    [{"column": "enterprise", "count": 2}],
                    [{"column": "enterprise", "count": 1}, {"column": "address", "count": 1}],
                    [{"column": "county", "count": 2}],
                ]
            )
        ),
        "total": draw(st.sampled_from([[], [{"column": "hours", "at_most": 20}]])),
        "exploration": {"share": draw(st.sampled_from([0.0, 0.0, 0.2, 0.5])), "bins": draw(st.integers(1, 3))},
    }
    return problem_from_mapping(document), table


def _quotas(most: int) -> st.SearchStrategy[dict[str, Any]]:
    wheres = st.sampled_from(
        [
            {"county": "03"},
            {"county": ["11", "46"]},
            {"area": "a"},
            {"area": "b", "county": "03"},
            {"hours": [1.0, 2.0]},
        ]
    )
    return st.fixed_dictionaries({"where": wheres, "count": st.integers(0, most)})


def _full_matrix(rules: Rules, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every rule as one dense row over every candidate: nothing reduced, nothing priced."""
    rows, lower, upper = [*rules.rows.toarray()], [*rules.lower], [*rules.upper]
    for group, caps in zip(rules.groups, rules.caps, strict=True):
        for number, cap in enumerate(caps):
            rows.append((group == number).astype(float))
            lower.append(-np.inf)
            upper.append(cap)
    return np.array(rows).reshape(-1, len(values)), np.array(lower), np.array(upper)


def _best_in_full(values: np.ndarray, tie: np.ndarray, rules: Rules) -> tuple[float, frozenset[int]] | None:
    """Plain `milp` on the whole model: first the value, then most slots and least tie-break at that value."""
    rows, lower, upper = _full_matrix(rules, values)

    def solve(goal: np.ndarray, extra: list[LinearConstraint]) -> np.ndarray | None:
        constraints = [LinearConstraint(rows, lower, upper), *extra]
        found = milp(
            -goal, integrality=np.ones(len(goal)), bounds=Bounds(0, 1), constraints=constraints,
            options={"mip_rel_gap": 0.0},
        )  # fmt: skip
        return None if found.x is None else np.round(found.x)

    first = solve(values * 1e3, [])
    if first is None:
        return None
    best = float(values @ first)
    held = LinearConstraint(values[np.newaxis, :] * 1e3, best * 1e3 - 1e-6, np.inf)
    second = solve(rules.capacity + 2.0 - tie, [held])
    assert second is not None
    return best, frozenset(np.flatnonzero(second > 0.5).tolist())


def _ready(problem: Problem, table: pa.Table) -> tuple[Candidates, Rules, np.ndarray, np.ndarray]:
    candidates = read_candidates(table)
    return (
        candidates,
        lay_out(problem, candidates),
        candidates.values(problem.objective),
        tie_numbers(problem.seed, candidates),
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(planning_tasks())
def test_the_selection_agrees_with_the_unreduced_model_in_value_and_in_every_slot(
    task: tuple[Problem, pa.Table],
) -> None:
    candidates, rules, values, tie = _ready(*task)
    expected = _best_in_full(values, tie, rules)
    if expected is None:
        with pytest.raises(RefusedError):
            select(values, rules, lambda places: tie[places])
        return
    found = select(values, rules, lambda places: tie[places])
    assert found.gap == 0.0
    assert found.value == pytest.approx(expected[0], abs=1e-9)
    assert frozenset(found.chosen.tolist()) == expected[1]
    assert rules.broken_by(found.chosen) == ()
    assert len(candidates) == len(values)
