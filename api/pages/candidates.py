"""`/kandidater`: who to look at first, with the reasons in words, narrowed as the planner likes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Literal, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentViewer
from api.identity.rules import rule
from api.pages.candidate_filters import AskedCandidates, CandidateQuery, Order, chosen_rows, sections_in
from api.pages.charts import whisker
from api.pages.industry import section_of_code
from api.pages.paging import pages_of
from api.pages.targets import asked_target, targets_in
from api.pages.templating import page
from api.schemas.rankings import RankingRow
from api.served_run import ServedRun
from targeting.parameters import counties, priority_areas
from targeting.planning.permissions import can_export, check_can_see_scores
from targeting.published import SIZE_CLASSES

__all__ = ["Sorting", "router"]

router = APIRouter(include_in_schema=False)

_A_PAGE: Final = 50
_FIRST: Final[tuple[tuple[str, Order, Order], ...]] = (
    ("rank", "rank", "-rank"),
    ("employees", "-employees", "employees"),
    ("score", "-score", "score"),
    ("inspected", "inspected", "-inspected"),
)
"""What can be ordered by, the way one wants first, and the way back."""


class Sorting(NamedTuple):
    """A column to order by: how the list is ordered by it (null: it is not), and where its head leads."""

    way: Literal["ascending", "descending"] | None
    address: str


@router.get("/kandidater", dependencies=[rule(check_can_see_scores, asked_target)])
async def candidates_page(request: Request, viewer: CurrentViewer, query: AskedCandidates) -> Response:
    """One page of the ranked list; that it was seen is in the ledger before it is sent."""
    run = viewer.run
    ranked, rows = run.ranking(query.target), chosen_rows(run, query)
    pages = pages_of(len(rows), query.page, _A_PAGE)
    shown = [RankingRow.model_validate_json(one) for one in ranked.fragments.take(rows[pages.first - 1 : pages.last])]
    await viewer.lists(query.target, run=run.run, filters=query.narrowed, page=pages.page, rows=len(shown))
    return page(
        request,
        "candidates.html",
        HTTPStatus.OK,
        run_headers(run, ranked.release),
        query=query,
        run=run,
        about=run.published.about.targets[query.target],
        rows=shown,
        pages=pages,
        next_page=query.address("/kandidater", pages.page + 1) if pages.page < pages.pages else None,
        previous_page=query.address("/kandidater", pages.page - 1) if pages.page > 1 else None,
        download=query.address("/kandidater.csv") if can_export(viewer.person, query.target) else None,
        targets=targets_in(run),
        sortings=_sortings(query),
        **_words(run, query),
    )


def _sortings(query: CandidateQuery) -> dict[str, Sorting]:
    """The head of the column that orders the list turns it round; each of the others orders it as one wants first."""
    return {
        column: Sorting(
            _way(query.sort) if query.sort in (first, back) else None,
            query.address("/kandidater", sort=back if query.sort == first else first),
        )
        for column, first, back in _FIRST
    }


def _way(order: Order) -> Literal["ascending", "descending"]:
    return "descending" if order.startswith("-") else "ascending"


def _words(run: ServedRun, query: CandidateQuery) -> dict[str, object]:
    """What the filters offer, and how a row's codes are called."""
    areas = priority_areas.areas(run.published.about.as_of.day)
    return {
        "counties": counties.counties(),
        "county_name": counties.county_name,
        "areas": areas,
        "area_of": {one.id: one for one in areas},
        "sections": sections_in(run),
        "sizes": SIZE_CLASSES,
        "section_of": section_of_code,
        "whisker": whisker,
        "narrowed": len(query.narrowed),
    }
