"""Priority areas: what the published runs say of each, and what inspections found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from targeting.domain import Target
from targeting.ledger import Outcome
from targeting.published import PublishedRun

__all__ = ["AreaResults", "AreaTable", "TrendPoint", "area_table", "last_results", "trend"]

_LEAST_SHOWN: Final = 5
"""Fewer inspected than this, and a breach could be traced to one of them."""


class AreaTable(NamedTuple):
    """One priority area as published for one target; rates are model estimates for the cohort, with their interval."""

    area: str
    title_nb: str
    title_en: str
    establishments: int
    employees: int
    expected_rate: float
    low: float
    high: float
    expected_breaches: float
    inspected_share: float


class TrendPoint(NamedTuple):
    """The area in one run. Rates are null where the run has no such area, or did not score the target.

    A new `release` may move a rate as much as the area itself: compare within one.
    """

    run: str
    as_of: date
    release: str | None
    expected_rate: float | None
    low: float | None
    high: float | None


class AreaResults(NamedTuple):
    """What was found in the area: the last inspection of any topic, and the outcomes recorded for plans of the target.

    `breaches` is null for fewer than five inspected. It counts among the inspected, who are not everybody: divided by
    `inspected` it is no estimate of how common breaches are.
    """

    last_inspected_on: date | None
    inspected: int
    breaches: int | None


def area_table(run: PublishedRun, target: Target) -> tuple[AreaTable, ...]:
    """The areas of the run for `target`, highest expected rate first."""
    return tuple(AreaTable(*(row[name] for name in AreaTable._fields)) for row in _published(run, target))


def trend(runs: Sequence[PublishedRun], target: Target, areas: Iterable[str]) -> dict[str, tuple[TrendPoint, ...]]:
    """For each of `areas` one point a run, in the order of `runs`."""
    found = [(one, {row["area"]: row for row in _published(one, target)}) for one in runs]
    return {area: tuple(_point(run, target, rows.get(area)) for run, rows in found) for area in areas}


def _published(run: PublishedRun, target: Target) -> list[dict[str, Any]]:
    return sorted((row for row in run.sectors.to_pylist() if row["target"] == target), key=lambda row: row["rank"])


def _point(run: PublishedRun, target: Target, row: Mapping[str, Any] | None) -> TrendPoint:
    scored = run.about.targets.get(target)
    rates = (row["expected_rate"], row["low"], row["high"]) if row else (None, None, None)
    return TrendPoint(run.about.run, run.about.as_of.day, scored.release if scored else None, *rates)


def last_results(run: PublishedRun, areas: Iterable[str], outcomes: Iterable[Outcome]) -> dict[str, AreaResults]:
    """What inspections found in each of `areas`; `outcomes` are those recorded for plans, membership is the run's."""
    known = run.establishments.select(["establishment", "priority_areas", "last_inspected_on"]).to_pylist()
    found = {one.establishment: one.breach for one in outcomes if one.breach is not None}
    inside: dict[str, list[Mapping[str, Any]]] = {area: [] for area in areas}
    for row in known:
        for area in inside.keys() & set(row["priority_areas"]):
            inside[area].append(row)
    return {area: _results(rows, found) for area, rows in inside.items()}


def _results(rows: Sequence[Mapping[str, Any]], found: Mapping[str, bool]) -> AreaResults:
    days = [row["last_inspected_on"] for row in rows if row["last_inspected_on"]]
    seen = [found[row["establishment"]] for row in rows if row["establishment"] in found]
    return AreaResults(max(days, default=None), len(seen), sum(seen) if len(seen) >= _LEAST_SHOWN else None)
