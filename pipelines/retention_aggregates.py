"""What stays of a cohort when its members go: counts and mean scores of cells that tell of nobody alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from targeting.domain import IndustryCode, Standard, Target
from targeting.parameters.sections import section_of
from targeting.published import AGGREGATES, PublishedRun

__all__ = ["aggregates_of"]


def aggregates_of(run: PublishedRun, target: Target, smallest: int) -> pa.Table:
    """One row per (per, value) of at least `smallest` establishments, sorted; see `AGGREGATES`."""
    columns = ("establishment", "industry", "county", "priority_areas")
    known = {row["establishment"]: row for row in run.establishments.select(columns).to_pylist()}
    cells: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in run.scores(target).select(["establishment", "score"]).to_pylist():
        for cell in _cells(known[row["establishment"]], row["score"]):
            cells[cell].append(row["score"])
    rows = [
        {"per": per, "value": value, "establishments": len(scores), "mean_score": sum(scores) / len(scores)}
        for (per, value), scores in sorted(cells.items())
        if len(scores) >= smallest
    ]
    return pa.Table.from_pylist(rows, schema=AGGREGATES)


def _cells(establishment: dict[str, Any], score: float) -> Iterator[tuple[str, str]]:
    yield "all", "all"
    yield "score", f"{min(int(score * 10), 9) / 10:.1f}"
    if establishment["county"]:
        yield "county", establishment["county"]
    for area in establishment["priority_areas"]:
        yield "area", area
    # The published industry is harmonised to SN2007, whatever standard the register gave.
    section = (
        section_of(IndustryCode(establishment["industry"], Standard.SN2007)) if establishment["industry"] else None
    )
    if section:
        yield "section", section.letter
