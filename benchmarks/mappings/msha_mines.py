"""US mine-quarters and mine-years (msha_mines) in the open format: five targets, all with the same history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.mappings.data_set_files import DataSet

__all__ = ["map_msha_mines"]

_FOLDER: Final = "msha_mines"
_STATIC: Final = ["state_code", "name_kind"]
_COAL: Final = {
    "categorical": ["coal2013_type", "coal2013_company_type", "coal2013_operation", "coal2013_union"],
    "numeric": ["coal2013_production", "coal2013_employees", "coal2013_hours"],
}
_COUNTED: Final = ["violations", "days_lost", "days_restricted", "deaths", "perm_disabilities"]
#: The coal attributes describe 2013; nobody knew them before the year was over.
_COAL_KNOWN: Final = pd.Timestamp("2014-01-01")
_HEAVY_YEAR: Final = 20


def map_msha_mines(data: Path) -> Iterator[tuple[str, DataSet]]:
    """The five data sets by name. A quarter (year) is known on its last day."""
    mines = pd.read_parquet(data / _FOLDER / "entities.parquet").rename(columns={"mine_id": "establishment"})
    quarters = pd.read_parquet(data / _FOLDER / "inspections.parquet").rename(columns={"mine_id": "establishment"})
    states, events = _states(mines), _events(quarters)
    for name, column in {"msha_any": "breach", "msha_heavy": "breach_heavy", "msha_harm": "harm"}.items():
        yield name, DataSet(_settings("mine-quarter"), states, _quarterly(quarters, column), events)
    years = _years(quarters)
    for name, outcome in {
        "msha_year_harm": years["harm"],
        "msha_year_20plus": years["violations"] >= _HEAVY_YEAR,
    }.items():
        yield name, DataSet(_settings("mine-year"), states, _yearly(years, outcome), events)


def _settings(unit: str) -> dict[str, str | int | date | list[str]]:
    return {
        "unit": unit,
        "train_from": date(2003, 1, 1),
        "train_until": date(2015, 1, 1),
        "test_from": date(2015, 1, 1),
        "test_until": date(2016, 1, 1),
        "k": 300,
        "categorical": [*_STATIC, *_COAL["categorical"]],
        "numeric": _COAL["numeric"],
        "group": _STATIC,
        "nuisance": [],
    }


def _states(mines: pd.DataFrame) -> pd.DataFrame:
    """Two states a coal mine: without (null `known_on`: always known) and, from 2014, with its attributes."""
    coal = [*_COAL["categorical"], *_COAL["numeric"]]
    first = mines[["establishment", *_STATIC]]
    later = mines.loc[mines["coal2013_status"].notna(), ["establishment", *_STATIC, *coal]]
    return pd.concat([first, later.assign(known_on=_COAL_KNOWN)], ignore_index=True)


def _events(quarters: pd.DataFrame) -> pd.DataFrame:
    ends = quarters["period_start"] + pd.offsets.QuarterEnd(0)
    counts = quarters.assign(harm=quarters["harm"].astype(int))
    parts = [
        pd.DataFrame(
            {
                "establishment": counts["establishment"],
                "occurred_on": counts["period_start"],
                "known_on": ends,
                "kind": kind,
                "value": counts[kind].astype(float),
            }
        )[counts[kind] > 0]
        for kind in [*_COUNTED, "harm"]
    ]
    return pd.concat(parts, ignore_index=True)


def _quarterly(quarters: pd.DataFrame, column: str) -> pd.DataFrame:
    """The frame is `at_risk_asof`: `active` would use the quarter's own events."""
    rows = quarters[quarters["at_risk_asof"]]
    return pd.DataFrame(
        {
            "inspection": rows["establishment"] + "-" + rows["year"].astype(str) + "Q" + rows["quarter"].astype(str),
            "establishment": rows["establishment"],
            "occurred_on": rows["period_start"],
            "known_on": rows["period_start"] + pd.offsets.QuarterEnd(0),
            "breach": rows[column].astype(int).where(rows["year"] >= 2000),
            "severity": rows["violations"].astype(float),
        }
    )


def _years(quarters: pd.DataFrame) -> pd.DataFrame:
    ordered = quarters.sort_values(["establishment", "period_start"])
    years = ordered.groupby(["establishment", "year"], as_index=False).agg(
        violations=("violations", "sum"), harm=("harm", "max"), at_risk=("at_risk_asof", "first")
    )
    return years[years["at_risk"]].reset_index(drop=True)


def _yearly(years: pd.DataFrame, outcome: pd.Series) -> pd.DataFrame:
    begins = pd.to_datetime(years["year"].astype(str) + "-01-01")
    return pd.DataFrame(
        {
            "inspection": years["establishment"] + "-" + years["year"].astype(str),
            "establishment": years["establishment"],
            "occurred_on": begins,
            "known_on": begins + pd.offsets.YearEnd(0),
            "breach": outcome.astype(int),
            "severity": years["violations"].astype(float),
        }
    )
