"""Writing one data set in the open format (docs/decisions/0020)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

__all__ = ["DataSet", "write_data_set"]

Setting = str | int | date | list[str]


class DataSet(NamedTuple):
    """The settings of `dataset.toml` (without the name) and the tables beside it."""

    settings: Mapping[str, Setting]
    establishments: pd.DataFrame
    inspections: pd.DataFrame
    events: pd.DataFrame | None = None


def write_data_set(out: Path, name: str, data: DataSet) -> Path:
    """Write `data` as the folder `out/name`."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    data.establishments.to_parquet(folder / "establishments.parquet", index=False)
    data.inspections.to_parquet(folder / "inspections.parquet", index=False)
    if data.events is not None:
        data.events.to_parquet(folder / "events.parquet", index=False)
    lines = [f"{key} = {_toml(value)}" for key, value in {"name": name, **data.settings}.items()]
    (folder / "dataset.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _toml(value: Setting) -> str:
    # A list of plain names and a plain name are written alike in JSON and in TOML.
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
