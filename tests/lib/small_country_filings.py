"""What the registers and the case system hold about the small country's units, besides the units themselves."""

from __future__ import annotations

import random
from datetime import date, timedelta

from targeting.domain import IncidentKind, MissedReason, Scheme
from tests.lib.small_country_dice import Country, Row, number

__all__ = ["accounts", "approvals", "coordination", "corrections", "employment", "incidents", "missed_visits", "roles"]


def incidents(c: Country, establishments: list[str]) -> list[Row]:
    rows: list[Row] = []
    for index in range(len(establishments)):
        occurred = c.day()
        rows.append(
            {
                "incident": f"H{index:05d}",
                "establishment": c.rng.choice(establishments),
                "occurred_on": occurred,
                "known_on": occurred + timedelta(days=c.rng.choice((0, 5, 90, 400))),
                "kind": c.rng.choice(list(IncidentKind)),
                "serious": c.maybe(c.rng.random() < 0.3),
            }
        )
    return rows


def employment(c: Country, establishments: list[str]) -> list[Row]:
    rows: list[Row] = []
    quarters = [date(year, month, 1) for year in range(2018, 2027) for month in (1, 4, 7, 10)]
    for establishment in c.rng.sample(establishments, len(establishments) // 3):
        for start in c.rng.sample(quarters, 12):
            rows.append(
                {
                    "establishment": establishment,
                    "quarter_start": start,
                    "known_on": start + timedelta(days=c.rng.choice((135, 140, 300))),
                    "hms_cards": c.maybe(c.rng.randint(0, 40)),
                    "share_below_minimum_rate": c.maybe(round(c.rng.random() * 0.3, 3)),
                }
            )
    return rows


def accounts(c: Country, enterprises: list[str]) -> list[Row]:
    rows: list[Row] = []
    for enterprise in c.rng.sample(enterprises, max(1, len(enterprises) * 2 // 3)):
        for year in c.rng.sample(range(2017, 2026), 5):
            revenue = float(c.rng.randint(0, 50) * 100_000)
            row: Row = {
                "enterprise": enterprise,
                "year": year,
                "kind": c.rng.choice(("company", "company", "group")),
                "known_on": date(year + 1, 7, 1) + timedelta(days=c.rng.randint(0, 400)),
                "currency": c.rng.choice(("NOK", "NOK", "NOK", "EUR", None)),
                "period_from": date(year, 1, 1),
                "period_to": date(year, 12, 31),
                "revenue": c.maybe(revenue),
                "operating_costs": c.maybe(revenue * 0.9),
                "payroll": c.maybe(revenue * 0.4, 0.5),
                "operating_result": c.maybe(revenue * 0.1),
                "annual_result": c.maybe(revenue * c.rng.choice((-0.1, 0.05))),
                "equity": c.maybe(float(c.rng.randint(-5, 20) * 50_000)),
                "assets": c.maybe(float(c.rng.randint(0, 30) * 100_000)),
                "current_assets": c.maybe(float(c.rng.randint(0, 10) * 100_000)),
                "debt": c.maybe(float(c.rng.randint(0, 20) * 100_000)),
                "current_debt": c.maybe(float(c.rng.randint(0, 10) * 100_000)),
                "audit_waived": c.maybe(c.rng.random() < 0.3),
                "liquidation": c.maybe(False),
            }
            rows.append(row)
            if c.rng.random() < 0.1:
                rows.append(row | {"known_on": date(year + 2, 9, 1), "revenue": revenue + 1.0})
    return rows


def approvals(c: Country, enterprises: list[str]) -> list[Row]:
    rows: list[Row] = []
    for enterprise in enterprises:
        for scheme in c.rng.sample(list(Scheme), c.rng.choice((0, 1, 2))):
            for _ in range(c.rng.randint(1, 3)):
                day = c.day()
                status = c.rng.choice(("godkjent", "ikke godkjent", "delvis"))
                rows.append(
                    {
                        "enterprise": enterprise,
                        "scheme": scheme,
                        "known_on": day,
                        "status": status,
                        "approved": status != "ikke godkjent",
                        "changed_on": c.maybe(day - timedelta(days=1)),
                    }
                )
    return rows


def roles(c: Country, enterprises: list[str]) -> list[Row]:
    rows: list[Row] = []
    for enterprise in enterprises:
        for _ in range(c.rng.choice((0, 1, 2))):
            rows.append(
                {
                    "enterprise": enterprise,
                    "known_on": c.day(),
                    "board_members": c.maybe(c.rng.randint(1, 7)),
                    "manager_changes_12m": c.maybe(c.rng.randint(0, 3)),
                    "board_changes_12m": c.maybe(c.rng.randint(0, 5)),
                    "has_auditor": c.maybe(c.rng.random() < 0.6),
                    "has_accountant": c.maybe(c.rng.random() < 0.6),
                    "role_holder_bankruptcies": c.maybe(c.rng.choice((0, 0, 0, 1, 4))),
                }
            )
    return rows


def coordination(c: Country, establishments: list[str]) -> list[Row]:
    rows: list[Row] = []
    for index in range(len(establishments) // 3):
        planned = c.day()
        rows.append(
            {
                "establishment": c.rng.choice(establishments),
                "authority": number(5000),
                "reference": f"K{index}",
                "known_on": planned - timedelta(days=c.rng.choice((-20, 0, 30, 60))),
                "planned_on": c.maybe(planned),
                "status": c.rng.choice(("planned", "open", "closed", "aborted", "unknown")),
                "topic": c.maybe("hms"),
                "campaign": None,
            }
        )
    return rows


def corrections(c: Country, establishments: list[str]) -> list[Row]:
    """What was said to be wrong with some entries; of nothing that any register here goes on saying."""
    return [
        {
            "number": unit,
            "table_name": "establishments",
            "entity": f'{{"establishment": "{unit}"}}',
            "field": "name",
            "known_on": c.day(),
            "version": 1,
            "disputed": c.maybe("Feil navn"),
            "value": c.maybe("Rett navn"),
            "why": "letter",
        }
        for unit in establishments[::7]
    ]


def missed_visits(c: Country, establishments: list[str]) -> list[Row]:
    """Drawn from its own dice, so that the rest of the country is what it was without them."""
    dice = Country(random.Random(len(establishments)), c.establishments)
    rows: list[Row] = []
    for index, establishment in enumerate(establishments[::3]):
        row: Row = {
            "visit": f"B{index:05d}",
            "establishment": establishment,
            "known_on": dice.day(),
            "reason": dice.rng.choice(list(MissedReason)),
        }
        rows.append(row)
        if index % 5 == 0:
            rows.append(row | {"known_on": dice.day(), "reason": MissedReason.MOVED})
    return rows
