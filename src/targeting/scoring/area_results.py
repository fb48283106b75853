"""What inspections of the last three years found in each priority area, among the inspected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import Target
from targeting.parameters.priority_areas import areas
from targeting.published import AREA_RESULTS, LEAST_SHOWN

__all__ = ["area_results_table"]

_YEARS: Final = 3

Row = dict[str, object]


def area_results_table(
    establishments: pa.Table, scores: Mapping[Target, pa.Table], labels: Mapping[Target, pa.Table], on: date
) -> pa.Table:
    """One row per (target, priority area with at least one establishment scored), sorted by target and area.

    `labels` are the inspections that checked the target and whose answers were known before `on` (`label_rows`). The
    inspected were chosen, so breaches over inspections is no estimate of how common breaches are. Breaches of fewer
    than five inspections are left out.
    """
    found = [_results(establishments, target, scores[target], labels[target], on) for target in sorted(scores)]
    return pa.Table.from_pylist([row for rows in found for row in rows], schema=AREA_RESULTS)


def _results(establishments: pa.Table, target: Target, scores: pa.Table, labels: pa.Table, on: date) -> list[Row]:
    scored = pc.is_in(establishments.column("establishment"), value_set=scores.column("establishment").combine_chunks())
    members = establishments.filter(scored).select(["establishment", "priority_areas"]).to_pylist()
    inspections, breaches = _per_establishment(labels, on)
    of_area: dict[str, list[str]] = {one.id: [] for one in areas(on)}
    for row in members:
        for area in row["priority_areas"]:
            of_area[area].append(row["establishment"])
    return [
        _row(area, target, sum(inspections[name] for name in names), sum(breaches[name] for name in names))
        for area, names in sorted(of_area.items())
        if names
    ]


def _per_establishment(labels: pa.Table, on: date) -> tuple[Counter[str], Counter[str]]:
    recent = labels.filter(pc.greater_equal(labels.column("occurred_on"), on.replace(year=on.year - _YEARS)))
    positive = recent.filter(pc.equal(recent.column("label"), 1))
    return Counter(recent.column("establishment").to_pylist()), Counter(positive.column("establishment").to_pylist())


def _row(area: str, target: Target, inspections: int, breaches: int) -> Row:
    return {
        "area": area,
        "target": target.value,
        "inspections_3y": inspections,
        "breaches_3y": breaches if inspections >= LEAST_SHOWN else None,
    }
