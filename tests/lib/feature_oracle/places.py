"""neighbourhood.toml and industry.toml, recomputed. The harmonised industry code is the view's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.lib.feature_oracle.known import Known, Outcome, Row, minus_years, share

__all__ = ["bankrupt_neighbours", "industry", "neighbourhood"]

ADDRESS_STRENGTH, STRENGTH, WINDOW = 4, 20, 5


def neighbourhood(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    unit = known.establishments.get(establishment)
    address = known.address(unit)
    names = (
        "address_establishments",
        "address_enterprises",
        "address_results",
        "address_breach_rate",
        "address_bankruptcies_2y",
    )
    values = _address(known, establishment, enterprise, address) if address else (None,) * len(names)
    return dict(zip(names, values, strict=True)) | _municipality(known, establishment, unit)


def _address(known: Known, establishment: str, enterprise: str | None, address: str) -> tuple[Any, ...]:
    here = {e: row for e, row in known.establishments.items() if known.address(row) == address}
    living = [row for row in here.values() if row["status"] == "living"]
    others = [o for o in known.outcomes if o.establishment in here and o.establishment != establishment]
    rate, breaches = known.breach_rate, sum(1 for o in others if o.breaches())
    return (
        len(living),
        len({row["enterprise"] for row in living if row["enterprise"]}),
        len(others),
        None if rate is None else (breaches + ADDRESS_STRENGTH * rate) / (len(others) + ADDRESS_STRENGTH),
        sum(known.within(day, 2) for day in bankrupt_neighbours(known, enterprise, address).values()),
    )


def bankrupt_neighbours(known: Known, own: str | None, address: str, division: str | None = None) -> dict[str, date]:
    """Other enterprises that were at the address in the year before their bankruptcy or since, and when it opened."""
    return {
        enterprise: day
        for enterprise, day in known.bankruptcies.items()
        if enterprise != own
        and any(
            known.address(row) == address and division in (None, (code or "")[:2])
            for row, until, code in known.places_of(enterprise)
            if until is None or until >= minus_years(day, 1)
        )
    }


def _municipality(known: Known, establishment: str, unit: Row | None) -> dict[str, Any]:
    code = known.industry.get(establishment)
    place = unit["municipality"] if unit else None
    living = [
        e for e, r in known.establishments.items() if r["status"] == "living" and place and r["municipality"] == place
    ]
    same = [e for e in living if e != establishment and code and (known.industry.get(e) or "")[:4] == code[:4]]
    return {
        "municipality_establishments": len(living) if place else None,
        "municipality_industry_establishments": len(same) if place and code else None,
    }


_MEASURES: dict[str, tuple[Callable[[Outcome], bool], Callable[[Outcome], bool]]] = {
    "industry_breach_rate": (lambda o: True, lambda o: o.breaches() > 0),
    "industry_bht_breach_rate": (lambda o: o.checked("BHT") > 0, lambda o: o.breaches("BHT") > 0),
    "industry_serious_rate": (lambda o: True, lambda o: o.serious),
    "industry_hiring_breach_rate": (lambda o: o.checked("INN") > 0, lambda o: o.breaches("INN") > 0),
    "industry_crime_breach_rate": (lambda o: o.checked("AKR") > 0, lambda o: o.breaches("AKR") > 0),
}


def industry(known: Known, establishment: str, enterprise: str | None) -> dict[str, Any]:
    """Every feature of the family for one cohort row."""
    code = known.industry.get(establishment)
    place = known.establishments.get(establishment, {}).get("municipality")
    recent = [outcome for outcome in known.outcomes if known.within(outcome.occurred_on, WINDOW)]
    in_code = _ladder(code, (2, 4, 6), lambda o: known.industry.get(o.establishment))
    at_place = _ladder(place, (2, 4), lambda o: known.establishments.get(o.establishment, {}).get("municipality"))
    found: dict[str, Any] = {name: _shrunk(recent, measure, in_code) for name, measure in _MEASURES.items()}
    breach, bht = _MEASURES["industry_breach_rate"], _MEASURES["industry_bht_breach_rate"]
    return found | {
        "industry_division": code[:2] if code else None,
        "industry": code,
        "county": place[:2] if place else None,
        "industry_results": sum(known.industry.get(o.establishment) == code for o in recent) if code else None,
        "industry_inspection_rate": _inspection_rate(known, code) if code else None,
        "county_breach_rate": _shrunk(recent, breach, at_place[:1]),
        "municipality_breach_rate": _shrunk(recent, breach, at_place),
        "municipality_bht_breach_rate": _shrunk(recent, bht, at_place),
    }


def _ladder(code: str | None, lengths: tuple[int, ...], of: Callable[[Outcome], str | None]) -> list[Any]:
    """One test a level, widest first: whether an outcome shares the first characters of `code`."""
    return [lambda o, n=n: (of(o) or "")[:n] == code[:n] for n in lengths] if code else []


def _shrunk(outcomes: list[Outcome], measure: Any, levels: list[Callable[[Outcome], bool]]) -> float | None:
    counts, breaches = measure
    counted = [outcome for outcome in outcomes if counts(outcome)]
    rate = share(sum(map(breaches, counted)), len(counted))
    for level in levels:
        inside = [outcome for outcome in counted if level(outcome)]
        rate = None if rate is None else (sum(map(breaches, inside)) + STRENGTH * rate) / (len(inside) + STRENGTH)
    return rate


def _inspection_rate(known: Known, code: str) -> float | None:
    group = {e for e in known.establishments if (known.industry.get(e) or "")[:4] == code[:4]}
    units = [known.establishments[e] for e in group]
    employing = sum(row["status"] == "living" and (known.least(row) or 0) >= 1 for row in units)
    visits = [row for row in known.started if row["establishment"] in group and known.within(row["occurred_on"], 1)]
    return share(len(visits), employing)
