"""No feature of a row knows its day: nothing known on or after it, nothing of the same day, changes anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from targeting.evaluation.open_format.dataset import Dataset, day_number, read_dataset
from targeting.evaluation.open_format.features import build_features, event_kinds
from targeting.evaluation.open_format.parity import check_parity
from tests.lib.open_format_set import SETTINGS, Tables, tables, write_set

DAY = date(2022, 6, 1)


@pytest.fixture(scope="module")
def found() -> Tables:
    """One visit on DAY to each of the first forty establishments, which have a dated history of attributes too."""
    base = tables()
    asked = pd.DataFrame(
        {
            "inspection": [f"asked{number}" for number in range(40)],
            "establishment": range(40),
            "occurred_on": np.datetime64(DAY),
            "known_on": np.datetime64("NaT"),
            "breach": 1.0,
            "severity": 3.0,
            "inspector": "i1",
        }
    )
    units = base["establishments"].assign(known_on=np.datetime64("2019-01-01"))
    moved = units.assign(known_on=np.datetime64("2021-03-01"), region=5, size=7)[:100]
    return base | {"inspections": pd.concat([base["inspections"], asked]), "establishments": pd.concat([units, moved])}


def _features(folder: Path, found: Tables) -> pd.DataFrame:
    """The features of the asked rows, with the vocabulary of events that this training period has."""
    data = read_dataset(write_set(folder, found, SETTINGS | {"train_until": DAY}))
    return _of_asked(data)


def _of_asked(data: Dataset) -> pd.DataFrame:
    named = data.inspections["inspection"]
    rows = named[named.str.startswith("asked")].sort_values().index.to_numpy()
    return build_features(data, rows, event_kinds(data)).frame


def _later(base: Tables, days: list[str]) -> Tables:
    """A flood of opposite facts for every establishment, known on the given days."""
    units = base["establishments"]["establishment"].unique()
    flood = [pd.DataFrame({"establishment": units, "on": np.datetime64(day)}) for day in days]
    rows = pd.concat(flood, ignore_index=True)
    visits = pd.DataFrame(
        {
            "inspection": [f"flood{number}" for number in range(len(rows))],
            "establishment": rows["establishment"],
            "occurred_on": np.datetime64("2020-02-02"),
            "known_on": rows["on"],
            "breach": 1.0,
            "severity": 99.25,
            "inspector": "i1",
        }
    )
    events = pd.DataFrame(
        {
            "establishment": rows["establishment"],
            "occurred_on": np.datetime64("2020-02-02"),
            "known_on": rows["on"],
            "kind": "fire",
            "value": 77.7,
        }
    )
    states = base["establishments"].drop_duplicates("establishment").assign(size=-1, region=99, known_on=rows["on"][0])
    return {"inspections": visits, "events": events, "establishments": states}


def test_what_becomes_known_on_the_day_or_later_changes_no_feature(found: Tables, tmp_path: Path) -> None:
    flood = _later(found, [str(DAY), "2022-06-02", "2023-11-11"])
    flooded = {name: pd.concat([found[name], flood[name]]) for name in found}
    pd.testing.assert_frame_equal(
        _features(tmp_path / "a", found), _features(tmp_path / "b", flooded), check_exact=True
    )


def test_results_of_the_same_day_never_count(found: Tables, tmp_path: Path) -> None:
    visits = found["inspections"]
    today = pd.to_datetime(visits["occurred_on"]) == pd.Timestamp(DAY)
    opposite = visits.assign(breach=visits["breach"].where(~today, 0.0), severity=visits["severity"].where(~today, 0.0))
    pd.testing.assert_frame_equal(
        _features(tmp_path / "a", found),
        _features(tmp_path / "b", found | {"inspections": opposite}),
        check_exact=True,
    )


def test_truncating_at_the_day_changes_no_feature(found: Tables, tmp_path: Path) -> None:
    data = read_dataset(write_set(tmp_path, found, SETTINGS | {"train_until": DAY}))
    pd.testing.assert_frame_equal(_of_asked(data), _of_asked(data.before(day_number(DAY))), check_exact=True)


def test_what_was_known_the_day_before_does_count(found: Tables, tmp_path: Path) -> None:
    flood = _later(found, ["2022-05-31"])
    flooded = {name: pd.concat([found[name], flood[name]]) for name in found}
    before, after = _features(tmp_path / "a", found), _features(tmp_path / "b", flooded)
    assert (after["own_inspections"] == before["own_inspections"] + 1).all()
    assert (after["own_breaches"] == before["own_breaches"] + 1).all()
    assert (after["event_fire_last"] == 77.7).all()
    assert (after["number_size"] == -1).all()


def test_a_leak_would_be_seen_by_the_parity_check(found: Tables, tmp_path: Path) -> None:
    data = read_dataset(write_set(tmp_path, found))
    rows = np.arange(1000, 1400)
    kinds = event_kinds(data)
    frame = build_features(data, rows, kinds).frame
    assert check_parity(data, frame, rows, kinds).differing == ()
    leaking = frame.assign(own_last_1=data.inspections["breach"].to_numpy()[rows])
    assert check_parity(data, leaking, rows, kinds).differing == ("own_last_1",)
