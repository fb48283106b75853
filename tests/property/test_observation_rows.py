"""Who was inspected and who was not: the rows are those of scoring, and nothing known later moves them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, BadInputError, Quarter, Target
from targeting.features import load_families
from targeting.labels import label_rows
from targeting.matrix import INSPECTED, KEYS, Matrix, observation_matrices, observation_matrix, scoring_matrix
from targeting.snapshots import Store
from tests.lib.small_country import small_country, store_of
from tests.lib.time_travel import appended, truncated

UNTIL = AsOf(date(2026, 7, 1))
QUARTERS = {Quarter(2024, 1).next(step): 1.0 for step in range(4)}
TARGET = Target.WORKING_ENVIRONMENT
FEW = load_families()[:1]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of(small_country(11, 150), tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def whole(store: Store) -> Matrix:
    return observation_matrix(store, TARGET, QUARTERS, UNTIL, seed=1)


def test_the_whole_cohort_of_each_quarter_is_there_as_it_would_be_scored(store: Store, whole: Matrix) -> None:
    quarter = Quarter(2024, 4)
    rows = whole.frame[whole.frame["as_of"] == quarter.first_day].drop(columns=list(INSPECTED))
    pd.testing.assert_frame_equal(
        rows.reset_index(drop=True), scoring_matrix(store, TARGET, quarter.as_of()).frame, check_exact=True
    )


def test_labelled_means_that_an_inspection_of_the_quarter_checked_the_target(store: Store, whole: Matrix) -> None:
    """Counted anew from the labels themselves: the first of a quarter tells what was found."""
    expected: dict[tuple[str, date], tuple[str, float]] = {}
    for row in label_rows(store, TARGET, UNTIL).to_pylist():
        pair = (row["establishment"], Quarter.of(row["occurred_on"]).first_day)
        expected.setdefault(pair, (row["inspection"], row["label"]))
    frame = whole.frame
    seen = 0
    for name, day, labelled, inspection, label in zip(
        *(frame[column] for column in ("establishment", "as_of", "labelled", "inspection", "label")), strict=True
    ):
        assert labelled == float((name, day) in expected)
        if labelled:
            assert (inspection, label) == expected[name, day]
            seen += 1
    assert seen > 15
    assert (frame["inspected"] >= frame["labelled"]).all()
    assert frame.loc[frame["labelled"] == 0.0, ["label", "severity", "inspection"]].isna().all(axis=None)


def test_a_sample_keeps_all_inspected_and_stands_for_the_rest(store: Store, whole: Matrix) -> None:
    shares = dict.fromkeys(QUARTERS, 0.3)
    thin, other = (observation_matrix(store, TARGET, shares, UNTIL, seed=seed, families=FEW).frame for seed in (1, 2))
    assert list(thin["establishment"]) != list(other["establishment"])
    assert thin["inspected"].sum() == whole.frame["inspected"].sum() == other["inspected"].sum()
    assert set(thin.loc[thin["inspected"] == 0.0, "sampling_weight"]) == {1 / 0.3}
    assert set(thin.loc[thin["inspected"] == 1.0, "sampling_weight"]) == {1.0}
    spread = np.sqrt(len(whole.frame) * 0.3 * 0.7) / 0.3
    assert abs(thin["sampling_weight"].sum() - len(whole.frame)) < 4 * spread


def test_a_quarter_asked_for_with_others_gives_the_rows_it_gives_alone(store: Store) -> None:
    both = observation_matrix(
        store, TARGET, {Quarter(2024, 1): 0.5, Quarter(2024, 2): 0.5}, UNTIL, seed=3, families=FEW
    ).frame
    alone = observation_matrix(store, TARGET, {Quarter(2024, 2): 0.5}, UNTIL, seed=3, families=FEW).frame
    rows = both[both["as_of"] == date(2024, 4, 1)].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, alone)


def test_several_targets_at_once_are_each_what_they_are_alone(store: Store, whole: Matrix) -> None:
    made = observation_matrices(store, [Target.BHT_USE, TARGET], QUARTERS, UNTIL, seed=1, families=FEW)
    columns = [*KEYS, *INSPECTED, *(feature.name for feature in made[TARGET].features)]
    pd.testing.assert_frame_equal(made[TARGET].frame[columns], whole.frame[columns])


def test_nothing_known_later_moves_a_row(tmp_path: Path) -> None:
    """Neither the features nor who was inspected, as known before a day, change by what the store learns after it."""
    until, tables = AsOf(date(2025, 7, 1)), small_country(14)
    frames = [
        observation_matrix(store_of(each, tmp_path / name), TARGET, QUARTERS, until, seed=1).frame
        for name, each in (("then", truncated(tables, until.day)), ("later", appended(tables, until.day, 99)))
    ]
    pd.testing.assert_frame_equal(frames[0], frames[1])


@pytest.mark.parametrize("quarters", [{}, {Quarter(2024, 1): 0.0}, {Quarter(2024, 1): 1.5}])
def test_a_share_that_is_no_share_is_refused(store: Store, quarters: dict[Quarter, float]) -> None:
    with pytest.raises(BadInputError, match="share"):
        observation_matrix(store, TARGET, quarters, UNTIL, seed=1)
