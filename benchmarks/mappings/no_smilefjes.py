"""Norwegian food inspections (no_smilefjes) in the open format: grade 2 or 3 at an ordinary visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.mappings.data_set_files import DataSet

__all__ = ["map_no_smilefjes"]

_FOLDER: Final = "no_smilefjes"
_GRADES: Final = ["grade", "grade1", "grade2", "grade3", "grade4"]
#: Words in the name that tell what kind of place it is; the register gives no sector.
_WORDS: Final = {
    "pizza": "pizza",
    "kebab": "kebab",
    "kafe": "kafe|cafe|kaffe",
    "asiatisk": "sushi|asia|thai|wok|china|indi",
    "hotell": "hotell|hotel",
    "grill": "grill|burger|gatekjøkken",
    "barnehage": "barnehage|skole",
    "bakeri": "bakeri|konditori",
    "restaurant": "restaurant",
    "bar": "bar|pub",
    "kiosk": "kiosk|shell|circle|esso|7-eleven|narvesen",
    "catering": "catering",
    "sykehjem": "sykehjem|omsorg",
}


def map_no_smilefjes(data: Path) -> Iterator[tuple[str, DataSet]]:
    """One data set. Only prospective ordinary visits have an outcome: earlier bad grades were overwritten."""
    places = pd.read_parquet(data / _FOLDER / "entities.parquet").rename(columns={"entity_id": "establishment"})
    visits = pd.read_parquet(data / _FOLDER / "inspections.parquet")
    known = visits["first_seen"].dt.normalize().where(visits["prospective"], visits["date"])
    ordinary = visits["prospective"] & ~visits["follow_up"]
    inspections = pd.DataFrame(
        {
            "inspection": visits["inspection_id"],
            "establishment": visits["entity_id"],
            "occurred_on": visits["date"],
            "known_on": known,
            "breach": visits["breach"].astype(float).where(ordinary),
            "severity": visits["grade"].astype(float).where(visits["grade"] >= 0),
        }
    )
    yield "smilefjes", DataSet(_settings(), _establishments(places), inspections, _events(visits, known))


def _settings() -> dict[str, str | int | date | list[str]]:
    return {
        "unit": "visit",
        "train_from": date(2026, 3, 8),
        "train_until": date(2026, 6, 1),
        "test_from": date(2026, 6, 1),
        "test_until": date(2026, 8, 22),
        "k": 50,
        "categorical": ["post2"],
        "numeric": [*(f"name_{word}" for word in _WORDS), "lat", "lon", "sites"],
        "group": ["postnr", "post2", "owner"],
        "nuisance": [],
    }


def _establishments(places: pd.DataFrame) -> pd.DataFrame:
    names = places["name"].str.lower()
    said = {f"name_{word}": names.str.contains(any_of).fillna(False) for word, any_of in _WORDS.items()}
    return places[["establishment", "postnr", "lat", "lon"]].assign(
        post2=places["postnr"].str[:2],
        owner=places["orgnummer"],
        sites=places.groupby("orgnummer")["establishment"].transform("count"),
        **said,
    )


def _events(visits: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """The grade and its four themes, where assessed, and every follow-up visit."""
    dated = pd.DataFrame({"establishment": visits["entity_id"], "occurred_on": visits["date"], "known_on": known})
    grades = [dated.assign(kind=kind, value=visits[kind].astype(float))[visits[kind] >= 0] for kind in _GRADES]
    return pd.concat([*grades, dated.assign(kind="follow_up", value=1.0)[visits["follow_up"]]], ignore_index=True)
