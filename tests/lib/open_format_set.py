"""A small data set in the open format, with a known truth: what the features should find, and who was sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["SETTINGS", "Tables", "tables", "write_set"]

SETTINGS: dict[str, Any] = {
    "name": "small",
    "unit": "visit",
    "train_from": date(2020, 1, 1),
    "train_until": date(2023, 1, 1),
    "test_from": date(2023, 1, 1),
    "test_until": date(2024, 1, 1),
    "k": 50,
    "categorical": ["kind"],
    "numeric": ["size", "opened"],
    "group": ["region"],
    "nuisance": ["inspector"],
}

Tables = dict[str, pd.DataFrame]


def tables(rows: int = 1500, establishments: int = 300, seed: int = 5) -> Tables:
    """Breach follows the establishment's own frailty, its kind, its complaints, and strongly the inspector sent."""
    draw = np.random.default_rng(seed)
    frailty, kind = draw.normal(size=establishments), draw.integers(0, 3, establishments)
    who = draw.integers(0, establishments, rows)
    day = np.datetime64("2020-01-01") + np.sort(draw.integers(0, 4 * 365, rows))
    inspector = draw.integers(0, 6, rows)
    odds = -1.6 + frailty[who] + 0.6 * kind[who] + 0.8 * (inspector - 2.5)
    breach = (draw.random(rows) < 1.0 / (1.0 + np.exp(-odds))).astype(float)
    units = pd.DataFrame(
        {
            "establishment": np.arange(establishments),
            "kind": np.array(["cafe", "shop", None], dtype=object)[kind],
            "size": draw.integers(1, 200, establishments),
            "opened": [date(2000 + int(year), 5, 1) for year in draw.integers(0, 19, establishments)],
            "region": draw.integers(1, 9, establishments),
        }
    )
    visits = pd.DataFrame(
        {
            "inspection": [f"v{number}" for number in range(rows)],
            "establishment": who,
            "occurred_on": day,
            "known_on": np.where(draw.random(rows) < 0.5, day + draw.integers(0, 60, rows), np.datetime64("NaT")),
            "breach": np.where(draw.random(rows) < 0.03, np.nan, breach),
            "severity": breach * draw.integers(1, 5, rows),
            "inspector": [f"i{number}" for number in inspector],
        }
    )
    complainers = draw.choice(establishments, rows // 3, p=np.exp(frailty) / np.exp(frailty).sum())
    events = pd.DataFrame(
        {
            "establishment": complainers,
            "occurred_on": np.datetime64("2020-01-01") + draw.integers(0, 4 * 365, rows // 3),
            "known_on": np.datetime64("NaT"),
            "kind": draw.choice(["complaint", "fire"], rows // 3),
            "value": draw.integers(1, 4, rows // 3).astype(float),
        }
    )
    return {"establishments": units, "inspections": visits, "events": events}


def write_set(folder: Path, found: Tables, settings: dict[str, Any] | None = None) -> Path:
    """Write the tables and settings as a folder of the open format."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in found.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    lines = [f"{key} = {_toml(value)}" for key, value in (settings or SETTINGS).items()]
    (folder / "dataset.toml").write_text("\n".join(lines) + "\n")
    return folder


def _toml(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value).replace("'", '"')
