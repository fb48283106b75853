"""The same quarter published twice: once with work crime scored, once without, and nothing else different."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from targeting.domain import AsOf, Quarter, Target
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, TargetRun, write_run
from tests.lib.published_run import OPEN_TARGETS, establishment_rows, score_rows, sector_rows, target_run

__all__ = ["ONLY_WORK_CRIME", "OPEN_ID", "SEEN", "WHOLE_ID", "publish_both"]

AS_OF = date(2027, 1, 1)
OPEN_ID, WHOLE_ID = "a" * 16, "b" * 16
_ROWS = establishment_rows(random.Random(3), 160, AS_OF)
SEEN = str(_ROWS[0]["establishment"])
ONLY_WORK_CRIME = str(_ROWS[150]["establishment"])


def publish_both(without: Path, with_work_crime: Path) -> None:
    """Publish the run without work crime under the first home, and with it under the second."""
    rng = random.Random(7)
    scores: dict[Target, list[dict[str, Any]]] = {}
    for target in OPEN_TARGETS:
        scores[target] = score_rows(rng, _ROWS[:120], target, 1)
    sectors = sector_rows(rng, OPEN_TARGETS)
    _publish(without, scores, sectors, Run(AsOf(AS_OF), Quarter.of(AS_OF), 1, "a" * 64, _about(OPEN_TARGETS)))

    more = {**scores, Target.WORK_CRIME: score_rows(rng, _ROWS[80:], Target.WORK_CRIME, 1)}
    run = Run(AsOf(AS_OF), Quarter.of(AS_OF), 1, "b" * 64, _about(tuple(Target)), open_inputs="a" * 64)
    _publish(with_work_crime, more, [*sectors, *sector_rows(rng, [Target.WORK_CRIME])], run)


def _about(targets: Sequence[Target]) -> dict[Target, TargetRun]:
    return {one: target_run(one, "v1") for one in targets}


def _publish(home: Path, scores: dict[Target, list[dict[str, Any]]], sectors: list[dict[str, Any]], run: Run) -> None:
    listed = {row["establishment"] for rows in scores.values() for row in rows}
    tables = PublishedTables(
        establishments=pa.Table.from_pylist([r for r in _ROWS if r["establishment"] in listed], schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist(sectors, schema=SECTORS),
        scores={target: pa.Table.from_pylist(rows, schema=SCORES) for target, rows in scores.items()},
    )
    write_run(home, run, tables)
