"""A small random country in the contracts' own tables: late facts, revised facts, two industry standards.

Seeded and free of files: `small_country(7)` is the same on every machine. Numbers begin with 2 (synthetic) and carry
a valid check digit. It is no model of Norway (that is `sources.synthetic`); it is built to be awkward: facts that
arrive long after they happened, answers that are corrected, two versions on one day, units that vanish, an
enterprise that changes, an address shared by many, nulls wherever the contract allows them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from targeting.domain import Answer, Form, IncidentKind, Origin, ReactionKind, Scheme, is_organisation_number
from targeting.snapshots import Store
from targeting.tables import ALL_TABLES, Table

__all__ = ["FIRST_DAY", "LAST_DAY", "conforming", "number", "small_country", "store_of"]

FIRST_DAY = date(2018, 1, 1)
LAST_DAY = date(2026, 12, 31)
SWITCH = date(2025, 9, 1)

Row = dict[str, object]
T = TypeVar("T")

PAIRS = (  # (SN2007, SN2025) of the same activity
    ("41.200", "41.000"),
    ("43.210", "43.210"),
    ("43.990", "43.500"),
    ("45.200", "95.310"),
    ("49.320", "49.330"),
    ("56.101", "56.110"),
    ("62.010", "62.100"),
    ("78.200", "78.200"),
    ("81.210", "81.210"),
    ("85.100", "85.200"),
    ("88.911", "85.100"),
    ("96.020", "96.210"),
    ("10.110", "10.110"),
)
CONTROL_POINTS = (
    [f"BHT-{n:02d}" for n in range(1, 6)]
    + [f"HMS-{n:02d}" for n in range(1, 21)]
    + [f"INN-{n:02d}" for n in range(1, 7)]
    + [f"AKR-{n:02d}" for n in range(1, 9)]
)
STREETS = ("Storgata 1", "Storgata 1 ", "STORGATA 1", "Havnegata 12 B", "Fjellveien 3", "Industriveien 40")
PLACES = (("0301", "0150"), ("3103", "1530"), ("3201", "1300"), ("4601", "5003"), ("5501", "9008"), ("3905", "3110"))


def number(index: int) -> str:
    """The `index`-th synthetic organisation number: starts with 2, valid check digit.

    >>> number(0)[0], is_organisation_number(number(12))
    ('2', True)
    """
    # Roughly one stem in eleven has no valid check digit; stepping by 13 within the index's own block skips those.
    for stem in range(20000000 + index * 13, 20000000 + index * 13 + 13):
        for digit in "0123456789":
            if is_organisation_number(f"{stem}{digit}"):
                return f"{stem}{digit}"
    raise AssertionError("no valid number in thirteen stems")


@dataclass(frozen=True)
class _Country:
    rng: random.Random
    establishments: int

    def day(self, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
        return first + timedelta(days=self.rng.randint(0, (last - first).days))

    def maybe(self, value: T, share: float = 0.85) -> T | None:
        return value if self.rng.random() < share else None


def small_country(seed: int, establishments: int = 60) -> dict[str, pa.Table]:
    """Every table of the store by name, conforming to its contract, rows in no particular order."""
    country = _Country(random.Random(seed), establishments)
    enterprises, establishments_, owner = _units(country)
    inspections, findings, reactions = _inspections(country, sorted(owner))
    rows: dict[str, list[Row]] = {
        "enterprises": enterprises,
        "establishments": establishments_,
        "inspections": inspections,
        "findings": findings,
        "reactions": reactions,
        "incidents": _incidents(country, sorted(owner)),
        "employment": _employment(country, sorted(owner)),
        "accounts": _accounts(country, sorted(set(owner.values()))),
        "approvals": _approvals(country, sorted(set(owner.values()))),
        "roles": _roles(country, sorted(set(owner.values()))),
        "coordination": _coordination(country, sorted(owner)),
    }
    return {table.about.name: conforming(table, rows[table.about.name]) for table in ALL_TABLES}


def conforming(table: type[Table], rows: list[Row]) -> pa.Table:
    """`rows` as an Arrow table of the contract: absent columns are null, duplicate keys keep their first row."""
    first: dict[tuple[object, ...], Row] = {}
    for row in rows:
        first.setdefault(tuple(row[name] for name in table.about.key), row)
    names = list(table.columns())
    arrays = {name: [row.get(name) for row in first.values()] for name in names}
    return table.check(pa.table(arrays, schema=pa.schema([f.with_nullable(True) for f in table.schema()])))


def store_of(tables: Mapping[str, pa.Table], home: Path) -> Store:
    """A store under `home` holding `tables` (by table name), loaded as one file."""
    store = Store(home)
    with store.begin("test", "small_country", "0" * 64, LAST_DAY) as load:
        for table in ALL_TABLES:
            if table.about.name in tables:
                load.add(table, tables[table.about.name])
    return store


def _units(c: _Country) -> tuple[list[Row], list[Row], dict[str, str]]:
    """Versions of enterprises and establishments, and which enterprise owns each establishment at first."""
    enterprises, establishments, owner = [], [], {}
    count = max(1, c.establishments * 2 // 3)
    pairs = {number(i): c.rng.choice(PAIRS) for i in range(count)}
    for enterprise, pair in pairs.items():
        enterprises += _enterprise_versions(c, enterprise, pair)
    for i in range(c.establishments):
        establishment = number(1000 + i)
        enterprise = c.rng.choice(sorted(pairs))
        owner[establishment] = enterprise
        pair = pairs[enterprise] if c.rng.random() < 0.7 else c.rng.choice(PAIRS)
        establishments += _establishment_versions(c, establishment, enterprise, pair, sorted(pairs))
    return enterprises, establishments, owner


def _version_days(c: _Country) -> list[tuple[date, int]]:
    """Days and version numbers of one unit's entries: a first one, some changes, often the switch, a same-day pair."""
    first = c.day(last=date(2024, 12, 31))
    days = [first] + [c.day(first=first) for _ in range(c.rng.randint(0, 4))]
    if first < SWITCH and c.rng.random() < 0.8:
        days.append(SWITCH + timedelta(days=c.rng.randint(0, 40)))
    if c.rng.random() < 0.2:
        days.append(days[-1])
    return [(day, index) for index, day in enumerate(sorted(days))]


