"""Groups and dimensions in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipelines.evaluation_report.words import Said, both, has, one, said
from targeting.domain import Standard
from targeting.evaluation.groups import GroupRow
from targeting.parameters.counties import county_name
from targeting.parameters.priority_areas import area
from targeting.parameters.sections import section_called
from targeting.published import SIZE_CLASSES

__all__ = ["dimension_name", "group_name", "in_order", "part_name"]

_ORDER: Final = ("0", *SIZE_CLASSES, "under 1 year", "1-4 years", "5-9 years", "10 years or more", "no", "yes")


def dimension_name(dimension: str) -> Said:
    """What groups are made by."""
    return said(f"dimension.{dimension}")


def group_name(row: GroupRow) -> Said:
    """One group of a dimension."""
    return part_name(row.dimension, row.group)


def part_name(dimension: str, name: str) -> Said:
    """A group or a segment: codes become the names that people use.

    >>> part_name("section", "F").nb, part_name("county", "55").en, part_name("age", "unknown").nb
    ('F Bygge- og anleggsvirksomhet', 'Troms', 'ukjent')
    """
    if has(f"group.{name}"):
        return one("group", name)
    if dimension == "section" and (section := section_called(name, Standard.SN2007)):
        return Said(f"{name} {section.title_nb}", f"{name} {section.title_en}")
    if dimension == "priority_area" and (named := area(name)):
        return Said(named.title_nb, named.title_en)
    return both(county_name(name)) if dimension == "county" else both(name)


def in_order(rows: Iterable[GroupRow]) -> list[GroupRow]:
    """Sizes and ages from small to large, everything else by its code; what is unknown last."""
    return sorted(rows, key=lambda row: (row.group == "unknown", _place(row.group), row.group))


def _place(group: str) -> int:
    return _ORDER.index(group) if group in _ORDER else len(_ORDER)
