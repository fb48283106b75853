"""What inspections of the last three years found in each priority area, among the inspected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa

from targeting.domain import Target
from targeting.published import AREA_RESULTS, LEAST_SHOWN
from targeting.snapshots.connection import connect, quoted

__all__ = ["area_results_table"]

_YEARS: Final = 3


def area_results_table(
    establishments: Path, scores: Mapping[Target, Path], labels: Mapping[Target, Path], on: date
) -> pa.Table:
    """One row per (target, priority area with at least one establishment scored), sorted by target and area.

    `labels` are the inspections that checked the target and whose answers were known before `on` (`label_relation`).
    The inspected were chosen, so breaches over inspections is no estimate of how common breaches are. Breaches of fewer
    than five inspections are left out.
    """
    with connect() as connection:
        rows = [
            row
            for target in sorted(scores)
            for row in connection.sql(_sql(target, establishments, scores[target], labels[target], on)).fetchall()
        ]
    columns = zip(*rows, strict=True) if rows else [()] * len(AREA_RESULTS)
    return pa.table([list(column) for column in columns], schema=AREA_RESULTS)


def _sql(target: Target, establishments: Path, scores: Path, labels: Path, on: date) -> str:
    since = on.replace(year=on.year - _YEARS)
    everybody, scored, found = (f"read_parquet({quoted(str(path))})" for path in (establishments, scores, labels))
    return f"""
        SELECT area, {quoted(target)} AS target, count(l.label) AS inspections,
            if(count(l.label) >= {LEAST_SHOWN}, count(*) FILTER (l.label = 1), NULL) AS breaches
        FROM (SELECT establishment, unnest(priority_areas) AS area FROM {everybody})
        SEMI JOIN (SELECT establishment FROM {scored}) USING (establishment)
        LEFT JOIN (SELECT establishment, label FROM {found} WHERE occurred_on >= DATE '{since}') l
            USING (establishment)
        GROUP BY area ORDER BY area"""
