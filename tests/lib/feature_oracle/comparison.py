"""The oracle's families by name, and a country made more awkward for the features than it was."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from targeting.tables import ALL_TABLES
from tests.lib.feature_oracle.accounts import accounts
from tests.lib.feature_oracle.duties import approvals
from tests.lib.feature_oracle.flags import work_crime_flags
from tests.lib.feature_oracle.history import inspection_history
from tests.lib.feature_oracle.known import Known
from tests.lib.feature_oracle.places import industry, neighbourhood
from tests.lib.feature_oracle.units import enterprise, workforce
from tests.lib.small_country import small_country

__all__ = ["FAMILIES", "agree", "crowded_country"]

FAMILIES: dict[str, Callable[[Known, str, str | None], dict[str, Any]]] = {
    "accounts": accounts,
    "approvals": approvals,
    "enterprise": enterprise,
    "industry": industry,
    "inspection_history": inspection_history,
    "neighbourhood": neighbourhood,
    "work_crime_flags": work_crime_flags,
    "workforce": workforce,
}


def agree(expected: object, got: object) -> bool:
    """Exact for whole numbers, flags and texts; 1e-9, relative or absolute, for reals. Null agrees with null only."""
    if isinstance(expected, float) and isinstance(got, float):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-9)
    return (expected is None) == (got is None) and expected == got


def crowded_country(seed: int, establishments: int = 60) -> dict[str, pa.Table]:
    """A small country with what it lacks: parents, recent starts beside bankruptcies, few streets, several codes."""
    rng = random.Random(seed)
    tables = {name: table.to_pylist() for name, table in small_country(seed, establishments).items()}
    parents = [row["enterprise"] for row in tables["enterprises"][:3]]
    for row in tables["enterprises"]:
        row["parent"] = rng.choice((*parents, None, None))
        row["audit_waived_on"] = rng.choice((row["known_on"], None, None))
        if rng.random() < 0.4:
            _start_late(rng, row, "founded_on")
    for row in tables["establishments"]:
        row["industry_code_2"] = rng.choice(("43.210", None))
        row["address"] = rng.choice(("Storgata 1", "storgata  1", row["address"]))
        row["postal_code"] = rng.choice(("0150", row["postal_code"]))
        if rng.random() < 0.5:
            _start_late(rng, row, "started_on")
    for row in tables["inspections"]:
        row["status"] = rng.choice((row["status"], "planlegging"))
    return {table.about.name: _arrow(table.schema(), tables[table.about.name]) for table in ALL_TABLES}


def _start_late(rng: random.Random, row: dict[str, Any], name: str) -> None:
    known: date = row["known_on"]
    row[name] = known - timedelta(days=rng.randint(0, 500))


def _arrow(schema: pa.Schema, rows: list[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
