"""`/planer/{plan}/resultat`: what the plan found, and what that tells of everybody it could have drawn."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import CurrentLedger, Home, Now
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.charts import Chart, Estimate, estimates
from api.pages.languages import Speech, speech_of
from api.pages.plans.rules_in_words import value_in_words
from api.pages.templating import page
from api.plans import result_of, viewed_plan
from api.routes.plans.addressed import PlanId, plan_target
from targeting.feedback.plan_result import PlanResult
from targeting.planning.life import By
from targeting.planning.permissions import check_can_see_plan
from targeting.planning.policies import NOT_INSPECTED_REASONS, OVERRIDE_REASONS

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/planer/{plan}/resultat", dependencies=[rule(check_can_see_plan, plan_target)])
def result_page(
    request: Request, plan: PlanId, person: CurrentPerson, ledger: CurrentLedger, home: Home, now: Now
) -> Response:
    """Everything the outcomes allow to say, and nothing they do not."""
    with ledger.write() as connection:
        found = viewed_plan(connection, By(person, now), plan, part="result")
        told = result_of(connection, person, home, plan)
    said = speech_of(request)
    return page(
        request,
        "plan_result.html",
        plan=found,
        told=told,
        inspected=sum(one.inspected for one in told.arms),
        hits=_hits(said, told),
        cohort=_cohort(said, told),
        areas=_areas(said, told),
        calibration=_calibration(said, told),
        reasons={**OVERRIDE_REASONS, **NOT_INSPECTED_REASONS},
    )


def _hits(said: Speech, told: PlanResult) -> Chart | None:
    rows = [
        Estimate(
            said.text(
                "%(arm)s: %(hits)s of %(inspected)s",
                arm=said.named(one.arm, "arm"),
                hits=said.number(one.hits),
                inspected=said.number(one.inspected),
            ),
            *one.rate,
        )
        for one in told.arms
        if one.rate is not None
    ]
    return (
        estimates(said, said.text("Share of inspections that found a breach"), said.text("Chosen"), rows)
        if rows
        else None
    )


def _cohort(said: Speech, told: PlanResult) -> Chart | None:
    cohort = told.cohort
    if cohort is None:
        return None
    ways = sorted(cohort.by, key=lambda one: one is not cohort.default)
    rows = [Estimate(said.named(way, "estimator"), *cohort.by[way]) for way in ways]
    return estimates(
        said, said.text("How common breaches are among all who could be drawn"), said.text("Way of estimating"), rows
    )


def _areas(said: Speech, told: PlanResult) -> Chart | None:
    rows = [
        Estimate(value_in_words(said, "priority_areas", area), *one.interval)
        for area, one in told.areas.items()
        if one is not None
    ]
    return (
        estimates(said, said.text("How common breaches are in the priority areas"), said.text("Priority area"), rows)
        if rows
        else None
    )


def _calibration(said: Speech, told: PlanResult) -> Chart | None:
    rows = [
        Estimate(
            said.text(
                "score %(range)s, on average %(mean)s",
                range=said.interval(one.low, one.high),
                mean=said.percent(one.mean_score),
            ),
            *one.rate,
        )
        for one in told.calibration
        if one.rate is not None and one.mean_score is not None
    ]
    return (
        estimates(said, said.text("What was found, by the score beforehand"), said.text("Score"), rows)
        if rows
        else None
    )
