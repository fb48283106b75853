"""`GET /v1/establishments/{number}`: everything that was published about one establishment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from api.answers import model_answer
from api.deps import CurrentViewer
from api.errors import problems
from api.identity.rules import rule
from api.schemas.establishments import Duties, EstablishmentAnswer, Facts, ScoreOut
from api.served_run import EstablishmentRow, ServedRun
from targeting.domain import AsOf, IndustryCode, OrganisationNumber, Scheme, Standard
from targeting.parameters import approval_schemes, hiring_ban
from targeting.planning.permissions import check_can_see_establishments

__all__ = ["router"]

router = APIRouter(tags=["establishments"])


@router.get(
    "/establishments/{number}",
    response_model=EstablishmentAnswer,
    responses=problems(401, 403, 404, 422, 429, 503),
    dependencies=[rule(check_can_see_establishments)],
)
async def establishment(request: Request, number: str, viewer: CurrentViewer) -> Response:
    """Facts, duties on the as-of day, and the score for each target whose cohort the establishment is in.

    A score is a priority for review, never evidence of a breach.
    """
    run, row = viewer.run, viewer.run.establishment(OrganisationNumber(number))
    body = EstablishmentAnswer(
        run=run.run,
        as_of=run.published.about.as_of.day,
        release=dict(run.releases),
        facts=_facts(row.facts),
        duties=_duties(row.facts, run.published.about.as_of),
        scores=_scores(run, row),
    )
    await viewer.looks_up(row.facts["establishment"], [one.target for one in body.scores])
    return model_answer(request, run, body)


def _facts(row: Mapping[str, Any]) -> Facts:
    facts = Facts(**{name: row[name] for name in Facts.model_fields})
    return facts.model_copy(update={"name": None}) if facts.sole_proprietor else facts


def _duties(row: Mapping[str, Any], as_of: AsOf) -> Duties:
    place = row["municipality"] or row["county"]
    schemes: tuple[Scheme, ...] = ()
    if row["industry_code"] and row["industry_standard"]:
        code = IndustryCode(row["industry_code"], Standard(row["industry_standard"]))
        schemes = approval_schemes.duties(code, as_of.day)
    return Duties(
        bht_duty=row["bht_duty"],
        bht_clause=row["bht_clause"],
        bht_dispensation=row["bht_dispensation"],
        approval_schemes=[str(scheme) for scheme in schemes],
        approvals_missing=row["approvals_missing"],
        hiring_ban_region=hiring_ban.in_ban(place, as_of.day) if place else None,
    )


def _scores(run: ServedRun, found: EstablishmentRow) -> list[ScoreOut]:
    return [
        ScoreOut(
            target=str(target),
            rank=row.rank,
            of=len(run.lists[target]),
            score=row.score,
            low=row.low,
            high=row.high,
            band=row.band,
            listing_probability=row.listing_probability,
            reasons=row.reasons,
        )
        for target, row in found.rows.items()
    ]
