"""Group rates are counts a person can check by hand; small ones are withheld, also from subtraction."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from targeting.evaluation.gates import Evidence, GateResult, check_gates
from targeting.evaluation.groups import ForwardRows, GroupRow, Groups, Rate, group_labels, group_rates, listed
from targeting.modelling.specification import Specification
from tests.lib.seeded_matrix import SPECIFICATION, seeded_specification


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Specification:
    return seeded_specification(tmp_path_factory.mktemp("models"))


def _frame(*counties: tuple[str | None, int]) -> pd.DataFrame:
    names = [county for county, rows in counties for _ in range(rows)]
    return pd.DataFrame({"county": pd.array(names, dtype="str")})


def _first(frame: pd.DataFrame, county: str, rows: int) -> np.ndarray:
    """True for the first so many rows of the county."""
    own = (frame["county"] == county).to_numpy()
    return own & (np.cumsum(own) <= rows)


@pytest.fixture(scope="module")
def groups() -> Groups:
    """30 in county 03, of whom 6 are listed, and 20 in 11, of whom 2; tested: 20 and 16, of whom 12 and 10 listed."""
    cohort, training = _frame(("03", 30), ("11", 20)), _frame(("03", 20), ("11", 16))
    on_list = _first(training, "03", 12) | _first(training, "11", 10)
    # In 03 nine of the twelve listed had a breach, and one of the eight others; in 11 two of ten and none of six.
    breach = _first(training, "03", 9) | _first(training, "11", 2)
    breach[19] = True
    tested = ForwardRows(np.arange(36), breach.astype(float), on_list)
    return group_rates(cohort, _first(cohort, "03", 6) | _first(cohort, "11", 2), training, tested)


def _row(groups: Groups, group: str) -> GroupRow:
    return next(row for row in groups.rows if row.group == group)


def _counts(rate: Rate | None) -> tuple[int, int]:
    assert rate is not None
    assert rate.share == rate.hits / rate.n
    assert 0.0 <= rate.low <= rate.share <= rate.high <= 1.0
    return rate.hits, rate.n


def test_every_rate_is_its_hand_count(groups: Groups) -> None:
    oslo, rogaland, everybody = _row(groups, "03"), _row(groups, "11"), groups.everybody
    assert [_counts(row.selection) for row in (oslo, rogaland, everybody)] == [(6, 30), (2, 20), (6 + 2, 30 + 20)]
    assert [_counts(row.precision) for row in (oslo, rogaland, everybody)] == [(9, 12), (2, 10), (9 + 2, 12 + 10)]
    assert [_counts(row.false_discovery) for row in (oslo, rogaland, everybody)] == [(3, 12), (8, 10), (3 + 8, 22)]
    assert [_counts(row.base) for row in (oslo, rogaland, everybody)] == [(9 + 1, 20), (2, 16), (10 + 2, 36)]
    assert groups.k == 6 + 2


def test_intervals_are_wilsons(groups: Groups) -> None:
    base = _row(groups, "03").base
    assert base is not None
    # 10 of 20: (10 + 3.8415 / 2) / (20 + 3.8415) -+ 1.96 sqrt(10 * 10 / 20 + 3.8415 / 4) / (20 + 3.8415)
    assert (base.low, base.high) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    wrong, right = _row(groups, "11").false_discovery, _row(groups, "11").precision
    assert wrong is not None
    assert right is not None
    assert (wrong.low, wrong.high) == pytest.approx((1 - right.high, 1 - right.low))


def test_the_document_is_plain_json(groups: Groups) -> None:
    read = json.loads(json.dumps(groups.to_dict()))
    assert read["groups"][0]["selection"] == {
        "share": 0.2,
        "low": pytest.approx(0.0951, abs=1e-4),
        "high": pytest.approx(0.3731, abs=1e-4),
        "hits": 6,
        "n": 30,
    }
    assert read["everybody"]["group"] == "everybody"


def _selection(*counties: tuple[str | None, int]) -> dict[str, int]:
    cohort = _frame(*counties)
    nothing = ForwardRows(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))
    made = group_rates(cohort, np.zeros(len(cohort), dtype=bool), cohort, nothing, minimum=10)
    return {row.group: row.selection.n for row in made.rows if row.selection}


def test_nine_are_withheld_and_ten_are_not() -> None:
    assert _selection(("03", 10), ("11", 30)) == {"03": 10, "11": 30}
    assert _selection(("03", 9), ("11", 30), ("15", 40)) == {"15": 40}, "9 = 79 - 40 - 30 would be told by the others"


def test_several_small_groups_hide_each_other_once_they_reach_the_minimum() -> None:
    assert _selection(("03", 6), ("11", 7), ("15", 40)) == {"15": 40}
    assert _selection(("03", 4), ("11", 3), ("15", 30), ("18", 40)) == {"18": 40}, "4 + 3 would be told"


def test_nobody_tested_leaves_only_selection() -> None:
    cohort = _frame(("03", 20))
    nothing = ForwardRows(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))
    row = group_rates(cohort, np.ones(20, dtype=bool), cohort, nothing).rows[0]
    assert _counts(row.selection) == (20, 20)
    assert (row.precision, row.false_discovery, row.base) == (None, None, None)


def test_rows_are_named_in_the_words_that_are_published() -> None:
    frame = pd.DataFrame(
        {
            "county": pd.array(["03", None], dtype="str"),
            "size_class": [1.0, np.nan],
            "industry": pd.array(["43.210", "00.000"], dtype="str"),
            "establishment_age_months": [11.0, 120.0],
            "foreign_registered": [1.0, np.nan],
        }
    )
    assert {name: values.tolist() for name, values in group_labels(frame).items()} == {
        "county": ["03", "unknown"],
        "size_class": ["1-4", "unknown"],
        "section": ["F", "unknown"],
        "age": ["under 1 year", "10 years or more"],
        "foreign_registered": ["yes", "unknown"],
    }
    assert group_labels(pd.DataFrame({"size_class": ["250+"]}))["size_class"].tolist() == ["250+"]


def test_a_list_has_exactly_k_whatever_is_tied() -> None:
    names, scores = [f"{200_000_000 + n}" for n in range(50)], np.repeat([2.0, 1.0], 25)
    chosen = listed(names, scores, 30, tie_break=1)
    assert chosen.sum() == 30
    assert chosen[:25].all()
    assert (listed(names, scores, 30, tie_break=2) != chosen).any()
    assert listed(names, scores, 99, tie_break=1).all()


def _gate(groups: Groups, specification: Specification) -> GateResult:
    return next(gate for gate in check_gates(Evidence(specification, groups=groups)) if gate.code == "TGT006")


def _tested_groups(wrong: int) -> Groups:
    """Two counties of 400 tested and listed rows each; in 11 so many of them had no breach, in 03 100 of them."""
    frame = _frame(("03", 400), ("11", 400))
    labels = ~(_first(frame, "03", 100) | _first(frame, "11", wrong))
    tested = ForwardRows(np.arange(800), labels.astype(float), np.ones(800, dtype=bool))
    return group_rates(frame, np.ones(800, dtype=bool), frame, tested)


def test_a_group_listed_wrongly_surely_more_often_is_told(specification: Specification) -> None:
    assert _gate(_tested_groups(100), specification).outcome == "pass"
    # 240 of 400 is 0.60 (0.55 to 0.65), everybody 340 of 800 is 0.425: 0.55 is not beyond 0.425 + 0.15.
    assert _gate(_tested_groups(240), specification).outcome == "pass"
    gate = _gate(_tested_groups(300), specification)
    assert (gate.outcome, gate.severity) == ("fail", "warn")
    assert "county 11: 75.0% of the listed without a breach" in gate.detail
    assert "03" not in gate.detail


def test_a_group_listed_many_times_as_often_is_told(specification: Specification) -> None:
    cohort = _frame(("03", 2000), ("11", 100))
    nothing = ForwardRows(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))
    even = group_rates(cohort, _first(cohort, "03", 100) | _first(cohort, "11", 10), cohort, nothing)
    assert _gate(even, specification).outcome == "pass"
    uneven = group_rates(cohort, _first(cohort, "03", 20) | _first(cohort, "11", 60), cohort, nothing)
    assert _gate(uneven, specification).outcome == "fail"
    assert "county 11: 60.0% listed" in _gate(uneven, specification).detail


def test_the_limits_are_the_specifications(tmp_path: Path) -> None:
    loose = seeded_specification(tmp_path, SPECIFICATION.replace("max_ece = 0.1", "max_ece = 0.1\nmax_fdr_gap = 0.5"))
    assert _gate(_tested_groups(300), loose).outcome == "pass"
