"""Priority areas: what the published runs say of each, and what inspections found there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from targeting.domain import Target
from targeting.ledger import Outcome
from targeting.parameters.priority_areas import area as area_called
from targeting.published import LEAST_SHOWN, PublishedRun, area_results_of

__all__ = ["AreaResults", "AreaTable", "TrendPoint", "area_table", "last_results", "trend"]


class AreaTable(NamedTuple):
    """One priority area as published for one target; rates are model estimates for the cohort, with their interval.

    `kind` is bht or focus, `source` where the priority was read (both null: no longer a priority that is known).
    `inspections_3y` checked the target in the last three years and `breaches_3y` of them found its breach, which is no
    prevalence: the inspected were chosen. Null: withheld, or the run did not count.
    """

    area: str
    title_nb: str
    title_en: str
    kind: str | None
    source: str | None
    establishments: int
    employees: int
    expected_rate: float
    low: float
    high: float
    expected_breaches: float
    inspected_share: float
    inspections_3y: int | None
    breaches_3y: int | None


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
    found = {row["area"]: row for row in area_results_of(run, target)}
    rows = (row | _priority(row["area"]) | found.get(row["area"], _NOT_COUNTED) for row in _published(run, target))
    return tuple(AreaTable(*(row[name] for name in AreaTable._fields)) for row in rows)


_NOT_COUNTED: Final = {"inspections_3y": None, "breaches_3y": None}


def _priority(identifier: str) -> dict[str, str | None]:
    known = area_called(identifier)
    return {"kind": known.kind if known else None, "source": known.source if known else None}


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
    return AreaResults(max(days, default=None), len(seen), sum(seen) if len(seen) >= LEAST_SHOWN else None)