def _common(c: _Country, day: date, pair: tuple[str, str]) -> Row:
    new = day >= SWITCH
    municipality, postal_code = c.rng.choice(PLACES)
    size = c.rng.choice((None, None, 0, 1, 5, 7, 12, 30, 64, 260))
    return {
        "status": "living",
        "name": f"Bedrift {c.rng.randint(1, 99)}",
        "industry_code": pair[1] if new else pair[0],
        "industry_standard": "SN2025" if new else "SN2007",
        "employees": size if size is not None and size >= 5 else None,
        "employees_registered": None if size is None and c.rng.random() < 0.5 else bool(size),
        "municipality": c.maybe(municipality),
        "postal_code": c.maybe(postal_code),
        "address": c.maybe(c.rng.choice(STREETS)),
        "country": c.rng.choice(("NO", "NO", "NO", "SE", None)),
        "vat_registered": c.maybe(c.rng.random() < 0.8),
    }


def _enterprise_versions(c: _Country, enterprise: str, pair: tuple[str, str]) -> list[Row]:
    rows: list[Row] = []
    form = c.rng.choice(("AS", "AS", "AS", "ENK", "NUF", "KOMM"))
    founded = c.day(first=date(1995, 1, 1), last=date(2018, 1, 1))
    for day, version in _version_days(c):
        bankrupt = c.rng.random() < 0.08
        warned = c.rng.random() < 0.1
        row = _common(c, day, pair) | {
            "enterprise": enterprise,
            "known_on": day,
            "version": version,
            "form": form,
            "founded_on": None if form == "ENK" else founded,
            "registered_on": c.maybe(founded),
            "business_registered": c.maybe(c.rng.random() < 0.8),
            "bankrupt": bankrupt,
            "bankrupt_on": day - timedelta(days=2) if bankrupt else None,
            "winding_up": c.maybe(c.rng.random() < 0.04),
            "compulsory_dissolution": c.maybe(c.rng.random() < 0.03),
            "dissolution_warned_on": day - timedelta(days=5) if warned else None,
            "dissolution_grounds": "accounts" if warned else None,
            "last_accounts_year": c.maybe(day.year - c.rng.randint(1, 3)),
            "in_group": c.maybe(c.rng.random() < 0.3),
            "sector_code": c.maybe("6500" if form == "KOMM" else "2100"),
        }
        rows.append(row)
    return _perhaps_deleted(c, rows, 0.06)


