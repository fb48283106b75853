"""Priority areas: what the run in service expects of each, how that moved over the runs, and how to spread N."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipelines.plan_acts import ledger_at
from targeting.domain import BadInputError, Target
from targeting.ledger import Outcome, outcomes_of, plan_ids, plan_of
from targeting.planning.area_allocation import Allocation, recommend
from targeting.planning.problem import Problem
from targeting.planning.sectors import AreaResults, AreaTable, TrendPoint, area_table, last_results, trend
from targeting.published import PublishedRun, open_current, open_run, run_ids

__all__ = ["FORMATS", "AreaPage", "areas", "areas_page"]

FORMATS: Final = ("table", "json")
_POINTS: Final = 5
_KINDS: Final[Mapping[str | None, str]] = {
    "bht": "BHT-prioritering (BHT priority)",
    "focus": "satsingsområde (focus area)",
}


class AreaPage(NamedTuple):
    """One area: as published, over the runs, what was found there, and the inspections recommended for it."""

    published: AreaTable
    trend: tuple[TrendPoint, ...]
    results: AreaResults
    allocation: Allocation


def areas_page(
    home: Path,
    target: Target,
    inspections: int,
    minimum: int,
    problem: Problem | None,
    format: str,  # noqa: A002
) -> str:
    """What `python -m pipelines areas` prints, in `format`: table or json."""
    if format not in FORMATS:
        raise BadInputError(expected=f"one of {', '.join(FORMATS)}", got=repr(format), where="--format")
    run, pages = areas(home, target, inspections, minimum, problem)
    if format == "json":
        return json.dumps(_document(run, target, inspections, pages), ensure_ascii=False, indent=2, default=str)
    head = [
        f"{target} per {run.about.as_of}, kjøring {run.about.run}: {inspections} tilsyn fordelt på områder"
        f" (as of that day, {inspections} inspections spread over areas)",
        "Ratene er modellens anslag for alle i området, med intervall (model estimates for the whole area).",
    ]
    return "\n\n".join(["\n".join(head), *(_block(page) for page in pages)])


def areas(
    home: Path, target: Target, inspections: int, minimum: int, problem: Problem | None = None
) -> tuple[PublishedRun, tuple[AreaPage, ...]]:
    """The run in service and its areas for `target`, highest expected rate first."""
    run = open_current(home)
    table = area_table(run, target)
    names = [one.area for one in table]
    points = trend(_runs_up_to(home, run), target, names)
    found = last_results(run, names, _outcomes(home, target))
    spread = {one.area: one for one in recommend(run, target, inspections, minimum, problem)}
    pages = (AreaPage(one, points[one.area], found[one.area], spread[one.area]) for one in table)
    return run, tuple(pages)


def _runs_up_to(home: Path, current: PublishedRun) -> list[PublishedRun]:
    """Every run of an earlier day, oldest first, and the one in service."""
    known = (open_run(home, one) for one in run_ids(home))
    return [*(one for one in known if one.about.as_of < current.about.as_of), current]


def _outcomes(home: Path, target: Target) -> list[Outcome]:
    with closing(ledger_at(home)) as ledger, ledger.read() as connection:
        plans = [one for one in plan_ids(connection) if plan_of(connection, one).target == target]
        return [outcome for plan in plans for outcome in outcomes_of(connection, plan)]


def _document(run: PublishedRun, target: Target, inspections: int, pages: Sequence[AreaPage]) -> dict[str, Any]:
    return {
        "run": run.about.run,
        "as_of": str(run.about.as_of),
        "target": str(target),
        "inspections": inspections,
        "areas": [
            {
                **page.published._asdict(),
                "last_results": page.results._asdict(),
                "trend": [point._asdict() for point in page.trend],
                "allocation": {**page.allocation._asdict(), "why": page.allocation.why._asdict()},
            }
            for page in pages
        ],
    }


def _block(page: AreaPage) -> str:
    one, given = page.published, page.allocation
    return "\n".join(
        [
            f"{one.title_nb} ({one.title_en})",
            f"  prioritering (priority)               {_KINDS.get(one.kind, 'ukjent (unknown)')}, kilde (source) "
            f"{one.source or 'ukjent (unknown)'}",
            f"  forventet bruddrate (expected rate)   {_rate(one)}, {one.expected_breaches:.0f} brudd (breaches)",
            f"  virksomheter (establishments)         {one.establishments}, ansatte minst (employees, at least) "
            f"{one.employees}, tilsyn siste tre år (inspected in three years) {one.inspected_share:.0%}",
            f"  siste resultater (last results)       {_results(page.results)}",
            f"  blant kontrollerte (among inspected)  {_among_inspected(one)}",
            f"  utvikling (trend)                     {_trend(page.trend)}",
            f"  anbefalt (recommended)                {given.inspections} tilsyn, minst (minimum) {given.minimum}, "
            f"av (of) {given.candidates}; forventet (expected) {given.expected_breaches:.1f} brudd; "
            f"{given.covering} av alle valgte hører til her (of all chosen belong here)",
            f"  avtakende utbytte (returns)           de ti siste (last ten) {given.last_ten:.1f}, "
            f"ti til (ten more) {given.next_ten:.1f}",
            f"  hvorfor (why)                         {given.why.nb} / {given.why.en}",
        ]
    )


def _rate(one: AreaTable) -> str:
    return f"{one.expected_rate:.1%} [{one.low:.1%}, {one.high:.1%}]"


def _results(one: AreaResults) -> str:
    last = f"sist tilsyn (last inspection) {one.last_inspected_on or 'ukjent (unknown)'}"
    if not one.inspected:
        return f"{last}; ingen ført i planer (none recorded in plans)"
    found = one.breaches if one.breaches is not None else "under fem, ikke vist (under five, withheld)"
    return f"{last}; i planer (in plans) {one.inspected} med tilsyn (inspected), brudd (breaches): {found}"


def _among_inspected(one: AreaTable) -> str:
    if one.inspections_3y is None:
        return "ikke talt i denne kjøringen (not counted in this run)"
    found = "under fem, ikke vist (under five, withheld)" if one.breaches_3y is None else one.breaches_3y
    return (
        f"tilsyn på tre år (inspections in three years) {one.inspections_3y}, med brudd (with breaches) {found}; "
        "de ble valgt ut, så dette er ikke utbredelse (they were chosen: no prevalence)"
    )


def _trend(points: Sequence[TrendPoint]) -> str:
    shown = [f"{one.as_of} {'-' if one.expected_rate is None else f'{one.expected_rate:.1%}'}" for one in points]
    return " → ".join(shown[-_POINTS:])
