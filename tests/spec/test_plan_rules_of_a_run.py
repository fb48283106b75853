"""Each rule a planner may write about a published run: what it keeps, and the reason each excluded row keeps."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.plan import plan_from_published
from targeting.domain import AsOf, IndustryCode, MissedReason, Quarter, Standard, Target
from targeting.parameters.competence import fields, outside_competence
from targeting.planning import Plan, candidates_of, default_problem, make_plan, probabilities, problem_from_toml
from targeting.planning.policies import NOT_INSPECTED_REASONS
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, open_current, write_run
from targeting.sources.inspection_words import MISSED_REASONS
from tests.lib import published_run as lib
from tests.lib.small_country import number

_AS_OF = date(2027, 1, 1)


ELSEWHERE = ("06.100", "09.101", "50.201", "51.100", "84.220", "03.111")
MISSED = tuple(MissedReason)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """900 establishments in which every reason to leave one out occurs, and siblings, and shared addresses."""
    home, rng = tmp_path_factory.mktemp("run"), random.Random(3)
    rows = [_awkward(row, rng, place) for place, row in enumerate(lib.establishment_rows(rng, 900, _AS_OF))]
    targets = (Target.BHT_USE, Target.WORKING_ENVIRONMENT)
    about = {one: lib.target_run(one, "v1") for one in targets}
    run = Run(as_of=AsOf(_AS_OF), quarter=Quarter.of(_AS_OF), seed=3, inputs="a" * 64, targets=about)
    tables = PublishedTables(
        establishments=pa.Table.from_pylist(rows, schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist(lib.sector_rows(rng, targets), schema=SECTORS),
        scores={one: pa.Table.from_pylist(lib.score_rows(rng, rows, one, 3), schema=SCORES) for one in targets},
    )
    write_run(home, run, tables)
    return home


def _awkward(row: dict[str, Any], rng: random.Random, place: int) -> dict[str, Any]:
    return row | {
        "enterprise": number(100_000 + place // 2),
        "owner_group": number(100_000 + place // 8),
        "address_key": f"gate {place // 3}" if place % 7 else None,
        "age_months": rng.choice([None, 2, 14, 40, 200]),
        "living": rng.random() > 0.05,
        "bankrupt": rng.random() < 0.05,
        "winding_up": rng.random() < 0.05,
        "other_authority_on": date(2027, 1, rng.randint(1, 28)) if rng.random() < 0.1 else None,
        **_since_the_last_plan(random.Random(f"since {place}")),
    }


def _since_the_last_plan(rng: random.Random) -> dict[str, Any]:
    facts: dict[str, Any] = {"last_incident_on": date(2026, rng.randint(1, 12), 1) if rng.random() < 0.5 else None}
    if rng.random() < 0.05:
        facts |= {"industry_code": rng.choice(ELSEWHERE), "industry_standard": "SN2007"}
    if rng.random() < 0.8:
        missed_on = date(2026, 12, 31) - timedelta(days=rng.randint(0, 400))
        facts |= {"missed_on": missed_on, "missed_because": str(rng.choice(MISSED))}
    return facts


Row = dict[str, Any]


def rows_of(home: Path, plan: Plan) -> list[Row]:
    by_name = {row["establishment"]: row for row in candidates_of(open_current(home), Target.BHT_USE).to_pylist()}
    return [by_name[slot.establishment] for slot in plan.slots]


def count(rows: list[Row], column: str, value: object) -> int:
    return sum(value in row[column] if isinstance(row[column], list) else row[column] == value for row in rows)


def most_alike(rows: list[Row], column: str) -> int:
    return max(Counter(row[column] for row in rows if row[column] is not None).values())


HOURS = {"1-4": 4, "5-9": 6, "10-19": 8, "20-49": 10, "50-99": 12, "100-249": 16, "250+": 24, "missing": 6}


def hours(rows: list[Row]) -> int:
    return sum(HOURS[row["size_class"] or "missing"] for row in rows)


RULES: dict[str, tuple[str, Callable[[list[Row]], bool]]] = {
    "a county's minimum": (
        '[[at_least]]\nwhere = { county = "31" }\ncount = 25',
        lambda rows: count(rows, "county", "31") >= 25,
    ),
    "a county's maximum": (
        '[[at_most]]\nwhere = { county = "03" }\ncount = 3',
        lambda rows: count(rows, "county", "03") <= 3,
    ),
    "a priority area's minimum": (
        '[[at_least]]\nwhere = { priority_areas = "kindergartens" }\ncount = 30',
        lambda rows: count(rows, "priority_areas", "kindergartens") >= 30,
    ),
    "an industry section's maximum": (
        '[[at_most]]\nwhere = { section = "F" }\ncount = 5',
        lambda rows: count(rows, "section", "F") <= 5,
    ),
    "a size class's minimum": (
        '[[at_least]]\nwhere = { size_class = "50-99" }\ncount = 12',
        lambda rows: count(rows, "size_class", "50-99") >= 12,
    ),
    "a floor for new firms": (
        "[[at_least]]\nwhere = { new_firm = true }\ncount = 42",
        lambda rows: count(rows, "new_firm", True) >= 42,
    ),
    "one per enterprise": (
        '[[at_most_per]]\ncolumn = "enterprise"\ncount = 1',
        lambda rows: most_alike(rows, "enterprise") <= 1,
    ),
    "one per address": (
        '[[at_most_per]]\ncolumn = "address_key"\ncount = 1',
        lambda rows: most_alike(rows, "address_key") <= 1,
    ),
    "inspector hours by size class": (
        '[[total]]\ncolumn = "size_class"\nat_most = 240\n[total.weights]\n'
        + "\n".join(f'"{name}" = {weight}' for name, weight in HOURS.items()),
        lambda rows: 200 < hours(rows) <= 240,
    ),
}


@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_holds_in_the_plan_and_would_not_without_it(home: Path, rule: str, share: float) -> None:
    text, holds = RULES[rule]
    free = f"capacity = 60\n[exploration]\nshare = {share}\n"

    assert holds(rows_of(home, plan_from_published(home, problem_from_toml(f"{free}{text}"))))
    assert not holds(rows_of(home, plan_from_published(home, problem_from_toml(free))))


BARRED: dict[str, Callable[[Row], bool]] = {
    "outside_competence = offshore_petroleum|ships|aviation|military": lambda row: row["industry_code"] in ELSEWHERE,
    "living = false": lambda row: not row["living"],
    "bankrupt = true": lambda row: row["bankrupt"],
    "winding_up = true": lambda row: row["winding_up"],
    "sole_proprietor = true": lambda row: row["sole_proprietor"],
    "bht_duty = no|conditional": lambda row: row["bht_duty"] != "yes",
    "employees_low = 0": lambda row: row["employees_low"] == 0,
    "bht_dispensation = full": lambda row: row["bht_dispensation"] == "full",
    "open_case = true": lambda row: row["open_case"],
    "age_months below 6": lambda row: row["age_months"] is not None and row["age_months"] < 6,
    "months_since_bht_inspected below 24 unless incident_since_inspection=true": lambda row: (
        _within(row["last_bht_inspected_on"], date(2025, 1, 1)) and not _incident_since(row)
    ),
    "months_since_inspected below 12 unless incident_since_inspection=true": lambda row: (
        _within(row["last_inspected_on"], date(2026, 1, 1)) and not _incident_since(row)
    ),
    "days_to_other_authority below 61": lambda row: row["other_authority_on"] is not None,
    "months_since_missed_closed_down below 24": lambda row: _missed(row, "closed_down", date(2025, 1, 1)),
    "months_since_missed_not_covered below 24": lambda row: _missed(row, "not_covered", date(2025, 1, 1)),
    "months_since_missed_no_employees below 12": lambda row: _missed(row, "no_employees", date(2026, 1, 1)),
    "months_since_missed_moved below 6": lambda row: _missed(row, "moved", date(2026, 7, 1)),
    "months_since_missed_no_answer below 6": lambda row: _missed(row, "no_answer", date(2026, 7, 1)),
    "months_since_missed_other_authority below 6": lambda row: _missed(row, "other_authority", date(2026, 7, 1)),
}


def _incident_since(row: Row) -> bool:
    return row["last_incident_on"] is not None and row["last_incident_on"] > row["last_inspected_on"]


def _missed(row: Row, reason: str, since: date) -> bool:
    return row["missed_because"] == reason and _within(row["missed_on"], since)


def _within(day: date | None, since: date) -> bool:
    return day is not None and day > since


def test_every_row_left_out_keeps_the_reason_that_holds_and_nobody_else_is_left_out(home: Path) -> None:
    made = plan_from_published(home, replace(default_problem(), capacity=40))
    facts = {row["establishment"]: row for row in candidates_of(open_current(home), Target.BHT_USE).to_pylist()}
    told = probabilities(made).to_pylist()
    reasons = Counter(row["excluded_because"] for row in told)

    assert set(BARRED) == set(made.eligibility.counts)
    for row in told:
        first = next((name for name, barred in BARRED.items() if barred(facts[row["establishment"]])), None)
        assert row["excluded_because"] == first
    assert {name: reasons[name] for name in BARRED} == made.eligibility.counts
    assert min(made.eligibility.counts.values()) > 0


def test_an_accident_or_a_tip_after_the_last_inspection_ends_the_cool_down_of_a_run(home: Path) -> None:
    facts = {row["establishment"]: row for row in candidates_of(open_current(home), Target.BHT_USE).to_pylist()}
    waiving = replace(default_problem(), capacity=20)
    strict = replace(waiving, exclude=tuple(replace(rule, unless=None) for rule in waiving.exclude))
    cool, still_cool = (_in_cool_down(plan_from_published(home, problem)) for problem in (strict, waiving))

    assert still_cool < cool
    assert cool - still_cool == {name for name in cool if _incident_since(facts[name])}


def _in_cool_down(plan: Plan) -> set[str]:
    told = {row["establishment"]: row["excluded_because"] or "" for row in probabilities(plan).to_pylist()}
    return {name for name, reason in told.items() if "inspected below" in reason}


def test_every_field_of_another_authority_is_left_out_by_default() -> None:
    (rule,) = (rule for rule in default_problem().exclude if rule.column == "outside_competence")
    assert set(rule.values) == {one.id for one in fields(_AS_OF)}


def test_every_reason_not_to_inspect_has_a_declared_time_or_is_nobodys_fault() -> None:
    timed = {rule.column.removeprefix("months_since_missed_") for rule in default_problem().exclude}
    assert set(MissedReason) - timed == {MissedReason.NO_CAPACITY}
    assert set(NOT_INSPECTED_REASONS) == set(MissedReason) == set(MISSED_REASONS.values())


@pytest.mark.parametrize(
    ("code", "standard", "field"),
    [
        ("06.100", "SN2007", "offshore_petroleum"),
        ("09.109", "SN2007", "offshore_petroleum"),
        ("09.900", "SN2007", None),  # services to mining on land
        ("50.203", "SN2025", "ships"),
        ("50.300", "SN2025", None),  # rivers and lakes
        ("52.220", "SN2025", None),  # the quay
        ("03.110", "SN2025", "ships"),
        ("03.211", "SN2007", None),  # fish farming
        ("51.100", "SN2025", "aviation"),
        ("52.230", "SN2025", None),  # the airport
        ("84.220", "SN2025", "military"),
        ("84.250", "SN2025", None),  # fire service
    ],
)
def test_whose_competence_an_industry_is(code: str, standard: str, field: str | None) -> None:
    assert outside_competence(IndustryCode(code, Standard(standard)), _AS_OF) == field


def test_a_conditional_duty_is_the_planners_choice(home: Path) -> None:
    def duties(values: str) -> set[str]:
        problem = problem_from_toml(f"capacity = 200\n[exclude]\nbht_duty = {values}")
        return {row["bht_duty"] for row in rows_of(home, plan_from_published(home, problem))}

    assert duties('["no", "conditional"]') == {"yes"}
    assert duties('["no"]') == {"yes", "conditional"}


@pytest.mark.parametrize("kind", ["breaches", "severity", "employees"])
def test_each_objective_can_be_planned_from_a_run(home: Path, kind: str) -> None:
    columns = '\nemployees = "employees_at_least"'
    problem = problem_from_toml(f'capacity = 20\n[objective]\nkind = "{kind}"{columns}')
    worth: dict[str, Callable[[Row], float]] = {
        "breaches": lambda row: float(row["score"]),
        "severity": lambda row: float(row["score"] * row["severity"]),
        "employees": lambda row: float(row["score"] * (row["employees_low"] or 0)),
    }
    everybody = candidates_of(open_current(home), Target.BHT_USE).to_pylist()
    best = sum(sorted((worth[kind](row) for row in everybody), reverse=True)[:20])

    assert plan_from_published(home, problem).objective == pytest.approx(best)


def test_other_targets_are_planned_without_the_topics_own_exclusions(home: Path) -> None:
    made = plan_from_published(home, target=Target.WORKING_ENVIRONMENT)
    serious = {rule.column for rule in default_problem(Target.WORK_CRIME).exclude}

    assert not any("bht" in reason for reason in made.eligibility.counts)
    assert made.eligibility.counts["open_case = true"] > 0
    assert serious.isdisjoint({"bankrupt", "winding_up", "employees_low", "bht_duty"})


CANDIDATES = """
establishment owner_group tip   accident months_since_inspected score
a             g1          false false    3                      0.9
b             g1          true  false    3                      0.8
c             g2          false -        3                      0.7
d             g2          false true     3                      0.6
e             g1          false false    30                     0.5
f             -           false false    -                      0.4
g             g1          false false    31                     0.3
"""


def candidates(text: str = CANDIDATES) -> pa.Table:
    header, *lines = [line.split() for line in text.strip().splitlines()]
    read: dict[str, Any] = {"true": True, "false": False, "-": None}
    columns = {name: [line[place] for line in lines] for place, name in enumerate(header)}
    return pa.table(
        {
            name: [
                float(cell) if cell[0].isdigit() else read.get(cell, cell) if name != "establishment" else cell
                for cell in cells
            ]
            for name, cells in columns.items()
        }
    )


def chosen(problem: str) -> list[str]:
    return [slot.establishment for slot in make_plan(problem_from_toml(problem), candidates()).slots]


def test_a_tip_or_an_accident_ends_a_cool_down_and_not_knowing_of_one_does_not() -> None:
    cool = "capacity = 9\n[exclude]\nmonths_since_inspected = { below = 12%s }"

    assert chosen(cool % "") == ["e", "f", "g"]
    assert chosen(cool % ", unless = { tip = true }") == ["b", "e", "f", "g"]
    assert chosen(cool % ", unless = { accident = true }") == ["d", "e", "f", "g"]
    problem = problem_from_toml(cool % ", unless = { tip = true }")
    assert make_plan(problem, candidates()).eligibility.counts == {"months_since_inspected below 12 unless tip=true": 3}


def test_values_too_can_be_waived() -> None:
    assert chosen('capacity = 9\n[exclude]\nowner_group = { is = "g1", unless = { tip = true } }') == [
        "b",
        "c",
        "d",
        "f",
    ]


def test_at_most_one_of_an_owner_group_of_a_run(home: Path) -> None:
    text = 'capacity = 60\n[[at_most_per]]\ncolumn = "owner_group"\ncount = 1'

    assert most_alike(rows_of(home, plan_from_published(home, problem_from_toml(text))), "owner_group") == 1
    assert most_alike(rows_of(home, plan_from_published(home, problem_from_toml("capacity = 60"))), "owner_group") > 1


def test_at_most_so_many_of_an_owner_group_whose_column_the_candidates_bring() -> None:
    assert chosen('capacity = 9\n[[at_most_per]]\ncolumn = "owner_group"\ncount = 1') == ["a", "c", "f"]
