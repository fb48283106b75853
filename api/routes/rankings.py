"""`GET /v1/rankings/{target}`: who to look at first."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from api.answers import answer
from api.asked_query import asked, described
from api.deps import CurrentViewer
from api.errors import problems
from api.identity.rules import path_target, rule
from api.ranking_pages import Page
from api.schemas.rankings import RankingFilters, RankingPage
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.planning.permissions import check_can_see_scores

__all__ = ["router"]

router = APIRouter(tags=["rankings"])


class _Query(RankingFilters):
    """Filters and paging of a ranking."""

    limit: Annotated[int, Field(ge=1, le=1000, description="rows a page")] = 100
    cursor: Annotated[str | None, Field(max_length=200, description="`next` of the page before")] = None

    @property
    def filters(self) -> RankingFilters:
        """The filters without the paging."""
        return RankingFilters.model_construct(**{name: getattr(self, name) for name in RankingFilters.model_fields})


@router.get(
    "/rankings/{target}",
    response_model=RankingPage,
    responses=problems(401, 403, 404, 410, 422, 429, 503),
    dependencies=[rule(check_can_see_scores, path_target)],
    openapi_extra=described(_Query),
)
async def ranking(
    request: Request,
    target: Target,
    viewer: CurrentViewer,
    query: Annotated[_Query, Depends(asked(_Query))],
) -> Response:
    """Establishments by falling probability of a breach. A place in this list is a priority for review, never evidence.

    All filters must hold. `next` leads to the following page for as long as the run is in service; then it is 410.
    """
    run, filters = viewer.run, query.filters
    pages = run.pages(target)
    page = pages.page(filters, query.cursor, query.limit)
    await viewer.lists(target, **_shown(run, target, filters, page))
    return answer(request, run, pages.body(page), "application/json", pages.ranked.release)


def _shown(run: ServedRun, target: Target, filters: RankingFilters, page: Page) -> dict[str, Any]:
    """What of a page the ledger keeps: of which run, through which filters, how many rows of how many."""
    name, given = run.published.about.named_for(target), filters.model_dump(mode="json", exclude_none=True)
    return {"run": name, "filters": given, "rows": len(page.rows), "total": page.total}
