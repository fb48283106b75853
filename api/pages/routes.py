"""The page at `/`: the ranked list for a person."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentRun
from api.identity.rules import rule
from api.pages.templating import Language
from api.pages.templating import page as page_with
from api.routes.rankings import RankingQuery, page_of
from api.schemas.rankings import RankingRow
from targeting.domain import IndustryCode, Standard, Target
from targeting.parameters import counties, priority_areas, sections
from targeting.planning.permissions import check_can_see_scores

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


class PageQuery(RankingQuery):
    """What the page may be asked for: the filters of a ranking, the target, the language."""

    target: Target = Target.BHT_USE
    lang: Language = "nb"
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def address(self, **changes: str | None) -> str:
        """The address of this page with `changes`; what stands at its default is left out."""
        asked = {**self.model_dump(mode="json", exclude_defaults=True), **changes}
        return "/?" + urlencode({name: value for name, value in asked.items() if value is not None})


async def _asked_target(target: Target = Target.BHT_USE) -> Target:
    return target


@router.get("/", dependencies=[rule(check_can_see_scores, _asked_target)])
async def ranked_page(request: Request, run: CurrentRun, query: Annotated[PageQuery, Query()]) -> Response:
    """The ranked list with reasons in words."""
    page = page_of(run, query.target, query)
    about = run.published.about.targets[query.target]
    return page_with(
        request,
        "ranking.html",
        HTTPStatus.OK,
        run_headers(run, about.release),
        query=query,
        run=run,
        about=about,
        total=page.total,
        rows=[RankingRow.model_validate_json(row) for row in page.rows],
        targets=list(run.lists),
        counties=counties.counties(),
        county_name=counties.county_name,
        section_title=_section_title,
        areas=priority_areas.areas(run.published.about.as_of.day),
        next_page=query.address(cursor=page.next) if page.next else None,
        first_page=query.address(cursor=None) if query.cursor else None,
        other_language=query.address(lang="nb" if query.lang == "en" else "en"),
    )


def _section_title(row: RankingRow, language: Language) -> str:
    """What kind of industry the row's code belongs to, in words; empty without a code."""
    if row.industry_code is None or row.industry_standard is None:
        return ""
    section = sections.section_of(IndustryCode(row.industry_code, Standard(row.industry_standard)))
    if section is None:
        return ""
    return section.title_en if language == "en" else section.title_nb
