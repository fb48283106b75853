"""North Carolina restaurant inspections (nc_food) in the open format: score below 93, and below 90."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.mappings.data_set_files import DataSet

__all__ = ["map_nc_food"]

_FOLDER: Final = "nc_food"
_BEST_SCORE: Final = 100


def map_nc_food(data: Path) -> Iterator[tuple[str, DataSet]]:
    """The two data sets by name. A score is public the same day; severity is what it lacks of the best."""
    places = pd.read_parquet(data / _FOLDER / "entities.parquet").rename(columns={"entity_id": "establishment"})
    visits = pd.read_parquet(data / _FOLDER / "inspections.parquet")
    letters = places["name"].str.upper().str.replace(r"[^A-Z ]", "", regex=True)
    # The first two words of the name stand in for the owner, whom the source does not give.
    places = places.assign(chain=letters.str.split().str[:2].str.join(" "))
    establishments = places[["establishment", "establishment_type", "county_code", "city", "zip5", "chain"]]
    for name, column in {"nc_93": "breach", "nc_90": "grade_below_a"}.items():
        yield name, DataSet(_settings(), establishments, _inspections(visits, column))


def _settings() -> dict[str, str | int | date | list[str]]:
    return {
        "unit": "restaurant visit",
        "train_from": date(2020, 1, 1),
        "train_until": date(2023, 1, 1),
        "test_from": date(2023, 1, 1),
        "test_until": date(2024, 1, 1),
        "k": 300,
        "categorical": ["establishment_type", "county_code"],
        "numeric": [],
        "group": ["establishment_type", "county_code", "zip5", "chain"],
        "nuisance": ["inspector_id"],
    }


def _inspections(visits: pd.DataFrame, column: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "inspection": visits["inspection_id"],
            "establishment": visits["entity_id"],
            "occurred_on": visits["date"],
            "known_on": visits["date"],
            "breach": visits[column].astype(int),
            "severity": (_BEST_SCORE - visits["score"]).astype(float),
            "inspector_id": visits["inspector_id"].astype(str),
        }
    )
