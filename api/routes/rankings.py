"""`GET /v1/rankings/{target}`: who to look at first."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import answer
from api.cursor import read_cursor, write_cursor
from api.deps import CurrentRun, OpenTarget
from api.errors import problems
from api.schemas.rankings import RankingFilters, RankingPage
from api.served_run import ServedRun
from targeting.domain import Target

__all__ = ["Page", "RankingQuery", "page_of", "router"]

router = APIRouter(tags=["rankings"])


class RankingQuery(RankingFilters):
    """Filters and paging of a ranking."""

    limit: Annotated[int, Field(ge=1, le=1000, description="rows a page")] = 100
    cursor: Annotated[str | None, Field(max_length=200, description="`next` of the page before")] = None

    @property
    def filters(self) -> RankingFilters:
        """The filters without the paging."""
        return RankingFilters(**self.model_dump(include=set(RankingFilters.model_fields)))


class Page(NamedTuple):
    """One page of a ranking: encoded rows, how many pass the filters in all, and the cursor of the next page."""

    rows: list[bytes]
    total: int
    next: str | None


@router.get("/rankings/{target}", response_model=RankingPage, responses=problems(403, 404, 410, 422, 503))
async def ranking(
    request: Request, target: OpenTarget, run: CurrentRun, query: Annotated[RankingQuery, Query()]
) -> Response:
    """Establishments by falling probability of a breach. A place in this list is a priority for review, never evidence.

    All filters must hold. `next` leads to the following page for as long as the run is in service; then it is 410.
    """
    release = run.ranking(target).release
    page = page_of(run, target, query)
    head = orjson.dumps(
        {
            "run": run.run,
            "as_of": run.as_of,
            "release": release,
            "target": target,
            "total": page.total,
            "next": page.next,
        }
    )
    return answer(request, run, head[:-1] + b',"rows":[' + b",".join(page.rows) + b"]}", "application/json", release)


def page_of(run: ServedRun, target: Target, query: RankingQuery) -> Page:
    """The page that `query` asks for. The next page begins after the last rank shown, so nothing comes twice."""
    ranked, filters = run.ranking(target), query.filters
    after = read_cursor(query.cursor, run.run, target, filters) if query.cursor else 0
    rows = ranked.matching(filters)
    start = int(np.searchsorted(rows, after))  # row i has rank i + 1, so rows >= after come after rank `after`
    chosen = rows[start : start + query.limit]
    more = start + len(chosen) < len(rows)
    last_rank = int(chosen[-1]) + 1 if len(chosen) else 0
    following = write_cursor(run.run, target, filters, last_rank) if more else None
    return Page(list(ranked.fragments.take(chosen)), len(rows), following)
