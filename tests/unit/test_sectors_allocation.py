"""The recommended allocation over areas is the best there is, keeps its minimums, and says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.domain import BadInputError, Target
from targeting.ledger import Outcome, OutcomeResult
from targeting.planning.area_allocation import Allocation, allocate, recommend
from targeting.planning.infeasible import InfeasibleError
from targeting.planning.problem import AtMostPer, Exclusion, Problem
from targeting.planning.sectors import area_table, last_results, trend
from targeting.published import open_current, open_run, run_ids
from tests.lib.published_run import AREAS, publish

Row = tuple[str, str, float, list[str]]
ONE_AN_ENTERPRISE = Problem(0, at_most_per=(AtMostPer("enterprise", 1),))


def table(rows: Sequence[Row]) -> pa.Table:
    names, enterprises, scores, areas = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "establishment": pa.array(names, pa.string()),
            "enterprise": pa.array(enterprises, pa.string()),
            "score": pa.array(scores, pa.float64()),
            "priority_areas": pa.array(areas, pa.list_(pa.string())),
        }
    )


def spread(rows: Sequence[Row], areas: str, total: int, minimum: dict[str, int]) -> tuple[Allocation, ...]:
    return allocate(table(rows), list(areas), total, minimum, ONE_AN_ENTERPRISE)


def best_of_all(rows: Sequence[Row], total: int, minimum: dict[str, int]) -> tuple[float, int] | None:
    """Every way of giving each establishment one of its areas or nothing: most breaches, then most inspections."""
    best: tuple[float, int] | None = None
    for chosen in product(*([None, *areas] for _, _, _, areas in rows)):
        taken = [(row, area) for row, area in zip(rows, chosen, strict=True) if area]
        enterprises = [row[1] for row, _ in taken]
        short = any(sum(area == one for _, area in taken) < least for one, least in minimum.items())
        if len(taken) > total or len(set(enterprises)) < len(enterprises) or short:
            continue
        value = (round(sum(row[2] for row, _ in taken), 9), len(taken))
        best = value if best is None else max(best, value)
    return best


@st.composite
def small_worlds(draw: st.DrawFn) -> tuple[list[Row], int, dict[str, int]]:
    size = draw(st.integers(0, 5))
    inside = st.lists(st.sampled_from("abc"), max_size=2, unique=True)
    rows = [
        (f"e{i}", f"o{draw(st.integers(0, 3))}", draw(st.integers(0, 20)) / 20, sorted(draw(inside)))
        for i in range(size)
    ]
    return rows, draw(st.integers(0, 5)), {area: draw(st.integers(0, 2)) for area in "abc"}


@settings(max_examples=100, deadline=None)
@given(small_worlds())
def test_no_other_allocation_finds_more_though_areas_overlap(world: tuple[list[Row], int, dict[str, int]]) -> None:
    rows, total, minimum = world
    best = best_of_all(rows, total, minimum)
    if best is None:
        with pytest.raises(InfeasibleError):
            spread(rows, "abc", total, minimum)
        return
    got = spread(rows, "abc", total, minimum)

    assert sum(one.expected_breaches for one in got) == pytest.approx(best[0])
    assert sum(one.inspections for one in got) == best[1]
    assert all(one.inspections >= minimum[one.area] for one in got)


def test_an_establishment_in_two_areas_is_promised_once_and_covers_both() -> None:
    both = [("x", "1", 0.9, ["a", "b"]), ("y", "2", 0.2, ["a"]), ("z", "3", 0.1, ["b"])]
    got = spread(both, "ab", 3, {})

    assert sum(one.inspections for one in got) == 3
    assert [(one.area, one.covering) for one in got] == [("a", 2), ("b", 2)]


def alone(scores: dict[str, list[float]]) -> list[Row]:
    flat = [(area, score) for area, listed in scores.items() for score in listed]
    return [(f"e{i}", f"o{i}", score, [area]) for i, (area, score) in enumerate(flat)]


def test_it_says_why() -> None:
    rows = alone({"a": [0.9, 0.8, 0.7], "b": [0.5, 0.4], "c": [0.1], "d": [0.85]})
    got = spread(rows, "abcde", 4, {"b": 1})

    assert [one.why.en for one in got] == [
        "Down to a score of 0.8; the next has 0.7 and would find less than elsewhere.",
        "The minimum coverage of 1 only: the last one scores 0.5, the next 0.4.",
        "None: other areas have more to find.",
        "Everybody who can be planned is included.",
        "None: nobody here can be planned now.",
    ]
    assert got[0].why.nb == "Til og med skår 0,8; den neste har 0,7 og ville gi mindre enn i andre områder."


def test_returns_diminish_and_a_sibling_of_the_plan_is_no_next_one() -> None:
    rows = alone({"a": [0.9 - i / 100 for i in range(40)]})
    (got,) = spread(rows, "a", 15, {})

    assert got.last_ten == pytest.approx(sum(0.9 - i / 100 for i in range(5, 15)))
    assert got.next_ten == pytest.approx(sum(0.9 - i / 100 for i in range(15, 25)))
    siblings = [("x", "1", 0.9, ["a"]), ("y", "1", 0.8, ["a"]), ("z", "2", 0.3, ["a"])]
    assert spread(siblings, "a", 1, {})[0].next == 0.3


def test_who_may_not_be_planned_now_is_not_counted() -> None:
    rows = table(alone({"a": [0.9, 0.8]})).append_column("open_case", pa.array([True, False]))
    barred = Problem(0, exclude=(Exclusion("open_case", (True,)),))
    (got,) = allocate(rows, ["a"], 2, {}, barred)

    assert (got.candidates, got.inspections, got.first) == (1, 1, 0.8)


def test_minimums_that_cannot_be_kept_are_refused_with_what_must_give_way() -> None:
    with pytest.raises(InfeasibleError, match="«at least 3 where area=a» becomes 2"):
        spread(alone({"a": [0.9] * 3}), "a", 2, {"a": 3})
    with pytest.raises(InfeasibleError, match="«at least 2 where area=a» becomes 1"):
        spread(alone({"a": [0.9]}), "a", 2, {"a": 2})
    with pytest.raises(BadInputError, match="areas of the run"):
        spread(alone({"a": [0.9]}), "a", 2, {"b": 1})


def test_the_published_run_gives_the_table_and_a_recommendation(tmp_path: Path) -> None:
    publish(tmp_path, establishments=900)
    run = open_current(tmp_path)
    got = recommend(run, Target.BHT_USE, 50, minimum=5)

    assert [one.area for one in area_table(run, Target.BHT_USE)] == list(AREAS) == [one.area for one in got]
    assert sum(one.inspections for one in got) == 50
    assert min(one.inspections for one in got) >= 5


def test_the_trend_has_a_point_a_run_and_nothing_where_the_run_says_nothing(tmp_path: Path) -> None:
    publish(tmp_path, digit="a", as_of=date(2026, 7, 1), targets=[Target.WORK_CRIME])
    publish(tmp_path, digit="b", as_of=date(2026, 10, 1))
    publish(tmp_path, digit="c", as_of=date(2027, 1, 1), release="v2")
    runs = [open_run(tmp_path, one) for one in run_ids(tmp_path)]
    points = trend(runs, Target.BHT_USE, [*AREAS, "no_such_area"])

    assert [(one.as_of, one.release, one.expected_rate) for one in points[AREAS[0]]] == [
        (date(2026, 7, 1), None, None),
        (date(2026, 10, 1), "v1", 0.5),
        (date(2027, 1, 1), "v2", 0.5),
    ]
    assert [one.expected_rate for one in points["no_such_area"]] == [None] * 3


def test_last_results_count_recorded_outcomes_and_withhold_small_numbers(tmp_path: Path) -> None:
    publish(tmp_path)
    run = open_current(tmp_path)
    inside = [row["establishment"] for row in run.establishments.to_pylist() if AREAS[0] in row["priority_areas"]]
    day = date(2026, 9, 1)
    found = [Outcome(name, OutcomeResult.INSPECTED, i < 2, None, day, day) for i, name in enumerate(inside[:5])]
    missed = [Outcome(inside[5], OutcomeResult.NOT_INSPECTED, None, "moved", None, day)]

    assert last_results(run, AREAS[:1], [*found, *missed])[AREAS[0]][1:] == (5, 2)
    assert last_results(run, AREAS[:1], found[:4])[AREAS[0]][1:] == (4, None)
    assert last_results(run, ["no_such_area"], found)["no_such_area"] == (None, 0, None)