def _establishment_versions(
    c: _Country, establishment: str, enterprise: str, pair: tuple[str, str], others: list[str]
) -> list[Row]:
    rows: list[Row] = []
    started = c.day(first=date(2005, 1, 1), last=date(2018, 1, 1))
    for day, version in _version_days(c):
        moved = c.rng.random() < 0.08
        enterprise = c.rng.choice(others) if moved else enterprise
        pair = c.rng.choice(PAIRS) if c.rng.random() < 0.08 else pair
        row = _common(c, day, pair) | {
            "establishment": establishment,
            "known_on": day,
            "version": version,
            "enterprise": enterprise,
            "form": "BEDR",
            "registered_on": c.maybe(started),
            "started_on": c.maybe(started),
            "ownership_changed_on": day if moved else None,
        }
        rows.append(row)
    return _perhaps_deleted(c, rows, 0.12)


def _perhaps_deleted(c: _Country, rows: list[Row], share: float) -> list[Row]:
    last = max(rows, key=lambda row: (str(row["known_on"]), str(row["version"])))
    if c.rng.random() >= share:
        return rows
    day = last["known_on"]
    assert isinstance(day, date)
    gone = last | {"known_on": day + timedelta(days=c.rng.randint(1, 200)), "version": 99, "status": "deleted"}
    return [*rows, gone | {"ceased_on": day} if "establishment" in gone else gone]


def _inspections(c: _Country, establishments: list[str]) -> tuple[list[Row], list[Row], list[Row]]:
    inspections, findings, reactions = [], [], []
    for index in range(len(establishments) * 3):
        occurred = c.day()
        inspection = f"T{index:05d}"
        header: Row = {
            "inspection": inspection,
            "establishment": c.rng.choice(establishments),
            "occurred_on": occurred,
            "known_on": occurred + timedelta(days=c.rng.choice((0, 0, 0, 1, 45))),
            "form": c.maybe(c.rng.choice(list(Form))),
            "origin": c.maybe(c.rng.choice(list(Origin))),
            "topic": c.maybe(c.rng.choice(("hms", "bht", "innleie", "akrim"))),
            "status": c.rng.choice(("aapen", "lukket", "avbrutt", None)),
            "random_selection": c.maybe(c.rng.random() < 0.1),
            "office": c.maybe(c.rng.choice(("K1", "K2", "K3"))),
            "inspector": c.maybe(f"I{c.rng.randint(1, 9):02d}"),
            "control_points": 10,
        }
        inspections.append(header)
        if c.rng.random() < 0.15:
            late = occurred + timedelta(days=c.rng.randint(60, 400))
            inspections.append(header | {"known_on": late, "status": "lukket"})
        findings += _findings(c, inspection, occurred)
        reactions += _reactions(c, inspection, occurred)
    return inspections, findings, reactions


def _findings(c: _Country, inspection: str, occurred: date) -> list[Row]:
    rows: list[Row] = []
    known = occurred + timedelta(days=c.rng.choice((60, 75, 120, 180, 500)))
    for point in c.rng.sample(CONTROL_POINTS, c.rng.choice((0, 3, 8, 14))):
        answer = c.rng.choices(list(Answer), weights=(50, 35, 8, 7))[0]
        row: Row = {"inspection": inspection, "control_point": point, "known_on": known, "answer": answer}
        rows.append(row | {"legal_basis": c.maybe("aml § 3-1", 0.5)})
        if c.rng.random() < 0.1:
            rows.append(row | {"known_on": known + timedelta(days=c.rng.randint(1, 300)), "answer": Answer.MET})
    return rows


def _reactions(c: _Country, inspection: str, occurred: date) -> list[Row]:
    rows: list[Row] = []
    for reference in range(c.rng.choice((0, 0, 0, 1, 2))):
        decided = occurred + timedelta(days=c.rng.randint(0, 90))
        kind = c.maybe(c.rng.choice(list(ReactionKind)), 0.95)
        rows.append(
            {
                "inspection": inspection,
                "reference": str(reference),
                "occurred_on": c.maybe(decided),
                "known_on": decided + timedelta(days=c.rng.choice((0, 10, 120))),
                "kind": kind,
                "legal_basis": c.maybe("aml § 18-6", 0.6),
                "amount": 20000.0 if kind == ReactionKind.PENALTY else None,
                "status": c.maybe("vedtatt", 0.5),
            }
        )
    return rows


def _incidents(c: _Country, establishments: list[str]) -> list[Row]:
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


def _employment(c: _Country, establishments: list[str]) -> list[Row]:
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


def _accounts(c: _Country, enterprises: list[str]) -> list[Row]:
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


def _approvals(c: _Country, enterprises: list[str]) -> list[Row]:
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


def _roles(c: _Country, enterprises: list[str]) -> list[Row]:
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


def _coordination(c: _Country, establishments: list[str]) -> list[Row]:
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
