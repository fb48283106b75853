"""`GET /v1/rankings/{target}`: who to look at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, NamedTuple

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import answer
from api.cursor import read_cursor, write_cursor
from api.deps import CurrentLooks, CurrentRun, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import path_target, rule
from api.looks import listing
from api.schemas.rankings import BandOut, RankingFilters, RankingPage, ScoreFormOut
from api.served_run import ServedRun
from targeting.domain import Target
from targeting.ledger import AuditEvent
from targeting.planning.permissions import Person, check_can_see_scores
from targeting.published import TargetRun

__all__ = ["Page", "RankingQuery", "listed", "page_of", "router", "score_form"]

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


@router.get(
    "/rankings/{target}",
    response_model=RankingPage,
    responses=problems(401, 403, 404, 410, 422, 429, 503),
    dependencies=[rule(check_can_see_scores, path_target)],
)
async def ranking(
    request: Request,
    target: Target,
    run: CurrentRun,
    query: Annotated[RankingQuery, Query()],
    person: CurrentPerson,
    looks: CurrentLooks,
    now: Now,
) -> Response:
    """Establishments by falling probability of a breach. A place in this list is a priority for review, never evidence.

    All filters must hold. `next` leads to the following page for as long as the run is in service; then it is 410.
    """
    release = run.ranking(target).release
    page = page_of(run, target, query)
    await looks.keep(listed(run, target, query, page, person, now))
    head = orjson.dumps(
        {
            "run": run.run,
            "as_of": run.as_of,
            "release": release,
            "target": target,
            "score_form": score_form(run.published.about.targets[target]).model_dump(),
            "total": page.total,
            "next": page.next,
        }
    )
    return answer(request, run, _body(head, page.rows), "application/json", release)


def _body(head: bytes, rows: Sequence[bytes]) -> bytes:
    """The object `head` with `rows` as its last member. Half a megabyte is copied once."""
    begun = head[:-1] + b',"rows":['
    if not rows:
        return begun + b"]}"
    *others, last = rows
    first, *between = (*others, last + b"]}")
    return b",".join((begun + first, *between))


def listed(
    run: ServedRun, target: Target, query: RankingQuery, page: Page, person: Person, now: datetime
) -> AuditEvent:
    """That this page was shown: of which run, through which filters, how many rows of how many."""
    filters = query.filters.model_dump(mode="json", exclude_none=True)
    name = run.published.about.named_for(target)
    return listing(person, now, target, run=name, filters=filters, rows=len(page.rows), total=page.total)


def score_form(about: TargetRun) -> ScoreFormOut:
    """How the target's scores may be read, and why."""
    bands = [BandOut(**asdict(band)) for band in about.bands]
    return ScoreFormOut(
        form="bands" if about.bands else "probability", why_nb=about.why_nb, why_en=about.why_en, bands=bands
    )


def page_of(run: ServedRun, target: Target, query: RankingQuery) -> Page:
    """The page that `query` asks for. The next page begins after the last rank shown, so nothing comes twice."""
    ranked, filters = run.ranking(target), query.filters
    after = read_cursor(query.cursor, run.run, target, filters) if query.cursor else 0
    passing = ranked.passing(filters)
    found = passing.first(query.limit + 1, ranked.after(after))  # one more, to know whether there is a next page
    chosen = found[: query.limit]
    more = len(found) > len(chosen)
    following = write_cursor(run.run, target, filters, ranked.rank(int(chosen[-1]))) if more else None
    return Page(ranked.fragments.take(chosen), len(passing), following)
