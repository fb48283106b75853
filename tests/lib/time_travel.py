"""Histories that agree on everything known before a day and differ after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from targeting.tables import ALL_TABLES
from tests.lib.small_country import small_country

__all__ = ["appended", "truncated"]

Tables = Mapping[str, pa.Table]


def truncated(tables: Tables, day: date) -> dict[str, pa.Table]:
    """`tables` without every row known on or after `day`: the store as it was on the evening before."""
    return {name: rows.filter(pc.less(rows["known_on"], pa.scalar(day, pa.date32()))) for name, rows in tables.items()}


def appended(tables: Tables, day: date, seed: int, establishments: int = 60) -> dict[str, pa.Table]:
    """`tables` plus another country's history about the very same units, all of it known on `day` or later.

    Only `known_on` is moved. Whatever those rows say of the past (inspections, accidents and accounts years old)
    keeps its date, so a reader that goes by when things happened will see them.
    """
    other = small_country(seed, establishments)
    return {
        table.about.name: _joined(tables[table.about.name], _late(other[table.about.name], day)) for table in ALL_TABLES
    }


def _late(rows: pa.Table, day: date) -> pa.Table:
    known = pc.max_element_wise(rows["known_on"], pa.scalar(day, pa.date32())).cast(pa.date32())
    return rows.set_column(rows.column_names.index("known_on"), rows.schema.field("known_on"), known)


def _joined(rows: pa.Table, late: pa.Table) -> pa.Table:
    return pa.concat_tables([rows, late.cast(rows.schema)])
