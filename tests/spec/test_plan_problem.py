"""What a planning problem may say, what it may not, and what each edge of it answers."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from targeting.domain import Arm, BadInputError
from targeting.planning import (
    InfeasibleError,
    default_problem,
    make_plan,
    plan_document,
    problem_from_json,
    problem_from_mapping,
    problem_from_toml,
    render,
)

FULL = """
capacity = 4
seed = 7

[objective]
kind = "mix"
severity = "seriousness"
weights = { breaches = 1.0, severity = 0.5 }

[exploration]
share = 0.25
bins = 2

[[at_least]]
where = { county = "03" }
count = 1

[[at_most]]
where = { county = ["11", "46"], size_class = "1-4" }
count = 2

[[at_most_per]]
column = "enterprise"
count = 1

[[total]]
column = "hours"
at_most = 40

[standby]
per = "county"
count = 1

[exclude]
open_case = true
age_months = { below = 6 }
"""


def table(rows: str) -> pa.Table:
    """An ASCII table: a header, then a row a line; numbers and booleans are read as such, `-` is missing."""
    header, *lines = [line.split() for line in rows.strip().splitlines()]
    columns = {name: [_cell(line[place]) for line in lines] for place, name in enumerate(header)}
    return pa.table(columns)


def _cell(text: str) -> Any:
    if text == "-":
        return None
    if text in ("true", "false"):
        return text == "true"
    return float(text) if "." in text else text


def plan(rows: str, **problem: Any) -> Any:
    return make_plan(problem_from_mapping(problem), table(rows))


def chosen(made: Any) -> list[str]:
    return [slot.establishment for slot in made.slots]


COUNTRY = """
establishment enterprise county score
a             e1         03     0.9
b             e1         03     0.8
c             e2         03     0.7
d             e3         46     0.3
e             e4         46     0.2
"""


def test_a_problem_in_toml_and_the_same_in_json_are_one_value() -> None:
    written = problem_from_toml(FULL)
    assert [rule.name for rule in written.at_most] == ["at most 2 where county=11|46 & size_class=1-4"]
    assert [rule.name for rule in written.exclude] == ["open_case = true", "age_months below 6"]
    as_json = {
        "capacity": 4,
        "seed": 7,
        "objective": {"kind": "mix", "severity": "seriousness", "weights": {"breaches": 1.0, "severity": 0.5}},
        "exploration": {"share": 0.25, "bins": 2},
        "at_least": [{"where": {"county": "03"}, "count": 1}],
        "at_most": [{"where": {"county": ["11", "46"], "size_class": "1-4"}, "count": 2}],
        "at_most_per": [{"column": "enterprise", "count": 1}],
        "total": [{"column": "hours", "at_most": 40}],
        "standby": [{"per": "county", "count": 1}],
        "exclude": {"open_case": True, "age_months": {"below": 6}},
    }
    assert problem_from_json(json.dumps(as_json)) == written


@pytest.mark.parametrize(
    ("text", "names_the_key"),
    [
        ("seed = 1", "capacity"),
        ("capacity = -1", "capacity"),
        ("capacity = 3.5", "capacity"),
        ("capacity = true", "capacity"),
        ("capacity = 3\nbudget = 4", "budget"),
        ("capacity = 3\n[objective]\nkind = 'profit'", "objective.kind"),
        ("capacity = 3\n[objective]\nkind = 'mix'", "objective.weights"),
        ("capacity = 3\n[objective]\nweights = {breaches = 1}", "objective.weights"),
        ("capacity = 3\n[exploration]\nshare = 1.5", "exploration.share"),
        ("capacity = 3\n[exploration]\nbins = 0", "exploration.bins"),
        ("capacity = 3\n[[at_least]]\nwhere = {county = '03'}", "at_least[0]"),
        ("capacity = 3\n[[at_most]]\nwhere = {}\ncount = 1", "at_most[0].where"),
        ("capacity = 3\n[[at_most]]\nwhere = {county = []}\ncount = 1", "at_most[0].where.county"),
        ("capacity = 3\n[at_most_per]\ncolumn = 'a'\ncount = 1", "at_most_per"),
        ("capacity = 3\n[[total]]\ncolumn = 'hours'\nat_most = -2", "total[0].at_most"),
        ("capacity = 3\n[exclude]\nage_months = {under = 6}", "exclude.age_months"),
        ("capacity = 3\n[exclude]\nage_months = {}", "exclude.age_months"),
        ("capacity = ", "problem"),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_of_its_key(text: str, names_the_key: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        problem_from_toml(text)
    assert names_the_key in str(refusal.value)


def test_a_column_the_candidates_lack_is_named() -> None:
    with pytest.raises(BadInputError, match="a candidates column region"):
        plan(COUNTRY, capacity=2, at_most=[{"where": {"region": "north"}, "count": 1}])


def test_an_establishment_twice_or_without_a_score_is_refused() -> None:
    with pytest.raises(BadInputError, match="1 repeated"):
        plan("establishment score\na 0.5\na 0.6", capacity=1)
    with pytest.raises(BadInputError, match=r"candidates\.score"):
        plan("establishment score\na 0.5\nb -", capacity=1)


def test_without_rules_the_plan_is_the_highest_scores() -> None:
    assert chosen(plan(COUNTRY, capacity=3)) == ["a", "b", "c"]


def test_at_most_one_per_enterprise_takes_the_better_sibling() -> None:
    made = plan(COUNTRY, capacity=3, at_most_per=[{"column": "enterprise", "count": 1}])
    assert chosen(made) == ["a", "c", "d"]
    assert made.objective == pytest.approx(0.9 + 0.7 + 0.3)
    assert (made.bound, made.gap) == (made.objective, 0.0)


def test_rows_without_an_enterprise_are_not_siblings_of_each_other() -> None:
    rows = "establishment enterprise score\na - 0.9\nb - 0.8\nc e1 0.7"
    assert chosen(plan(rows, capacity=2, at_most_per=[{"column": "enterprise", "count": 1}])) == ["a", "b"]


def test_a_minimum_costs_what_it_displaces() -> None:
    made = plan(COUNTRY, capacity=3, at_least=[{"where": {"county": "46"}, "count": 2}])
    assert chosen(made) == ["a", "d", "e"]
    assert [(price.rule, round(price.price, 9)) for price in made.prices] == [
        ("at least 2 where county=46", round((0.8 + 0.7) - (0.3 + 0.2), 9))
    ]


def test_hours_are_a_budget_and_severity_a_weight() -> None:
    rows = "establishment score severity hours\na 0.9 1.0 9.0\nb 0.5 3.0 4.0\nc 0.6 2.0 5.0"
    assert chosen(plan(rows, capacity=3, total=[{"column": "hours", "at_most": 9}])) == ["c", "b"]
    assert chosen(plan(rows, capacity=1, objective={"kind": "severity"})) == ["b"]


def test_the_nearest_swap_is_the_exchange_that_loses_least() -> None:
    made = plan(COUNTRY, capacity=2, at_most_per=[{"column": "enterprise", "count": 1}])
    assert [(swap.drop, swap.take, round(swap.change, 9)) for swap in made.exchanges[:2]] == [
        ("a", "b", round(0.8 - 0.9, 9)),
        ("c", "d", round(0.3 - 0.7, 9)),
    ]


def test_each_excluded_row_is_counted_under_its_first_reason() -> None:
    rows = """
    establishment score open_case age_months
    a             0.9   true      2.0
    b             0.8   false     2.0
    c             0.7   false     -
    d             0.6   false     30.0
    """
    made = plan(rows, capacity=4, exclude={"open_case": True, "age_months": {"below": 6}})
    assert chosen(made) == ["c", "d"]  # an unknown age excludes nobody
    assert plan_document(made)["excluded"] == {"open_case = true": 1, "age_months below 6": 1}


def test_a_list_column_holds_when_any_of_its_values_does() -> None:
    rows = pa.table({"establishment": ["a", "b", "c"], "score": [0.9, 0.8, 0.1], "areas": [["x"], ["x", "y"], ["y"]]})
    problem = problem_from_mapping({"capacity": 2, "at_most": [{"where": {"areas": "x"}, "count": 1}]})
    assert chosen(make_plan(problem, rows)) == ["a", "c"]


def test_standby_is_per_stratum_and_never_a_sibling_of_the_plan() -> None:
    made = plan(
        COUNTRY,
        capacity=1,
        at_most_per=[{"column": "enterprise", "count": 1}],
        standby=[{"per": "county", "count": 1}],
    )
    assert [(stratum.value, stratum.establishments) for stratum in made.standby] == [("03", ("c",)), ("46", ("d",))]


# --- edges ---------------------------------------------------------------------------------------------------------


def test_zero_capacity_is_an_empty_plan() -> None:
    made = plan(COUNTRY, capacity=0)
    assert (made.slots, made.objective, made.gap) == ((), 0.0, 0.0)
    assert "0 slots" in render(made)


def test_zero_capacity_and_a_minimum_clash() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        plan(COUNTRY, capacity=0, at_least=[{"where": {"county": "46"}, "count": 1}])
    assert refusal.value.clash == ("capacity 0", "at least 1 where county=46")
    assert [(change.by, change.becomes) for change in refusal.value.relaxation] == [(1.0, 0.0)]


def test_capacity_above_the_cohort_plans_everybody_and_says_so() -> None:
    made = plan(COUNTRY, capacity=9, exploration={"share": 0.2})
    assert sorted(chosen(made)) == ["a", "b", "c", "d", "e"]
    assert plan_document(made)["unfilled"] == 4
    assert "4 of 9 slots are unfilled" in render(made)


def test_nobody_eligible_is_an_empty_plan() -> None:
    made = plan(COUNTRY, capacity=3, exclude={"county": ["03", "46"]}, exploration={"share": 0.5})
    assert made.slots == ()
    assert plan_document(made)["excluded"] == {"county = 03|46": 5}


def test_when_all_scores_are_equal_the_recorded_draw_decides_and_the_seed_changes_it() -> None:
    rows = "establishment score\n" + "\n".join(f"{number:09d} 0.5" for number in range(40))
    lists = [chosen(plan(rows, capacity=10, seed=seed)) for seed in (1, 1, 2)]
    assert lists[0] == lists[1] != lists[2]


def test_one_county_only_and_a_minimum_elsewhere() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        plan("establishment county score\na 03 0.5\nb 03 0.4", capacity=2, at_least=[
            {"where": {"county": "03"}, "count": 1}, {"where": {"county": "11"}, "count": 1},
        ])  # fmt: skip
    assert refusal.value.clash == ("at least 1 where county=11",)


def test_contradictory_rules_are_named_and_only_they() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        plan(
            COUNTRY,
            capacity=4,
            at_least=[{"where": {"county": "03"}, "count": 2}, {"where": {"county": "46"}, "count": 1}],
            at_most=[{"where": {"county": "03"}, "count": 1}],
        )
    assert refusal.value.clash == ("at least 2 where county=03", "at most 1 where county=03")
    assert "becomes 1" in str(refusal.value)


def test_siblings_can_make_a_minimum_impossible() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        plan(
            COUNTRY,
            capacity=4,
            at_least=[{"where": {"county": "03"}, "count": 3}],
            at_most_per=[{"column": "enterprise", "count": 1}],
        )
    assert refusal.value.clash == ("at least 3 where county=03", "at most 1 per enterprise")
    assert [change.becomes for change in refusal.value.relaxation] == [2.0]


def test_the_default_problem_explores_a_tenth_and_share_zero_explores_nothing() -> None:
    assert (default_problem().capacity, default_problem().explored) == (300, 30)
    made = plan(COUNTRY, capacity=3, exploration={"share": 0.0})
    assert {slot.arm for slot in made.slots} == {Arm.RANKED}
