"""The exploration arm: stated probabilities are the true ones, and every plan keeps every rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from targeting.domain import Arm
from targeting.planning import (
    InfeasibleError,
    Problem,
    joint_probabilities,
    lay_out,
    make_plan,
    plan_json,
    problem_from_mapping,
    read_candidates,
)
from targeting.planning.exploration import Design, design_draw, draw

_COUNTIES = ("03", "11", "46")


def _country(size: int, seed: int, siblings: int = 2) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "establishment": [f"{number:09d}" for number in range(size)],
            "enterprise": [f"e{number}" for number in rng.integers(0, max(1, size // siblings), size)],
            "address": [f"p{number}" for number in rng.integers(0, size, size)],
            "score": np.round(rng.random(size), int(rng.choice([1, 2, 6]))),
            "county": rng.choice(_COUNTIES, size, p=[0.5, 0.3, 0.2]),
            "area": rng.choice(["a", "b"], size),
            "hours": rng.integers(1, 9, size).astype(float),
        }
    )


def _quota(most: int) -> st.SearchStrategy[dict[str, Any]]:
    subjects = [{"county": "03"}, {"county": ["11", "46"]}, {"area": "a"}, {"area": "b", "county": "03"}]
    return st.fixed_dictionaries({"where": st.sampled_from(subjects), "count": st.integers(0, most)})


_PER = (
    [],
    [{"column": "enterprise", "count": 1}],
    [{"column": "enterprise", "count": 2}],
    [{"column": "enterprise", "count": 1}, {"column": "address", "count": 1}],
    [{"column": "county", "count": 3}],
)

planning_documents = st.fixed_dictionaries(
    {
        "capacity": st.integers(0, 12),
        "seed": st.integers(0, 9),
        "at_least": st.lists(_quota(4), max_size=2),
        "at_most": st.lists(_quota(6), max_size=2),
        "at_most_per": st.sampled_from(_PER),
        "total": st.sampled_from([[], [{"column": "hours", "at_most": 30}]]),
        "exploration": st.fixed_dictionaries(
            {"share": st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), "bins": st.integers(1, 4)}
        ),
    }
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(planning_documents, st.integers(0, 60), st.integers(0, 10_000))
def test_every_plan_keeps_every_rule_and_whoever_a_plan_can_hold_can_be_drawn(
    document: dict[str, Any], size: int, world: int
) -> None:
    problem, table = problem_from_mapping(document), _country(size, world)
    rules = lay_out(problem, read_candidates(table))
    try:
        plan = make_plan(problem, table, with_prices=False)
    except InfeasibleError as refusal:
        assert refusal.clash
        return
    place_of = {name: place for place, name in enumerate(plan.eligible.names)}
    planned = np.array([place_of[slot.establishment] for slot in plan.slots], dtype=np.int64)
    assert len(set(planned.tolist())) == len(plan.slots)
    assert rules.broken_by(planned) == ()
    explored = [slot for slot in plan.slots if slot.arm is Arm.EXPLORATION]
    assert len(explored) == plan.design.slots <= problem.explored
    assert all(slot.inclusion_probability > 0 for slot in plan.slots)
    assert plan.design.probability.sum() == pytest.approx(plan.design.slots)
    for place in np.flatnonzero(plan.design.probability == 0) if plan.design.hands else ():
        assert _no_plan_holds(problem, table, plan.eligible.names[place])


def _no_plan_holds(problem: Problem, table: pa.Table, name: str) -> bool:
    """Asked of the planner itself: force the establishment in by a minimum of its own."""
    marked = table.append_column("itself", pa.array([other == name for other in table["establishment"].to_pylist()]))
    forced = {"where": {"itself": True}, "count": 1}
    least = [{"where": dict(_plain(rule.where)), "count": rule.count} for rule in problem.at_least]
    document = {
        "capacity": problem.capacity,
        "at_least": [*least, forced],
        "at_most": [{"where": dict(_plain(rule.where)), "count": rule.count} for rule in problem.at_most],
        "at_most_per": [{"column": rule.column, "count": rule.count} for rule in problem.at_most_per],
        "total": [{"column": rule.column, "at_most": rule.at_most} for rule in problem.total],
    }
    try:
        plan = make_plan(problem_from_mapping(document), marked, with_prices=False)
    except InfeasibleError:
        return True
    return len(plan.slots) < problem.explored


def _plain(where: Any) -> list[tuple[str, list[Any]]]:
    return [(column, list(values)) for column, values in where.conditions]


def _chi_square(design: Design, draws: int) -> float:
    """The p-value of realised against stated inclusion counts, negative correlation within a draw allowed for.

    In one bin of simple random sampling sum((O - E)^2 / (E (1 - p))) has mean N and, as totals are fixed, N - bins
    degrees of freedom up to the factor (N - 1) / N; here the quadratic form with the true joint covariance is used.
    """
    counts = np.zeros(design.probability.size)
    for seed in range(draws):
        counts[draw(design, seed)] += 1
    places = np.flatnonzero(design.probability > 0)
    joint = joint_probabilities(design, places)
    single = design.probability[places]
    covariance = (joint - np.outer(single, single)) * draws
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-9 * values.max()
    projected = vectors[:, kept].T @ (counts[places] - draws * single)
    return float(chi2.sf((projected**2 / values[kept]).sum(), int(kept.sum())))


_CASES = {
    "no rules": {},
    "one per enterprise": {"at_most_per": [{"column": "enterprise", "count": 1}]},
    "tight quotas and kinship": {
        "at_most_per": [{"column": "enterprise", "count": 1}],
        "at_least": [{"where": {"county": "46"}, "count": 12}, {"where": {"area": "a"}, "count": 10}],
        "at_most": [{"where": {"county": "03"}, "count": 3}],
        "total": [{"column": "hours", "at_most": 80}],
    },
}


@pytest.mark.parametrize("case", _CASES)
def test_realised_inclusion_frequencies_match_the_stated_probabilities_over_4000_draws(case: str) -> None:
    document = {"capacity": 20, "exploration": {"share": 0.3, "bins": 3}, **_CASES[case]}
    problem, table = problem_from_mapping(document), _country(120, 7)
    rows = read_candidates(table)
    design = design_draw(rows.numbers("score"), lay_out(problem, rows), 6, 3, problem.digest(with_seed=False))
    assert (design.probability > 0).all()
    assert _chi_square(design, draws=4000) > 0.001


def _tight() -> tuple[Problem, pa.Table]:
    document = {"capacity": 20, "exploration": {"share": 0.3}, **_CASES["tight quotas and kinship"]}
    return problem_from_mapping(document), _country(120, 7)


def test_the_stated_probability_does_not_depend_on_the_seed() -> None:
    problem = problem_from_mapping(
        {"capacity": 20, "exploration": {"share": 0.3}, **_CASES["tight quotas and kinship"]}
    )
    table = _country(120, 7)
    plans = [make_plan(replace(problem, seed=seed), table, with_prices=False) for seed in (1, 2)]
    assert (plans[0].design.probability == plans[1].design.probability).all()
    assert plans[0].slots != plans[1].slots


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_the_file() -> None:
    problem = problem_from_mapping(
        {"capacity": 20, "exploration": {"share": 0.3}, **_CASES["tight quotas and kinship"]}
    )
    table = _country(120, 7)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(120)))
    assert plan_json(make_plan(problem, table)) == plan_json(make_plan(problem, shuffled))


def test_without_rules_the_draw_is_simple_random_sampling_in_each_score_bin() -> None:
    problem = problem_from_mapping({"capacity": 20, "exploration": {"share": 0.3, "bins": 3}})
    rows = read_candidates(_country(120, 7))
    design = design_draw(rows.numbers("score"), lay_out(problem, rows), 6, 3, "0" * 64)
    joint = joint_probabilities(design, np.arange(120))
    same_bin = design.score_bin[:, None] == design.score_bin[None, :]
    off_diagonal = ~np.eye(120, dtype=bool)
    assert np.allclose(design.probability, 2 / 40)
    assert np.allclose(joint[same_bin & off_diagonal], 2 / 40 * 1 / 39)
    assert np.allclose(joint[~same_bin], (2 / 40) ** 2)
