"""The exploration arm: stated probabilities are the true ones, and every plan keeps every rule."""

from __future__ import annotations

import os
from collections import Counter
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
from targeting.planning.solver import Model, NoPlanError, maximise

EXAMPLES = int(os.environ.get("TARGETING_EXAMPLES", "120"))
"""Problems on each change; 500 at night."""
_COUNTIES = ("03", "11", "46")
_PRIORITIES = ("dust", "strain", "transport")


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
            "priority_areas": pa.array(
                [sorted(rng.choice(_PRIORITIES, rng.integers(0, 3), replace=False).tolist()) for _ in range(size)],
                pa.list_(pa.string()),
            ),
        }
    )


def _quota(most: int) -> st.SearchStrategy[dict[str, Any]]:
    subjects = [
        {"county": "03"},
        {"county": ["11", "46"]},
        {"area": "a"},
        {"area": "b", "county": "03"},
        {"priority_areas": "dust"},
        {"priority_areas": ["dust", "strain"], "county": ["03", "11"]},
    ]
    return st.fixed_dictionaries({"where": st.sampled_from(subjects), "count": st.integers(0, most)})


_PER: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"column": "enterprise", "count": 1}],
    [{"column": "enterprise", "count": 2}],
    [{"column": "enterprise", "count": 1}, {"column": "address", "count": 1}],
    [{"column": "county", "count": 3}],
)

_TOTALS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"column": "hours", "at_most": 30}],
    [{"column": "county", "at_most": 25, "weights": {"03": 2, "11": 3, "46": 5}}],
)

planning_documents = st.fixed_dictionaries(
    {
        "capacity": st.integers(0, 12),
        "seed": st.integers(0, 9),
        "at_least": st.lists(_quota(3), max_size=2),
        "at_most": st.lists(_quota(6), max_size=2),
        "at_most_per": st.sampled_from(_PER),
        "total": st.sampled_from(_TOTALS),
        "exploration": st.fixed_dictionaries(
            {"share": st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), "bins": st.integers(1, 4)}
        ),
    }
)


@pytest.mark.kills
@settings(
    max_examples=int(os.environ.get("TARGETING_EXAMPLES", "120")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(planning_documents, st.integers(0, 26), st.integers(0, 10_000))
def test_every_plan_keeps_every_rule_and_whoever_a_plan_can_hold_can_be_drawn(
    document: dict[str, Any], size: int, world: int
) -> None:
    problem, table = problem_from_mapping(document), _country(size, world)
    try:
        plan = make_plan(problem, table, with_prices=False)
    except InfeasibleError as refusal:
        assert refusal.clash
        return
    _check_every_rule(document, table, [slot.establishment for slot in plan.slots])
    if world % 8 == 0:
        again = make_plan(
            problem, table.take(pa.array(np.random.default_rng(world).permutation(size))), with_prices=False
        )
        assert plan_json(again) == plan_json(plan)
    explored = [slot for slot in plan.slots if slot.arm is Arm.EXPLORATION]
    assert len(explored) == plan.design.slots <= problem.explored
    assert all(slot.inclusion_probability > 0 for slot in plan.slots)
    assert plan.design.probability.sum() == pytest.approx(plan.design.slots)
    for place in np.flatnonzero(plan.design.probability == 0)[:1] if plan.design.hands else ():
        assert _no_plan_holds(document, table, plan.eligible.names[place], plan.design.slots)


def _check_every_rule(document: dict[str, Any], table: pa.Table, planned: list[str]) -> None:
    """The rules once more, counted row by row from the document, without the planner's own layout of them."""
    by_name = {row["establishment"]: row for row in table.to_pylist()}
    rows = [by_name[name] for name in planned]
    assert len(set(planned)) == len(rows) <= document["capacity"]
    for rule in document["at_least"]:
        assert sum(_meets(row, rule["where"]) for row in rows) >= rule["count"], rule
    for rule in document["at_most"]:
        assert sum(_meets(row, rule["where"]) for row in rows) <= rule["count"], rule
    for rule in document["at_most_per"]:
        assert max(Counter(row[rule["column"]] for row in rows).values(), default=0) <= rule["count"], rule
    for rule in document["total"]:
        weights = rule.get("weights")
        spent = sum(weights[row[rule["column"]]] if weights else row[rule["column"]] for row in rows)
        assert spent <= rule["at_most"] + 1e-9, rule


def _meets(row: dict[str, Any], where: dict[str, Any]) -> bool:
    for column, wanted in where.items():
        held = row[column] if isinstance(row[column], list) else [row[column]]
        if not set(held) & set(wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def _no_plan_holds(document: dict[str, Any], table: pa.Table, name: str, slots: int) -> bool:
    """Asked of the solver: force the establishment in by a minimum of its own, and count how many a plan can hold."""
    marked = table.append_column("itself", pa.array([other == name for other in table["establishment"].to_pylist()]))
    forced = {**document, "at_least": [*document["at_least"], {"where": {"itself": True}, "count": 1}]}
    rules = lay_out(problem_from_mapping(forced), read_candidates(marked))
    try:
        return round(maximise(Model.of(np.ones(table.num_rows), rules, grain=1.0)).value) < slots
    except NoPlanError:
        return True


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


def test_a_plans_exploration_arm_is_the_draw_of_its_design_with_the_stated_probabilities() -> None:
    problem = problem_from_mapping({"capacity": 20, "exploration": {"share": 0.3}, **_CASES["one per enterprise"]})
    for seed in range(12):
        plan = make_plan(replace(problem, seed=seed), _country(120, 7), with_prices=False)
        places = draw(plan.design, seed)
        stated = dict(zip(plan.eligible.names, plan.design.probability.tolist(), strict=True))
        drawn = [slot for slot in plan.slots if slot.arm is Arm.EXPLORATION]
        assert sorted(slot.establishment for slot in drawn) == [plan.eligible.names[place] for place in places]
        assert all(slot.inclusion_probability == stated[slot.establishment] for slot in drawn)


def test_the_stated_probability_does_not_depend_on_the_seed() -> None:
    problem, table = _tight()
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
