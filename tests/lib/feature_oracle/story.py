"""Tell a small story in ASCII tables and ask for a feature.

    features("inspections", '''
        inspection | establishment | occurred_on | known_on
        T1         | A             | 2024-03-01  | 2024-03-01
    ''', as_of="2025-01-01")

A column that is not written is null, or the plain default below where null is not allowed. `-` is null. `known_on` may
be left out: the row was always known.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from targeting.domain import AsOf
from targeting.features import compute, load_families
from targeting.snapshots import AsOfView
from targeting.tables import ALL_TABLES, Kind, Table
from tests.lib.feature_oracle.rules import rule_tables
from tests.lib.small_country import store_of

__all__ = ["ask"]

_ALWAYS = date(2000, 1, 1)
_DEFAULTS: dict[str, Any] = {"known_on": _ALWAYS, "version": 0, "status": "living", "kind": "company", "reference": "1"}


def ask(family: str, establishment: str, as_of: str, **tables: str) -> dict[str, Any]:
    """The features of one family for one establishment on one day, from the tables told."""
    day = date.fromisoformat(as_of)
    country = {table.about.name: _arrow(table, tables.get(table.about.name, "")) for table in ALL_TABLES}
    cohort = pa.table({"establishment": [establishment], "as_of": pa.array([day], pa.date32())})
    chosen = [each for each in load_families() if each.name == family]
    with TemporaryDirectory() as folder:
        store = store_of(country, Path(folder))
        with AsOfView.open(store, cohort, [AsOf(day)], threads=1) as view:
            for name, rows in rule_tables([day]).items():
                view.put(name, rows)
            row: dict[str, Any] = compute(view, chosen).to_pylist()[0]
    return row


def _arrow(table: type[Table], text: str) -> pa.Table:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]] if lines else []
    full = [{name: _value(table, name, row.get(name)) for name in table.columns()} for row in rows]
    return table.check(pa.Table.from_pylist(full, schema=pa.schema([f.with_nullable(True) for f in table.schema()])))


def _value(table: type[Table], name: str, text: str | None) -> Any:
    column = table.columns()[name]
    if text is None:
        return _DEFAULTS.get(name) if column.null is None else None
    if text == "-":
        return None
    match column.kind:
        case Kind.DAY:
            return date.fromisoformat(text)
        case Kind.INTEGER:
            return int(text)
        case Kind.REAL:
            return float(text)
        case Kind.FLAG:
            return {"yes": True, "no": False}[text]
        case Kind.TEXT:
            return text
