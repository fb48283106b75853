"""What inspections found in each priority area: among the inspected, small numbers withheld, never a prevalence."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.areas import areas_page
from targeting.domain import AsOf, Quarter, RefusedError, Target
from targeting.parameters.priority_areas import areas
from targeting.planning.sectors import area_table
from targeting.published import (
    AGGREGATES,
    AREA_RESULTS,
    ESTABLISHMENTS,
    SCORES,
    SECTORS,
    PublishedRun,
    PublishedTables,
    Run,
    area_results_of,
    open_current,
    open_run,
    reduce_run,
    settle_run,
    write_run,
)
from targeting.scoring import area_results_table
from tests.lib import published_run as lib
from tests.lib.ascii_table import rows_of

ON = date(2027, 1, 1)
WHO = pa.table(
    {
        "establishment": ["a", "b", "c", "d"],
        "priority_areas": [["kindergartens"], ["kindergartens", "psychosocial"], ["kindergartens"], []],
    }
)
LABELS = """
    establishment | occurred_on | label
    a             | 2023-12-31  | 1
    a             | 2024-01-01  | 1
    a             | 2026-12-31  | 0
    b             | 2025-05-01  | 1
    b             | 2025-06-01  | 0
    b             | 2025-07-01  | 1
    c             | 2025-05-01  | 1
    d             | 2025-05-01  | 1
"""


def test_inspections_of_three_years_and_their_breaches_are_counted_where_somebody_is_scored(tmp_path: Path) -> None:
    scores = pa.table({"establishment": ["a", "b", "d"]})  # c is not in the target's cohort
    files = {"who": WHO, "scores": scores, "labels": pa.Table.from_pylist(rows_of(LABELS))}
    who, scored, labels = (tmp_path / f"{name}.parquet" for name in files)
    for name, table in files.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")

    found = area_results_table(who, {Target.BHT_USE: scored}, {Target.BHT_USE: labels}, ON).to_pylist()

    assert found == [
        {"area": "kindergartens", "target": "bht_use", "inspections_3y": 2 + 3, "breaches_3y": 1 + 2},
        {"area": "psychosocial", "target": "bht_use", "inspections_3y": 3, "breaches_3y": None},
    ]


def published(home: Path, results: list[dict[str, object]], targets: tuple[Target, ...]) -> PublishedRun:
    rng = random.Random(4)
    rows = lib.establishment_rows(rng, 200, ON)
    hidden = any(target.closed for target in targets)
    run = Run(
        AsOf(ON),
        Quarter.of(ON),
        4,
        "b" * 64,
        {one: lib.target_run(one, "v1") for one in targets},
        open_inputs="c" * 64 if hidden else None,
    )
    tables = PublishedTables(
        establishments=pa.Table.from_pylist(rows, schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist(lib.sector_rows(rng, targets), schema=SECTORS),
        scores={one: pa.Table.from_pylist(lib.score_rows(rng, rows, one, 4), schema=SCORES) for one in targets},
        area_results=pa.Table.from_pylist(results, schema=AREA_RESULTS),
    )
    write_run(home, run, tables)
    return open_current(home)


def row(area: str, target: Target, inspections: int, breaches: int | None) -> dict[str, object]:
    return {"area": area, "target": str(target), "inspections_3y": inspections, "breaches_3y": breaches}


def test_a_closed_targets_results_are_not_in_the_open_part_and_outlive_the_scores(tmp_path: Path) -> None:
    targets = (Target.BHT_USE, Target.WORK_CRIME)
    rows = [row("kindergartens", target, 9, 5) for target in targets]
    run = published(tmp_path, rows, targets)

    assert [area_results_of(run, target) for target in targets] == [[one] for one in rows]
    assert [area_results_of(run.open_part(), target) for target in targets] == [[rows[0]], []]

    nobody: dict[Target, frozenset[str]] = dict.fromkeys(targets, frozenset())
    settle_run(reduce_run(run, nobody, dict.fromkeys(targets, AGGREGATES.empty_table())))
    assert area_results_of(open_run(tmp_path, run.about.run), Target.BHT_USE) == [rows[0]]


def test_breaches_of_fewer_than_five_inspections_cannot_be_published(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="so few"):
        published(tmp_path, [row("kindergartens", Target.BHT_USE, 4, 0)], (Target.BHT_USE,))


def test_the_page_tells_kind_source_and_results_among_the_inspected(tmp_path: Path) -> None:
    target = Target.BHT_USE
    rows = [row("construction_injuries", target, 40, 18), row("kindergartens", target, 3, None)]
    run = published(tmp_path, rows, (target,))
    told = {one.area: one for one in area_table(run, target)}
    page = areas_page(tmp_path, target, 20, 0, None, "table")

    assert [(one.kind, one.inspections_3y, one.breaches_3y) for one in told.values()] == [
        ("bht", 40, 18),
        ("bht", 3, None),
        ("focus", None, None),
    ]
    assert "BHT-prioritering (BHT priority), kilde (source) SEED" in page
    assert "satsingsområde (focus area), kilde (source) SEED" in page
    assert "40, med brudd (with breaches) 18" in page
    assert "3, med brudd (with breaches) under fem" in page
    assert "ikke talt i denne kjøringen" in page
    assert page.count("no prevalence") == 2


def test_three_themes_of_hazards_are_the_occupational_health_services_and_eight_are_focus_areas() -> None:
    kinds = {one.theme: one.kind for one in areas(ON)}
    assert sorted(theme for theme, kind in kinds.items() if kind == "bht") == [
        "cancer",
        "injuries",
        "musculoskeletal_and_mental",
    ]
    assert len([kind for kind in kinds.values() if kind == "focus"]) == 8
    assert all(kinds[one.theme] == one.kind for one in areas(ON))
