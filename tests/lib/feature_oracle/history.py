"""inspection_history.toml, recomputed."""

from __future__ import annotations

from typing import Any

from tests.lib.feature_oracle.known import SANCTIONS, Known, Outcome, days, share

__all__ = ["inspection_history"]

STRENGTH = 4


def inspection_history(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    return (
        _visits(known, establishment)
        | _outcomes(known, establishment)
        | _reactions_and_incidents(known, establishment)
        | _enterprise(known, enterprise)
    )


def _visits(known: Known, establishment: str) -> dict[str, Any]:
    own = [row for row in known.started if row["establishment"] == establishment]
    answered = {outcome.inspection for outcome in known.outcomes}
    newest = own[-1] if own else None
    pending = newest is not None and newest["inspection"] not in answered
    return {
        "inspections_1y": sum(known.within(row["occurred_on"], 1) for row in own),
        "inspections_3y": sum(known.within(row["occurred_on"], 3) for row in own),
        "inspections_5y": sum(known.within(row["occurred_on"], 5) for row in own),
        "inspections_all": len(own),
        "document_inspections_all": sum(row["form"] == "document" for row in own),
        "follow_up_inspections_3y": sum(
            row["origin"] == "follow_up" and known.within(row["occurred_on"], 3) for row in own
        ),
        "days_since_inspection": days(known.as_of, (row["occurred_on"] for row in own)),
        "days_answers_pending": (known.as_of - newest["occurred_on"]).days if newest and pending else None,
    }


def _outcomes(known: Known, establishment: str) -> dict[str, Any]:
    own = [outcome for outcome in known.outcomes if outcome.establishment == establishment]
    last = own[-1] if own else None
    return {
        "days_since_bht_inspection": days(known.as_of, (o.occurred_on for o in own if o.checked("BHT"))),
        "days_since_breach": days(known.as_of, (o.occurred_on for o in own if o.breaches())),
        "answered_inspections": len(own),
        "last_breaches": last.breaches() if last else None,
        "last_breach_share": share(last.breaches(), last.checked()) if last else None,
        "last_bht_breach": _last_topic(own, "BHT"),
        "last_hiring_breach": _last_topic(own, "INN"),
        "last_crime_breach": _last_topic(own, "AKR"),
        "last_serious": last.serious if last else None,
        "breaches_3y": sum(o.breaches() for o in own if known.within(o.occurred_on, 3)),
        "breaches_per_control_point": share(sum(o.breaches() for o in own), sum(o.checked() for o in own)),
        "breach_rate_smoothed": _smoothed(own, None, known.breach_rate),
        "bht_breach_rate_smoothed": _smoothed(own, "BHT", known.bht_breach_rate),
        "serious_5y": sum(o.serious for o in own if known.within(o.occurred_on, 5)),
    }


def _reactions_and_incidents(known: Known, establishment: str) -> dict[str, Any]:
    started = {i: row["occurred_on"] for i, row in known.headers.items() if row["establishment"] == establishment}
    own = [(row["kind"], started[row["inspection"]]) for row in known.reactions if row["inspection"] in started]
    incidents = [r for r in known.newest("incidents", "incident").values() if r["establishment"] == establishment]
    return {
        "orders_3y": sum(kind == "order" and known.within(day, 3) for kind, day in own),
        "sanctions_5y": sum(kind in SANCTIONS and known.within(day, 5) for kind, day in own),
        "accidents_3y": sum(r["kind"] == "accident" and known.within(r["occurred_on"], 3) for r in incidents),
        "notices_1y": sum(r["kind"] in ("tip", "concern") and known.within(r["occurred_on"], 1) for r in incidents),
    }


def _enterprise(known: Known, enterprise: str | None) -> dict[str, Any]:
    names = (
        "enterprise_inspections_3y",
        "enterprise_answered_inspections",
        "enterprise_breach_rate_smoothed",
        "enterprise_bht_breach_rate_smoothed",
        "enterprise_days_since_breach",
        "enterprise_serious_5y",
    )
    if enterprise is None:
        return dict.fromkeys(names)
    members = known.members(enterprise)
    visits = [row for row in known.started if row["establishment"] in members]
    outcomes = [outcome for outcome in known.outcomes if outcome.establishment in members]
    values = (
        sum(known.within(row["occurred_on"], 3) for row in visits),
        len(outcomes),
        _smoothed(outcomes, None, known.breach_rate),
        _smoothed(outcomes, "BHT", known.bht_breach_rate),
        days(known.as_of, (o.occurred_on for o in outcomes if o.breaches())),
        sum(o.serious for o in outcomes if known.within(o.occurred_on, 5)),
    )
    return dict(zip(names, values, strict=True))


def _last_topic(own: list[Outcome], topic: str) -> bool | None:
    checked = [outcome for outcome in own if outcome.checked(topic)]
    return checked[-1].breaches(topic) > 0 if checked else None


def _smoothed(outcomes: list[Outcome], topic: str | None, rate: float | None) -> float | None:
    counted = [outcome for outcome in outcomes if topic is None or outcome.checked(topic)]
    breaches = sum(1 for outcome in counted if outcome.breaches(topic))
    return None if rate is None else (breaches + STRENGTH * rate) / (len(counted) + STRENGTH)
