"""A few rows of a run by number, read from its files without the rest: a run in service may hold a country."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import Target
from targeting.published.reading import PublishedRun
from targeting.published.schemas import AREA_RESULTS, AREA_RESULTS_FILE, ESTABLISHMENTS, HOLDINGS, HOLDINGS_FILE, SCORES

__all__ = ["area_results_of", "establishment_rows_of", "holdings_of", "known_as", "score_rows_of", "scored_in"]

Row = dict[str, Any]


def holdings_of(run: PublishedRun, numbers: Collection[str]) -> list[Row] | None:
    """What was held about `numbers`, with the columns of `HOLDINGS`; null where the run does not say."""
    if not (run.folder / HOLDINGS_FILE).is_file():
        return None
    return _rows(run, HOLDINGS_FILE, HOLDINGS, "number", numbers)


def area_results_of(run: PublishedRun, target: Target) -> list[Row]:
    """The rows of `AREA_RESULTS` for `target`; none where the run does not show the target, or did not count."""
    if target not in run.about.targets or not (run.folder / AREA_RESULTS_FILE).is_file():
        return []
    return _rows(run, AREA_RESULTS_FILE, AREA_RESULTS, "target", [target])


def known_as(run: PublishedRun, number: str) -> list[Row]:
    """The rows of `ESTABLISHMENTS` that `number` is, or is the enterprise of, and whom a target of the run lists."""
    found = [
        row
        for column in ("establishment", "enterprise")
        for row in _rows(run, "establishments.parquet", ESTABLISHMENTS, column, [number])
    ]
    names = [str(row["establishment"]) for row in found]
    listed = {row["establishment"] for target in run.about.targets for row in score_rows_of(run, target, names)}
    return [row for row in found if row["establishment"] in listed]


def establishment_rows_of(run: PublishedRun, numbers: Collection[str], *, listed: bool = False) -> list[Row]:
    """The rows of `ESTABLISHMENTS` of these numbers. With `listed` the caller knows that the run lists all of them.

    The file is sorted by number, so that only the few row groups that can hold them are read.
    """
    shown = numbers if listed else run.listed(numbers)
    return _rows(run, "establishments.parquet", ESTABLISHMENTS, "establishment", shown)


def score_rows_of(run: PublishedRun, target: Target, numbers: Collection[str]) -> list[Row]:
    """The rows of `SCORES` of these establishments, by rank; of a target the run does not show, none."""
    if target not in run.about.targets:
        return []
    return _rows(run, f"scores_{target}.parquet", SCORES, "establishment", numbers)


def scored_in(run: PublishedRun, target: Target) -> int:
    """How many establishments the run's list of `target` holds."""
    rows: int = pq.read_metadata(run.folder / f"scores_{target}.parquet").num_rows
    return rows


def _rows(run: PublishedRun, name: str, schema: pa.Schema, column: str, values: Collection[str]) -> list[Row]:
    if not values:
        return []
    chosen = pq.read_table(run.folder / name, partitioning=None, filters=[(column, "in", sorted(set(values)))])
    rows: list[Row] = chosen.cast(schema).to_pylist()
    return rows
