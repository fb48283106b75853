"""`/planer/{plan}`: the list as it stands, what may be done with it now, and why not the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import CurrentLedger, CurrentRun, Home, Now
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.charts import Chart, tile_map
from api.pages.industry import section_of_code
from api.pages.languages import Speech, speech_of
from api.pages.plans.facts import bands_of, facts_of, run_of
from api.pages.plans.forms import form_key
from api.pages.plans.rules_in_words import in_words
from api.pages.templating import page
from api.plans import choices, swaps_for, viewed_plan
from api.routes.plans.addressed import PlanId, plan_target
from targeting.ledger import EventKind, Outcome
from targeting.parameters import counties
from targeting.planning.current_slots import CurrentSlot
from targeting.planning.life import By, LivePlan
from targeting.planning.permissions import check_can_see_plan
from targeting.planning.policies import ADD_REASONS, NOT_INSPECTED_REASONS, OVERRIDE_REASONS
from targeting.published import Band

__all__ = ["SlotRow", "Swap", "band_of_score", "router", "slot_rows"]

router = APIRouter(include_in_schema=False)


class SlotRow(NamedTuple):
    """One slot of the list. `facts` is empty where the run knows nothing; `band` null where scores are numbers."""

    place: int
    slot: CurrentSlot
    facts: Mapping[str, Any]
    section: Any
    band: Band | None
    outcome: Outcome | None


class Swap(NamedTuple):
    """One of the exchanges that would have cost least, and by how much the expected breaches would change."""

    drop: str
    take: str
    change: float


@router.get("/planer/{plan}", dependencies=[rule(check_can_see_plan, plan_target)])
def plan_page(
    request: Request,
    plan: PlanId,
    person: CurrentPerson,
    run: CurrentRun,
    ledger: CurrentLedger,
    home: Home,
    now: Now,
    done: Annotated[EventKind | None, Query()] = None,
) -> Response:
    """The whole plan; that it was seen is in the ledger first."""
    with ledger.write() as connection:
        found = viewed_plan(connection, By(person, now), plan, part="plan")
    source = run_of(home, found.record, run)
    swaps = [Swap(one["drop"], one["take"], one["change"]) for one in found.record.summary.get("nearest_swaps", ())]
    known = facts_of(source, _named(found, swaps))
    rows = slot_rows(found, known, bands_of(source, found.record.target))
    said = speech_of(request)
    return page(
        request,
        "plan_one.html",
        plan=found,
        rows=rows,
        known=known,
        swaps=swaps,
        standbys=sum(stepping is not None for stepping in swaps_for(found).values()),
        choices={one.act: one.refusal for one in choices(person, found)},
        key=lambda act: form_key(request, act, plan, found.version),
        map=_map(said, rows),
        prices=_prices(said, found),
        excluded=_excluded(said, found),
        reasons={**OVERRIDE_REASONS, **NOT_INSPECTED_REASONS},
        add_reasons={code: OVERRIDE_REASONS[code] for code in ADD_REASONS},
        missed_reasons=NOT_INSPECTED_REASONS,
        county_name=counties.county_name,
        banded=bool(bands_of(source, found.record.target)),
        done=done,
    )


def _named(plan: LivePlan, swaps: list[Swap]) -> set[str]:
    """Everybody whom the page names."""
    changed = {number for one in plan.changes for number in (one.establishment, one.taken) if number}
    return {one.establishment for one in plan.slots} | changed | {number for one in swaps for number in one[:2]}


def slot_rows(plan: LivePlan, known: Mapping[str, Mapping[str, Any]], bands: tuple[Band, ...]) -> list[SlotRow]:
    """The list as it stands, in its order."""
    outcomes = {one.establishment: one for one in plan.outcomes}
    return [
        SlotRow(
            place,
            slot,
            facts := known.get(slot.establishment, {}),
            section_of_code(facts.get("industry_code"), facts.get("industry_standard")),
            band_of_score(bands, slot.score),
            outcomes.get(slot.establishment),
        )
        for place, slot in enumerate(plan.slots, start=1)
    ]


def band_of_score(bands: tuple[Band, ...], score: float | None) -> Band | None:
    """The band whose rate was published as this score."""
    return next((band for band in bands if score is not None and abs(band.rate - score) < 1e-9), None)


def _map(said: Speech, rows: list[SlotRow]) -> Chart | None:
    counted = Counter(row.facts["county"] for row in rows if row.facts.get("county"))
    return tile_map(said, said.text("Inspections by county"), said.text("Inspections"), counted) if counted else None


def _prices(said: Speech, plan: LivePlan) -> list[tuple[str, float]]:
    found = [(in_words(said, one["rule"]), float(one["price"])) for one in plan.record.summary.get("prices", ())]
    return sorted(found, key=lambda one: -one[1])


def _excluded(said: Speech, plan: LivePlan) -> list[tuple[str, int]]:
    found = plan.record.summary.get("excluded", {}).items()
    return sorted(((in_words(said, rule), count) for rule, count in found if count), key=lambda one: -one[1])
