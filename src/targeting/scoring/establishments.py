"""Who is in the run: the cohorts' identity rows, once an establishment, with their priority areas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import IndustryCode, Standard
from targeting.parameters.priority_areas import areas_of
from targeting.published import ESTABLISHMENTS, SIZE_CLASSES

__all__ = ["establishments_table"]

_SOURCE: Final = [name for name in ESTABLISHMENTS.names if name != "priority_areas"]


def establishments_table(cohorts: Iterable[pa.Table], on: date) -> pa.Table:
    """The union of the targets' cohort rows, one row an establishment, sorted by number, as it is published."""
    joined = pa.concat_tables([rows.select(_SOURCE) for rows in cohorts]).combine_chunks()
    first = _first_of_each(joined.column("establishment").to_pylist())
    rows = joined.take(pa.array(first, pa.int64()))
    rows = rows.set_column(_SOURCE.index("size_class"), "size_class", _size_classes(rows.column("size_class")))
    rows = rows.set_column(
        _SOURCE.index("name"), "name", pc.coalesce(rows.column("name"), rows.column("establishment"))
    )
    return rows.append_column("priority_areas", _areas(rows, on)).select(ESTABLISHMENTS.names).cast(ESTABLISHMENTS)


def _first_of_each(numbers: list[str]) -> list[int]:
    """The row of each number's first appearance, in the order of the numbers."""
    first: dict[str, int] = {}
    for row, number in enumerate(numbers):
        first.setdefault(number, row)
    return [first[number] for number in sorted(first)]


def _size_classes(values: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.is_in(values, value_set=pa.array(SIZE_CLASSES))
    return pc.if_else(known, values, pa.scalar(None, pa.string()))


def _areas(rows: pa.Table, on: date) -> pa.Array:
    columns = [rows.column(name).to_pylist() for name in ("industry_code", "industry_standard", "form", "municipality")]
    found = [_areas_of(*values, on) for values in zip(*columns, strict=True)]
    return pa.array(found, ESTABLISHMENTS.field("priority_areas").type)


@cache
def _areas_of(code: str | None, standard: str | None, form: str | None, place: str | None, on: date) -> list[str]:
    if code is None or standard is None:
        return []
    members = areas_of(IndustryCode(code, Standard(standard)), on, form=form, place=place)
    return [member.area for member in members]
