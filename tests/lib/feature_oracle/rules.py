"""A small made-up set of legal rules, as the view's rule tables and as plain rows for the oracle.

Made up so that a feature is tested on the shape of rules (two standards, prefixes of several lengths, a day on which
the standard switches, a day before any scheme), whatever the statute says this year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

__all__ = ["ban_counties", "best_duty", "rule_tables", "scheme_rules"]

_SWITCH = date(2025, 10, 7)
_BHT = (
    ("SN2007", "41", "yes"),
    ("SN2007", "43", "yes"),
    ("SN2007", "43.99", "no"),
    ("SN2007", "56.101", "conditional"),
    ("SN2007", "85", "yes"),
    ("SN2025", "41", "yes"),
    ("SN2025", "43", "yes"),
    ("SN2025", "43.500", "conditional"),
    ("SN2025", "81.2", "yes"),
    ("SN2025", "85.1", "yes"),
    ("SN2025", "95.31", "conditional"),
)
_SCHEMES = (
    (date(2019, 6, 1), "SN2007", "78.2", "agency"),
    (date(2019, 6, 1), "SN2025", "78.2", "agency"),
    (date(2019, 6, 1), "SN2007", "81.2", "cleaning"),
    (date(2023, 1, 1), "SN2007", "45.200", "car_care"),
    (date(2023, 1, 1), "SN2025", "95.31", "car_care"),
    (date(2023, 1, 1), "SN2025", "81", "cleaning"),
    (date(2024, 1, 1), "SN2025", "81.210", "agency"),
)
_BAN_FROM = date(2023, 4, 1)
_BAN = ("03", "31", "32", "39")


@dataclass(frozen=True)
class Duty:
    """One rule of a day: codes of `standard` under `prefix`, and for a scheme the day from which its register tells."""

    standard: str
    prefix: str
    says: str
    tells_from: date = date.min


def bht_rules(day: date) -> list[Duty]:
    """The BHT list of the day, in the standard it is written in."""
    standard = "SN2007" if day < _SWITCH else "SN2025"
    return [Duty(*rule) for rule in _BHT if rule[0] == standard]


def scheme_rules(day: date) -> list[Duty]:
    """The approval schemes in force."""
    return [
        Duty(standard, prefix, scheme, since + timedelta(days=365))
        for since, standard, prefix, scheme in _SCHEMES
        if since <= day
    ]


def ban_counties(day: date) -> tuple[str, ...]:
    """The counties with the hiring ban."""
    return _BAN if day >= _BAN_FROM else ()


def best_duty(day: date, standard: str, code: str) -> int | None:
    """2 yes, 1 conditional, 0 no; nothing when the day's list is not in `standard`."""
    rules = [rule for rule in bht_rules(day) if rule.standard == standard]
    if not rules:
        return None
    fitting = sorted((rule for rule in rules if code.startswith(rule.prefix)), key=lambda rule: len(rule.prefix))
    return {"yes": 2, "conditional": 1, "no": 0}[fitting[-1].says] if fitting else 0


def rule_tables(days: Iterable[date]) -> dict[str, pa.Table]:
    """The relations `bht_duties`, `approval_duties` and `hiring_ban_counties` for `days`."""
    each = sorted(set(days))
    bht = [(day, r.standard, r.prefix, r.says, "§ 1") for day in each for r in bht_rules(day)]
    schemes = [(day, r.standard, r.prefix, r.says, r.tells_from) for day in each for r in scheme_rules(day)]
    ban = [(day, county) for day in each for county in ban_counties(day)]
    return {
        "bht_duties": _table(bht, "standard", "code", "answer", "clause"),
        "approval_duties": _table(schemes, "standard", "code", "scheme", "tells_from"),
        "hiring_ban_counties": _table(ban, "county"),
    }


def _table(rows: Sequence[tuple[date | str, ...]], *names: str) -> pa.Table:
    schema = pa.schema(
        [("as_of", pa.date32()), *((name, pa.date32() if name == "tells_from" else pa.string()) for name in names)]
    )
    return pa.table([[row[i] for row in rows] for i in range(len(schema))], schema=schema)
