"""Priority areas ranked: how many breaches the models expect there, and how much of it was inspected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from targeting.domain import Target
from targeting.parameters.priority_areas import Area, areas
from targeting.published import SECTORS

__all__ = ["sectors_table"]

_RECENT_YEARS: Final = 3

Row = dict[str, object]


def sectors_table(establishments: pa.Table, scores: Mapping[Target, pa.Table], on: date) -> pa.Table:
    """One row per (target, priority area with at least one establishment scored), ranked by expected rate.

    The rate is the mean score of the area's cohort. Its interval is the mean of the scores' own ends: the scores
    share one calibration, so its error does not average out over establishments as sampling error would.
    """
    people = _Members(establishments, on)
    rows: list[Row] = []
    for target in sorted(scores):
        found = [_row(one, target, people.of(one.id), scores[target]) for one in areas(on)]
        known = sorted(
            (row for row in found if row), key=lambda row: (-float(str(row["expected_rate"])), str(row["area"]))
        )
        rows += [row | {"rank": place} for place, row in enumerate(known, start=1)]
    return pa.Table.from_pylist(rows, schema=SECTORS)


class _Members:
    """The establishments of each area: number -> (known employees, inspected in the last three years)."""

    def __init__(self, establishments: pa.Table, on: date) -> None:
        since = on.replace(year=on.year - _RECENT_YEARS)
        columns = [establishments.column(name).to_pylist() for name in _COLUMNS]
        self._areas: dict[str, dict[str, tuple[int, bool]]] = {}
        for number, employees, inspected, ids in zip(*columns, strict=True):
            recent = inspected is not None and inspected >= since
            for identifier in ids:
                self._areas.setdefault(identifier, {})[number] = (employees or 0, recent)

    def of(self, area: str) -> Mapping[str, tuple[int, bool]]:
        return self._areas.get(area, {})


_COLUMNS: Final = ("establishment", "employees_low", "last_inspected_on", "priority_areas")


def _row(area: Area, target: Target, members: Mapping[str, tuple[int, bool]], scores: pa.Table) -> Row | None:
    numbers = scores.column("establishment").to_pylist()
    places = np.array([place for place, number in enumerate(numbers) if number in members], dtype=np.int64)
    if len(places) == 0:
        return None
    rate, low, high = (float(scores.column(name).to_numpy()[places].mean()) for name in ("score", "low", "high"))
    inside = [members[numbers[place]] for place in places.tolist()]
    return {
        "area": area.id,
        "title_nb": area.title_nb,
        "title_en": area.title_en,
        "target": target.value,
        "establishments": len(inside),
        "employees": sum(employees for employees, _ in inside),
        "expected_rate": rate,
        "low": low,
        "high": high,
        "expected_breaches": rate * len(inside),
        "inspected_share": sum(recent for _, recent in inside) / len(inside),
    }
