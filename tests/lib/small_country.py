"""A small random country in the contracts' own tables: late facts, revised facts, two industry standards.

Seeded and free of files: `small_country(7)` is the same on every machine. Numbers begin with 2 (synthetic) and carry
a valid check digit. It is no model of Norway (that is `sources.synthetic`); it is built to be awkward: facts that
arrive long after they happened, answers that are corrected, two versions on one day, units that vanish, an
enterprise that changes, an address shared by many, nulls wherever the contract allows them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from targeting.domain import Answer, Form, Origin, ReactionKind
from targeting.snapshots import Store
from targeting.tables import ALL_TABLES, Table
from tests.lib import small_country_filings as filings
from tests.lib.small_country_dice import FIRST_DAY, LAST_DAY, Country, Row, number

__all__ = ["FIRST_DAY", "LAST_DAY", "Row", "conforming", "number", "small_country", "store_of"]

SWITCH = date(2025, 9, 1)

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


def small_country(seed: int, establishments: int = 60) -> dict[str, pa.Table]:
    """Every table of the store by name, conforming to its contract, rows in no particular order."""
    country = Country(random.Random(seed), establishments)
    enterprises, establishments_, owner = _units(country)
    inspections, findings, reactions = _inspections(country, sorted(owner))
    rows: dict[str, list[Row]] = {
        "enterprises": enterprises,
        "establishments": establishments_,
        "inspections": inspections,
        "findings": findings,
        "reactions": reactions,
        "incidents": filings.incidents(country, sorted(owner)),
        "employment": filings.employment(country, sorted(owner)),
        "accounts": filings.accounts(country, sorted(set(owner.values()))),
        "approvals": filings.approvals(country, sorted(set(owner.values()))),
        "roles": filings.roles(country, sorted(set(owner.values()))),
        "coordination": filings.coordination(country, sorted(owner)),
        "missed_visits": filings.missed_visits(country, sorted(owner)),
        "corrections": filings.corrections(country, sorted(owner)),
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


def _units(c: Country) -> tuple[list[Row], list[Row], dict[str, str]]:
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


def _version_days(c: Country) -> list[tuple[date, int]]:
    """Days and version numbers of one unit's entries: a first one, some changes, often the switch, a same-day pair."""
    first = c.day(last=date(2024, 12, 31))
    days = [first] + [c.day(first=first) for _ in range(c.rng.randint(0, 4))]
    if first < SWITCH and c.rng.random() < 0.8:
        days.append(SWITCH + timedelta(days=c.rng.randint(0, 40)))
    if c.rng.random() < 0.2:
        days.append(days[-1])
    return [(day, index) for index, day in enumerate(sorted(days))]


def _common(c: Country, day: date, pair: tuple[str, str]) -> Row:
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


def _enterprise_versions(c: Country, enterprise: str, pair: tuple[str, str]) -> list[Row]:
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
    c: Country, establishment: str, enterprise: str, pair: tuple[str, str], others: list[str]
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


def _perhaps_deleted(c: Country, rows: list[Row], share: float) -> list[Row]:
    last = max(rows, key=lambda row: (str(row["known_on"]), str(row["version"])))
    if c.rng.random() >= share:
        return rows
    day = last["known_on"]
    assert isinstance(day, date)
    gone = last | {"known_on": day + timedelta(days=c.rng.randint(1, 200)), "version": 99, "status": "deleted"}
    return [*rows, gone | {"ceased_on": day} if "establishment" in gone else gone]


def _inspections(c: Country, establishments: list[str]) -> tuple[list[Row], list[Row], list[Row]]:
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


def _findings(c: Country, inspection: str, occurred: date) -> list[Row]:
    rows: list[Row] = []
    known = occurred + timedelta(days=c.rng.choice((60, 75, 120, 180, 500)))
    for point in c.rng.sample(CONTROL_POINTS, c.rng.choice((0, 3, 8, 14))):
        answer = c.rng.choices(list(Answer), weights=(50, 35, 8, 7))[0]
        row: Row = {"inspection": inspection, "control_point": point, "known_on": known, "answer": answer}
        rows.append(row | {"legal_basis": c.maybe("aml § 3-1", 0.5)})
        if c.rng.random() < 0.1:
            rows.append(row | {"known_on": known + timedelta(days=c.rng.randint(1, 300)), "answer": Answer.MET})
    return rows


def _reactions(c: Country, inspection: str, occurred: date) -> list[Row]:
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
