"""The open format is read strictly where a slip would change a result, and patiently where it would not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from targeting.domain import BadInputError, RefusedError
from targeting.evaluation.open_format.cells import to_days, to_numbers, to_texts
from targeting.evaluation.open_format.dataset import day_number, read_dataset
from targeting.evaluation.open_format.matrix import open_matrix
from targeting.evaluation.open_format.settings import read_settings
from tests.lib.open_format_set import SETTINGS, tables, write_set


def test_settings_say_what_they_said(tmp_path: Path) -> None:
    settings = read_settings(write_set(tmp_path, {}))
    assert (settings.name, settings.unit, settings.k) == ("small", "visit", 50)
    assert settings.train.start == date(2020, 1, 1)
    assert not settings.train.contains(date(2023, 1, 1))
    assert settings.attributes == ("region", "kind", "size", "opened")


def test_dates_may_be_written_as_text(tmp_path: Path) -> None:
    settings = read_settings(write_set(tmp_path, {}, SETTINGS | {"train_from": "2020-01-01"}))
    assert settings.train.start == date(2020, 1, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "whole number"),
        ({"k": "many"}, "whole number"),
        ({"train_from": "soon"}, "a date such as"),
        ({"test_from": date(2022, 6, 1)}, "test_from on or after train_until"),
        ({"train_until": date(2019, 1, 1)}, "end on or after the start"),
        ({"numeric": "size"}, "a list of column names"),
        ({"name": 3}, "a text"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        read_settings(write_set(tmp_path, {}, SETTINGS | change))


def test_a_missing_key_and_a_misspelt_key_are_refused(tmp_path: Path) -> None:
    without = {key: value for key, value in SETTINGS.items() if key != "k"}
    with pytest.raises(BadInputError, match="expected the key k"):
        read_settings(write_set(tmp_path / "a", {}, without))
    misspelt = {key: value for key, value in SETTINGS.items() if key != "nuisance"} | {"nuisanse": ["inspector"]}
    with pytest.raises(BadInputError, match="expected the key nuisance, got the key nuisanse"):
        read_settings(write_set(tmp_path / "b", {}, misspelt))


def test_an_unknown_key_is_remarked_on(tmp_path: Path) -> None:
    settings = read_settings(write_set(tmp_path, {}, SETTINGS | {"licence": "public domain"}))
    assert settings.remarks == ("the key licence is not part of the format and was not read",)


def test_a_nuisance_column_is_refused_as_a_feature(tmp_path: Path) -> None:
    settings = read_settings(write_set(tmp_path, {}, SETTINGS | {"categorical": ["kind", "inspector"]}))
    assert settings.categorical == ("kind",)
    assert settings.refused == ("inspector",)


def test_a_listed_column_that_is_nowhere_is_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path, tables(100, 20), SETTINGS | {"group": ["region", "owner"]})
    with pytest.raises(BadInputError, match="a column owner"):
        read_dataset(folder)


def test_a_folder_without_a_file_says_which(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"dataset\.toml"):
        read_dataset(tmp_path)
    folder = write_set(tmp_path, {"establishments": tables(100, 20)["establishments"]})
    with pytest.raises(BadInputError, match=r"inspections\.parquet"):
        read_dataset(folder)


def test_a_breach_that_is_neither_is_refused(tmp_path: Path) -> None:
    found = tables(100, 20)
    odd = found | {"inspections": found["inspections"].assign(breach=2)}
    with pytest.raises(BadInputError, match="0, 1 or null"):
        read_dataset(write_set(tmp_path, odd))


def test_ids_of_different_types_meet(tmp_path: Path) -> None:
    found = tables(100, 20)
    mixed = found | {"inspections": found["inspections"].astype({"establishment": float})}
    assert read_dataset(write_set(tmp_path, mixed)).remarks == ()


def test_null_known_on_is_the_same_day_and_nothing_is_known_before_it_happened(tmp_path: Path) -> None:
    found = tables(100, 20)
    early = found["inspections"].assign(known_on=np.datetime64("2001-01-01"))
    for name, visits in {
        "null": early.assign(known_on=None),
        "early": early,
        "none": early.drop(columns="known_on"),
    }.items():
        data = read_dataset(write_set(tmp_path / name, found | {"inspections": visits}))
        assert (data.inspections["known"] == data.inspections["day"]).all()


def test_what_departs_from_the_format_without_harm_is_remarked_on(tmp_path: Path) -> None:
    found = tables(100, 20)
    units = found["establishments"]
    visits = found["inspections"].assign(inspection="same", establishment=range(100, 200))
    data = read_dataset(
        write_set(tmp_path, found | {"inspections": visits, "establishments": pd.concat([units, units])})
    )
    assert [remark.split()[0] for remark in data.remarks] == ["99", "20", "100"]


def test_without_outcomes_there_is_nothing_to_learn(tmp_path: Path) -> None:
    found = tables(100, 20)
    data = read_dataset(write_set(tmp_path, found | {"inspections": found["inspections"].assign(breach=None)}))
    with pytest.raises(RefusedError, match="0 breaches in 0 training rows"):
        open_matrix(data)


def test_cells_of_any_type() -> None:
    assert to_texts(pd.Series([True, None], dtype="object")).tolist() == ["True", ""]
    assert to_texts(pd.Series([1.5, np.nan])).tolist() == ["1.5", ""]
    assert to_numbers(pd.Series(["3", "x", None]), "c").tolist()[0] == 3.0
    assert to_numbers(pd.Series([True, False]), "c").tolist() == [1.0, 0.0]
    with pytest.raises(BadInputError, match="list the column as categorical"):
        to_numbers(pd.Series(["red", "blue"]), "c")
    assert to_days(pd.Series(pd.to_datetime(["1970-01-03T23:00:00+00:00"])), "c").tolist() == [2]
    assert to_days(pd.Series([date(1970, 1, 2), None]), "c", 7).tolist() == [1, 7]
    with pytest.raises(BadInputError, match="a date in every row"):
        to_days(pd.Series([date(1970, 1, 2), None]), "c")
    with pytest.raises(BadInputError, match="expected dates"):
        to_days(pd.Series(["never"]), "c")
    assert day_number(date(1970, 1, 11)) == 10
