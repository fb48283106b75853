"""Chicago canvass visits (chicago_food) in the open format: the City's own window, and the year 2014."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.mappings.data_set_files import DataSet

__all__ = ["map_chicago_food"]

_FOLDER: Final = "chicago_food"
_PLACE: Final = ["facility_type_clean", "risk", "zip", "ward", "police_district"]
_LICENCES: Final = [
    "ageAtInspection",
    "consumption_on_premises_incidental_activity",
    "tobacco_retail_over_counter",
    "tavern",
    "outdoor_patio",
    "caterers_liquor_license",
    "mobile_food_license",
    "package_goods",
    "limited_business_license",
]
_SURROUNDINGS: Final = ["heat_burglary", "heat_garbage", "heat_sanitation"]
_WEATHER: Final = ["precipIntensity", "temperatureMax", "windSpeed", "humidity"]


def map_chicago_food(data: Path) -> Iterator[tuple[str, DataSet]]:
    """The two data sets by name. The City's window trains on the 17,075 visits of the City's own model."""
    places = pd.read_parquet(data / _FOLDER / "entities.parquet").rename(columns={"entity_id": "establishment"})
    visits = pd.read_parquet(data / _FOLDER / "inspections.parquet")
    log = pd.read_parquet(data / _FOLDER / "visits_log.parquet")
    establishments = places[["establishment", *_PLACE, "license_start"]]
    events, inspections = _events(log), _inspections(visits)
    ours = (visits["in_city_model"].astype(bool) | visits["city_test"].astype(bool)).to_numpy()
    window = pd.concat([events, _as_events(inspections[~ours])], ignore_index=True)
    yield "chicago_window", DataSet(_settings_of_window(), establishments, inspections[ours], window)
    yield "chicago_year", DataSet(_settings_of_year(), establishments, inspections, events)


def _settings_of_window() -> dict[str, str | int | date | list[str]]:
    days = (date(2011, 9, 2), date(2014, 4, 17), date(2014, 9, 2), date(2014, 11, 1))
    return _settings(*days, [*_LICENCES, *_SURROUNDINGS, *_WEATHER])


def _settings_of_year() -> dict[str, str | int | date | list[str]]:
    return _settings(date(2011, 9, 1), date(2014, 1, 1), date(2014, 1, 1), date(2015, 1, 1), _LICENCES)


def _settings(
    train_from: date, train_until: date, test_from: date, test_until: date, numeric: list[str]
) -> dict[str, str | int | date | list[str]]:
    return {
        "unit": "canvass visit",
        "train_from": train_from,
        "train_until": train_until,
        "test_from": test_from,
        "test_until": test_until,
        "k": 300,
        "categorical": ["facility_type_clean", "risk"],
        "numeric": ["license_start", *numeric],
        "group": _PLACE,
        "nuisance": ["inspector_cluster"],
    }


def _events(log: pd.DataFrame) -> pd.DataFrame:
    """Visits of any purpose, complaints included; the log gives no results."""
    return pd.DataFrame(
        {
            "establishment": log["entity_id"],
            "occurred_on": log["date"],
            "known_on": log["date"],
            "kind": log["purpose"].astype(str),
            "value": 1.0,
        }
    )


def _as_events(inspections: pd.DataFrame) -> pd.DataFrame:
    """Canvass visits that the City's model left out: no rows to train on, yet part of the history."""
    kept = inspections[["establishment", "occurred_on", "known_on", "severity"]]
    return kept.rename(columns={"severity": "value"}).assign(kind="canvass")


def _inspections(visits: pd.DataFrame) -> pd.DataFrame:
    """Severity counts a critical violation as three serious ones, a minor one as a fifth."""
    severity = 3.0 * visits["criticalCount"] + visits["seriousCount"] + 0.2 * visits["minorCount"]
    known_before = visits[[*_LICENCES, *_SURROUNDINGS, *_WEATHER]].astype(float)
    about = pd.DataFrame(
        {
            "inspection": visits["inspection_id"].astype(str),
            "establishment": visits["entity_id"],
            "occurred_on": visits["date"],
            "known_on": visits["date"],
            "breach": visits["breach"].astype(int),
            "severity": severity.astype(float),
            "inspector_cluster": visits["inspector_cluster"].astype(str),
        }
    )
    return pd.concat([about, known_before], axis=1)
