"""`/virksomheter/{number}`: what is known and what is expected of one establishment, kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.answers import run_headers
from api.deps import CurrentViewer, Home
from api.identity.rules import rule
from api.pages.charts import Chart, Push, diverging, whisker
from api.pages.earlier_scores import drawn_standings, standings
from api.pages.industry import section_of_code
from api.pages.languages import Speech, speech_of
from api.pages.targets import targets_in
from api.pages.templating import page
from api.published_runs import runs_until
from api.schemas.rankings import RankingRow
from api.served_run import EstablishmentRow, ServedRun
from targeting.domain import IndustryCode, OrganisationNumber, Scheme, Standard, Target
from targeting.parameters import approval_schemes, counties, hiring_ban, priority_areas
from targeting.planning.permissions import check_can_see_establishments
from targeting.published import Band, PublishedRun, TargetRun, band_of

__all__ = ["Scored", "router"]

router = APIRouter(include_in_schema=False)

_PERCENT: Final = 100


class Scored(NamedTuple):
    """The establishment in one target's ranking, `of` how many.

    `chart` draws its reasons, null without any; `earlier` its scores from run to run, null in the first.
    """

    target: Target
    row: RankingRow
    of: int
    about: TargetRun
    band: Band | None
    chart: Chart | None
    earlier: Chart | None

    @property
    def percentile(self) -> int:
        """It is among the highest so many percent of the ranking."""
        return max(1, -(-_PERCENT * self.row.rank // self.of))


@router.get("/virksomheter/{number}", dependencies=[rule(check_can_see_establishments)])
async def establishment_page(request: Request, number: str, viewer: CurrentViewer, home: Home) -> Response:
    """Scores with their reasons, and beside them the facts; that it was seen is in the ledger first."""
    run, asked = viewer.run, OrganisationNumber(number)
    row = run.establishment(asked)
    runs = await run_in_threadpool(runs_until, home, viewer.person, run)
    scored = await run_in_threadpool(_scored, run, row, runs, speech_of(request))
    await viewer.looks_up(asked.value, [one.target for one in scored])
    return page(
        request,
        "establishment.html",
        HTTPStatus.OK,
        run_headers(run),
        run=run,
        facts=row.facts,
        scored=scored,
        section=section_of_code(row.facts["industry_code"], row.facts["industry_standard"]),
        areas=[found for one in row.facts["priority_areas"] if (found := priority_areas.area(one))],
        schemes=_schemes(run, row),
        in_ban=_in_ban(run, row),
        county_name=counties.county_name,
        whisker=whisker,
    )


def _scored(run: ServedRun, row: EstablishmentRow, runs: Sequence[PublishedRun], said: Speech) -> list[Scored]:
    about = run.published.about.targets
    return [
        Scored(
            target,
            one,
            len(run.lists[target]),
            about[target],
            band_of(about[target].bands, one.band),
            _reasons(one, target, said),
            drawn_standings(said, target, standings(runs, target, one.establishment)),
        )
        for target in targets_in(run)
        if (one := row.rows.get(target)) is not None
    ]


def _reasons(row: RankingRow, target: Target, said: Speech) -> Chart | None:
    pushes = [Push(said.told(reason, "text"), reason.contribution) for reason in row.reasons]
    title = said.text("What raises and lowers the score: %(target)s", target=said.named(target, "target"))
    return diverging(said, title, pushes) if pushes else None


def _schemes(run: ServedRun, row: EstablishmentRow) -> tuple[Scheme, ...]:
    """The approval registers that its industry has to be in on the as-of day."""
    code, standard = row.facts["industry_code"], row.facts["industry_standard"]
    if not code or not standard:
        return ()
    return approval_schemes.duties(IndustryCode(code, Standard(standard)), run.published.about.as_of.day)


def _in_ban(run: ServedRun, row: EstablishmentRow) -> bool | None:
    """Whether it lies where hiring for building work is forbidden; null when its place is not known."""
    place = row.facts["municipality"] or row.facts["county"]
    return hiring_ban.in_ban(place, run.published.about.as_of.day) if place else None
