"""As trained, so scored: a training row has the very bytes that scoring its establishment on that day would give.

The theory demands equality, not closeness: both go through one function, and what is known at `as_of` depends neither
on the other rows that are asked for nor on the other days of the same view.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, Quarter, RefusedError, Target
from targeting.matrix import (
    GROUPS,
    KEYS,
    NUISANCE,
    OBSERVED,
    Matrix,
    scoring_matrices,
    scoring_matrix,
    training_matrices,
    training_matrix,
)
from targeting.snapshots import AsOfView, Store
from tests.lib.small_country import small_country, store_of
from tests.lib.time_travel import appended, truncated

UNTIL = AsOf(date(2026, 7, 1))


def _bytes(matrix: Matrix, establishment: str, as_of: object) -> list[bytes]:
    """The features and groups of one row, to the byte."""
    frame = matrix.frame
    row = frame[(frame["establishment"] == establishment) & (frame["as_of"] == as_of)].iloc[0]
    names = ["enterprise", *(feature.name for feature in matrix.features)]
    return [_cell(row[name]) for name in names]


def _cell(value: object) -> bytes:
    return np.float64(value).tobytes() if isinstance(value, (float, np.floating)) else str(value).encode()


@pytest.mark.parametrize("target", list(Target))
def test_a_training_row_equals_the_scoring_row_of_its_day(target: Target, tmp_path: Path) -> None:
    store = store_of(small_country(11), tmp_path)
    training = training_matrix(store, target, UNTIL)
    rows = training.frame[["establishment", "as_of"]].drop_duplicates()
    assert len(rows) > 5
    for as_of in sorted(set(rows["as_of"]))[::8]:
        scoring = scoring_matrix(store, target, AsOf(as_of))
        for establishment in rows.loc[rows["as_of"] == as_of, "establishment"]:
            assert _bytes(training, establishment, as_of) == _bytes(scoring, establishment, as_of)


def test_training_and_scoring_frames_have_the_same_feature_columns_and_types(tmp_path: Path) -> None:
    store = store_of(small_country(12), tmp_path)
    training, scoring = (
        training_matrix(store, Target.BHT_USE, UNTIL),
        scoring_matrix(store, Target.BHT_USE, UNTIL),
    )
    names = [feature.name for feature in scoring.features]
    pd.testing.assert_series_equal(training.frame[names].dtypes, scoring.frame[names].dtypes)
    assert not {*OBSERVED, *NUISANCE} & set(scoring.frame)
    assert list(scoring.frame)[: len(KEYS)] == list(KEYS)
    assert {*GROUPS} <= set(scoring.frame)


def test_a_training_row_stands_on_the_first_day_of_its_quarter_and_its_label_was_known_in_time(tmp_path: Path) -> None:
    frame = training_matrix(store_of(small_country(13), tmp_path), Target.WORKING_ENVIRONMENT, UNTIL).frame
    assert [Quarter.of(day).first_day for day in frame["occurred_on"]] == list(frame["as_of"])
    assert all(day < UNTIL.day for day in frame["label_known_on"])
    assert not frame["inspection"].duplicated().any()


def test_nothing_known_later_moves_a_training_row(tmp_path: Path) -> None:
    """Training until a day gives the same rows whether or not the store has gone on growing since."""
    until, tables = AsOf(date(2024, 1, 1)), small_country(14)
    frames = [
        training_matrix(store_of(each, tmp_path / name), Target.WORKING_ENVIRONMENT, until).frame
        for name, each in (
            ("then", truncated(tables, until.day)),
            ("now", tables),
            ("later", appended(tables, until.day, 99)),
        )
    ]
    pd.testing.assert_frame_equal(frames[0], frames[1])
    pd.testing.assert_frame_equal(frames[0], frames[2])


def test_several_targets_at_once_are_each_what_they_are_alone(tmp_path: Path) -> None:
    store, pair = store_of(small_country(16), tmp_path), [Target.BHT_USE, Target.WORK_CRIME]
    for target, matrix in training_matrices(store, pair, UNTIL).items():
        pd.testing.assert_frame_equal(matrix.frame, training_matrix(store, target, UNTIL).frame)
    for target, matrix in scoring_matrices(store, pair, UNTIL).items():
        pd.testing.assert_frame_equal(matrix.frame, scoring_matrix(store, target, UNTIL).frame)
        assert list(matrix.frame["establishment"]) == sorted(matrix.frame["establishment"])


def test_training_without_any_label_is_refused(tmp_path: Path) -> None:
    tables = {name: rows for name, rows in small_country(15).items() if name != "findings"}
    with pytest.raises(RefusedError, match="none known before 2026-07-01"):
        training_matrix(store_of(tables, tmp_path), Target.BHT_USE, UNTIL)


def test_what_an_engine_put_aside_is_gone_and_a_store_never_loaded_has_no_rows(tmp_path: Path) -> None:
    store = store_of(small_country(13), tmp_path)
    before = sorted(tmp_path.rglob("*"))
    training_matrices(store, [Target.BHT_USE], UNTIL)
    assert sorted(tmp_path.rglob("*")) == before
    nothing = scoring_matrices(Store(tmp_path / "never"), [Target.BHT_USE], UNTIL)
    assert nothing[Target.BHT_USE].frame.empty


def test_a_view_that_may_put_aside_shows_the_same_as_one_that_may_not(tmp_path: Path) -> None:
    store, aside = store_of(small_country(14), tmp_path / "store"), tmp_path / "aside"
    aside.mkdir()
    days = [UNTIL, AsOf(date(2026, 1, 1))]
    with AsOfView.open(store, None, days) as free, AsOfView.open(store, None, days, spill=aside) as bounded:
        limit = bounded.connection.execute("SELECT current_setting('memory_limit')").fetchone()
        assert limit != free.connection.execute("SELECT current_setting('memory_limit')").fetchone()
        for relation in ("establishments_asof", "inspection_results_asof", "findings_asof"):
            ask = f"SELECT * FROM {relation} ORDER BY ALL"
            assert bounded.connection.execute(ask).fetchall() == free.connection.execute(ask).fetchall() != []
