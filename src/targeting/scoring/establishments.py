"""Who is in the run: the identity of everybody in any cohort, once an establishment, with their priority areas."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa

from targeting.cohort import identity_sql
from targeting.domain import IndustryCode, Standard
from targeting.parameters.priority_areas import areas_of
from targeting.published import ESTABLISHMENTS, SIZE_CLASSES, write_rows
from targeting.snapshots import AsOfView
from targeting.snapshots.connection import quoted

__all__ = ["write_establishments"]

_BLOCK: Final = 32_768
_PLACE: Final = ("industry_code", "industry_standard", "form", "municipality")


def write_establishments(view: AsOfView, path: Path) -> None:
    """Write the members of `view` (`choose_union`), sorted by number, to `path` as they are published."""
    (as_of,) = view.as_ofs
    view.connection.execute(f"CREATE OR REPLACE TABLE identified AS {identity_sql()}")
    view.put("priority_areas_of", _areas(view, as_of.day))
    same = " AND ".join(f"a.{name} IS NOT DISTINCT FROM i.{name}" for name in _PLACE)
    sizes = ", ".join(quoted(name) for name in SIZE_CLASSES)
    own = {
        "name": "coalesce(i.name, i.establishment)",
        "size_class": f"if(i.size_class IN ({sizes}), i.size_class, NULL)",
        "priority_areas": "coalesce(a.priority_areas, [])",
    }
    columns = ", ".join(f"{own.get(name, f'i.{name}')} AS {name}" for name in ESTABLISHMENTS.names)
    rows = view.connection.sql(
        f"SELECT {columns} FROM identified i LEFT JOIN priority_areas_of a ON {same} ORDER BY i.establishment"
    )
    write_rows(path, ESTABLISHMENTS, rows.to_arrow_reader(_BLOCK))


def _areas(view: AsOfView, on: date) -> pa.Table:
    """The priority areas of every combination of code, form and place that is there; a combination is asked once."""
    found = view.connection.sql(f"SELECT DISTINCT {', '.join(_PLACE)} FROM identified").fetchall()
    areas = [_areas_of(code, standard, form, place, on) for code, standard, form, place in found]
    columns = [pa.array([values[place] for values in found], pa.string()) for place in range(len(_PLACE))]
    return pa.Table.from_arrays([*columns, pa.array(areas, pa.list_(pa.string()))], names=[*_PLACE, "priority_areas"])


def _areas_of(code: str | None, standard: str | None, form: str | None, place: str | None, on: date) -> list[str]:
    if code is None or standard is None:
        return []
    members = areas_of(IndustryCode(code, Standard(standard)), on, form=form, place=place)
    return [member.area for member in members]
