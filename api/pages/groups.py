"""How the list of a model treats groups, as its newest evaluation found: a chart for each way of grouping."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from api.pages.charts import Chart, Estimate, estimates
from api.pages.languages import Speech
from targeting.domain import Standard, Target
from targeting.parameters import counties, sections

__all__ = ["Evaluated", "evaluated"]

_FOLDER: Final = "evaluations"
_FIGURES: Final = "evaluation.json"
_UNKNOWN: Final = "unknown"
_SMALL_FIRST: Final = (
    *("0", "1-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250+"),
    *("under 1 year", "1-4 years", "5-9 years", "10 years or more"),
)


class Evaluated(NamedTuple):
    """One model's evaluation per `as_of`: who is among the first `k`, group by group.

    `charts` are empty where no group was large enough; a rate of fewer than `minimum` is withheld.
    """

    as_of: str
    k: int
    minimum: int
    charts: tuple[Chart, ...]


def evaluated(home: Path, target: Target, version: str, said: Speech) -> Evaluated | None:
    """What the newest evaluation of this very version says; null where it was not evaluated."""
    found = _newest(home, target, version)
    if found is None or found["groups"] is None:
        return None
    groups = found["groups"]
    return Evaluated(found["as_of"], groups["k"], groups["minimum"], tuple(_charts(said, groups)))


def _newest(home: Path, target: Target, version: str) -> Mapping[str, Any] | None:
    for path in sorted((home / _FOLDER).glob(f"*/{_FIGURES}"), reverse=True):
        found: Mapping[str, Any] = json.loads(path.read_bytes()).get(target.value, {})
        if found.get("version") == version:
            return found
    return None


def _charts(said: Speech, groups: Mapping[str, Any]) -> list[Chart]:
    shown = [row for row in groups["groups"] if row["selection"]]
    return [
        _chart(said, dimension, [groups["everybody"], *sorted(rows, key=_place)])
        for dimension, rows in groupby(shown, lambda row: str(row["dimension"]))
    ]


def _chart(said: Speech, dimension: str, rows: Sequence[Mapping[str, Any]]) -> Chart:
    """The share of each group that is listed; in the table, what inspections found among those who would have been."""
    listed = [(_group(said, row), row["selection"], row["precision"]) for row in rows if row["selection"]]
    drawn = estimates(
        said,
        said.named(dimension, "dimension"),
        said.text("Group"),
        [Estimate(name, rate["share"], rate["low"], rate["high"]) for name, rate, _ in listed],
    )
    return drawn._replace(
        heads=(*drawn.heads, said.text("Establishments"), said.text("Breach when listed and inspected")),
        rows=tuple(
            (*row, said.number(rate["n"]), _precision(said, precision))
            for row, (_, rate, precision) in zip(drawn.rows, listed, strict=True)
        ),
    )


def _precision(said: Speech, rate: Mapping[str, Any] | None) -> str:
    if rate is None:
        return said.text("too few to tell")
    return f"{said.percent(rate['share'])} ({said.interval(rate['low'], rate['high'])})"


def _group(said: Speech, row: Mapping[str, Any]) -> str:
    name = str(row["group"])
    section = sections.section_called(name, Standard.SN2007) if row["dimension"] == "section" else None
    if section is not None:
        return f"{name} {said.told(section, 'title')}"
    county = row["dimension"] == "county" and name != _UNKNOWN
    return counties.county_name(name) if county else said.named(name, "group")


def _place(row: Mapping[str, Any]) -> tuple[bool, int, str]:
    """Sizes and ages from small to large, others by their code, what is unknown last."""
    name = str(row["group"])
    return name == _UNKNOWN, _SMALL_FIRST.index(name) if name in _SMALL_FIRST else len(_SMALL_FIRST), name
