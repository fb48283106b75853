"""The parts of the planner, each against a slower way of saying the same."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pyarrow as pa
import pytest

from targeting.planning import dial, lay_out, make_plan, plan_document, plan_json, problem_from_mapping, read_candidates
from targeting.planning.candidates import ties
from targeting.planning.constraints import Rules
from targeting.planning.prices import nearest_swaps, optimum_value, prices
from targeting.planning.selection import select
from targeting.published import tie_break


def _country(size: int, seed: int = 5) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "establishment": [f"{number:09d}" for number in range(size)],
            "enterprise": [f"e{number}" for number in rng.integers(0, max(1, size // 2), size)],
            "score": rng.random(size),
            "county": rng.choice(["03", "11", "46"], size),
        }
    )


_DOCUMENT = {
    "capacity": 6,
    "at_least": [{"where": {"county": "46"}, "count": 3}],
    "at_most": [{"where": {"county": "03"}, "count": 1}],
    "at_most_per": [{"column": "enterprise", "count": 1}],
}


def _ready(size: int) -> tuple[Rules, np.ndarray, np.ndarray]:
    problem = problem_from_mapping(_DOCUMENT)
    rows = read_candidates(_country(size))
    rules, values = lay_out(problem, rows), rows.values(problem.objective)
    tie = ties(0, rows.names)
    return rules, values, select(values, rules, lambda places: tie[places]).chosen


def test_the_tie_break_is_the_published_one() -> None:
    names = [f"{number:09d}" for number in range(50)]
    assert sorted(names, key=lambda name: tie_break(3, name)) == [names[i] for i in np.argsort(ties(3, names))]


def test_a_price_is_the_optimum_without_the_rule_less_the_optimum_with_it() -> None:
    rules, values, chosen = _ready(60)
    value = float(values[chosen].sum())
    again = [optimum_value(values, rules.without(rule)) - value for rule in range(1, len(rules.names))]
    assert [price.price for price in prices(values, rules, value)] == pytest.approx(again, abs=1e-9)
    assert max(again) > 0


def test_the_nearest_swaps_are_those_of_trying_every_pair() -> None:
    rules, values, chosen = _ready(40)
    outside = np.setdiff1d(np.arange(values.size), chosen)
    tried = [
        (values[out] - values[into], int(out), int(into))
        for out, into in product(chosen, outside)
        if not rules.broken_by(np.append(chosen[chosen != out], into))
    ]
    found = nearest_swaps(values, rules, chosen)
    assert [(swap.drop, swap.take) for swap in found] == [(out, into) for _, out, into in sorted(tried)[:10]]


def test_a_column_of_few_values_becomes_quotas_and_gives_the_same_plan() -> None:
    per = {"capacity": 9, "at_most_per": [{"column": "county", "count": 3}]}
    each = {"capacity": 9, "at_most": [{"where": {"county": c}, "count": 3} for c in ("03", "11", "46")]}
    table = _country(200)
    assert lay_out(problem_from_mapping(per), read_candidates(table)).groups == ()
    plans = [make_plan(problem_from_mapping(document), table) for document in (per, each)]
    assert [s.establishment for s in plans[0].slots] == [s.establishment for s in plans[1].slots]


def test_the_dial_gives_up_hits_and_narrows_the_interval() -> None:
    settings = dial(problem_from_mapping({"capacity": 100}), _country(1000), shares=(0.0, 0.1, 0.3, 0.5))
    assert settings[0].hits_given_up == pytest.approx(0.0)
    assert settings[0].width == 1.0
    assert all(less.hits_given_up < more.hits_given_up for less, more in pairwise(settings))
    assert all(wide.width > narrow.width for wide, narrow in pairwise(settings))
    assert all(setting.width_assisted <= setting.width for setting in settings)


def test_the_hash_covers_the_plan_and_everybodys_probability() -> None:
    document = {**_DOCUMENT, "exploration": {"share": 0.5}}
    table = _country(60)
    first, again = (make_plan(problem_from_mapping(document), table) for _ in range(2))
    other = make_plan(problem_from_mapping({**document, "seed": 1}), table)
    assert plan_json(first) == plan_json(again)
    assert plan_document(first)["hash"] != plan_document(other)["hash"]
    assert len(plan_document(first)["hash"]) == 64
