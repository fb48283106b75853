"""The recommended allocation over areas is the best there is, keeps its minimums, and says why."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.domain import BadInputError, Target
from targeting.planning.sectors import allocate, area_table, recommend
from targeting.published import open_current
from tests.lib.published_run import AREAS, publish

SCORES = st.lists(st.integers(0, 20).map(lambda n: n / 20), max_size=5).map(lambda s: sorted(s, reverse=True))


def named(scores: dict[str, list[float]]) -> dict[str, list[tuple[str, float]]]:
    return {area: [(f"{area}{i}", score) for i, score in enumerate(listed)] for area, listed in scores.items()}


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), SCORES, min_size=1), st.integers(0, 12), st.data())
def test_no_other_allocation_finds_more(scores: dict[str, list[float]], total: int, data: st.DataObject) -> None:
    minimum = {area: data.draw(st.integers(0, min(2, len(listed)))) for area, listed in scores.items()}
    if sum(minimum.values()) > total:
        return
    got = allocate(named(scores), total, minimum)
    given_out = min(total, sum(map(len, scores.values())))
    best = max(
        sum(sum(scores[area][:n]) for area, n in zip(scores, counts, strict=True))
        for counts in product(*(range(minimum[area], len(listed) + 1) for area, listed in scores.items()))
        if sum(counts) == given_out
    )

    assert sum(one.expected_breaches for one in got) == pytest.approx(best)
    assert sum(one.inspections for one in got) == given_out
    assert all(one.inspections >= minimum[one.area] for one in got)


def test_an_establishment_in_two_areas_is_promised_once() -> None:
    both = {"a": [("x", 0.9), ("y", 0.2)], "b": [("x", 0.9), ("z", 0.1)]}

    assert [(one.area, one.inspections) for one in allocate(both, 3, {})] == [("a", 2), ("b", 1)]


def test_it_says_why() -> None:
    got = allocate(named({"a": [0.9, 0.8, 0.7], "b": [0.5, 0.4], "c": [0.1], "d": [0.85]}), 4, {"b": 1})

    assert [one.why.en for one in got] == [
        "Down to a score of 0.8; the next has 0.7 and would find less than elsewhere.",
        "The minimum coverage of 1 only; the last one scores 0.5.",
        "None: other areas have more to find.",
        "Everybody in the area is included.",
    ]


def test_minimums_that_cannot_be_met_are_refused() -> None:
    with pytest.raises(BadInputError, match="3 together"):
        allocate(named({"a": [0.9] * 3}), 2, {"a": 3})
    with pytest.raises(BadInputError, match="at least 2 candidates"):
        allocate(named({"a": [0.9]}), 2, {"a": 2})
    with pytest.raises(BadInputError, match="areas of the run"):
        allocate(named({"a": [0.9]}), 2, {"b": 1})


def test_the_published_run_gives_the_table_and_a_recommendation(tmp_path: Path) -> None:
    publish(tmp_path, establishments=300)
    run = open_current(tmp_path)
    table = area_table(run, Target.BHT_USE)
    got = recommend(run, Target.BHT_USE, 50, minimum=5)

    assert [one.area for one in table] == list(AREAS)
    assert sum(one.inspections for one in got) == 50
    assert min(one.inspections for one in got) >= 5
