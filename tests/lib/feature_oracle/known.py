"""The country as it was known on one day: plain Python over rows, read from the raw tables.

Written from the declarations (the TOML files and the table contracts), not from the SQL, so that an error would have
to be made twice to go unseen. Slow and plain on purpose: nothing here is shared with the library but the contracts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

__all__ = ["SANCTIONS", "Known", "Outcome", "Row", "days", "minus_years", "raw_rows", "share", "whole_months"]

Row = dict[str, Any]
SANCTIONS = ("stop", "coercive_fine", "penalty", "police_report")


@dataclass(frozen=True)
class Outcome:
    """An inspection with at least one known answer."""

    inspection: str
    establishment: str
    occurred_on: date
    answers: Counter[tuple[str, str]]  # (three letters of the control point, answer)
    sanctioned: bool

    def breaches(self, topic: str | None = None) -> int:
        return sum(n for (t, answer), n in self.answers.items() if answer == "breach" and topic in (None, t))

    def checked(self, topic: str | None = None) -> int:
        return sum(n for (t, answer), n in self.answers.items() if answer in ("met", "breach") and topic in (None, t))

    @property
    def serious(self) -> bool:
        return self.breaches() >= 5 or self.sanctioned

    @property
    def order(self) -> tuple[date, str]:
        return self.occurred_on, self.inspection


def _in_order(row: Row) -> tuple[date, int]:
    return row["known_on"], row.get("version", 0)


@dataclass(frozen=True)
class Known:
    """What is known strictly before `as_of`.

    Of the view: `industry`, the harmonised code of each establishment, and `key`, the SN2007 code of an SN2025 code.
    """

    tables: Mapping[str, list[Row]]
    as_of: date
    industry: Mapping[str, str | None] = field(default_factory=dict)
    key: Mapping[str, str] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        return [row for row in self.tables[table] if row["known_on"] < self.as_of]

    def newest(self, table: str, *key: str) -> dict[Any, Row]:
        found: dict[Any, Row] = {}
        for row in sorted(self.rows(table), key=_in_order):
            found[row[key[0]] if len(key) == 1 else tuple(row[k] for k in key)] = row
        return found

    def years_ago(self, years: int) -> date:
        return minus_years(self.as_of, years)

    def within(self, day: date | None, years: int) -> bool:
        return day is not None and self.years_ago(years) <= day < self.as_of

    @cached_property
    def a_year_ago(self) -> Known:
        return Known(self.tables, self.years_ago(1))

    @cached_property
    def establishments(self) -> dict[str, Row]:
        return self.newest("establishments", "establishment")

    @cached_property
    def enterprises(self) -> dict[str, Row]:
        return self.newest("enterprises", "enterprise")

    @cached_property
    def bankruptcies(self) -> dict[str, date]:
        """The bankruptcy that the newest entry of each enterprise as living tells of."""
        rows = sorted(self.rows("enterprises"), key=_in_order)
        told = {row["enterprise"]: row["bankrupt_on"] for row in rows if row["status"] == "living"}
        return {enterprise: day for enterprise, day in told.items() if day is not None and day < self.as_of}

    def places_of(self, enterprise: str) -> list[tuple[Row, date | None, str | None]]:
        """Entries of living establishments under the enterprise: each with its last day and harmonised industry."""
        return [entry for entry in self._entries if entry[0]["enterprise"] == enterprise]

    @cached_property
    def _entries(self) -> list[tuple[Row, date | None, str | None]]:
        histories: dict[str, list[Row]] = {}
        for row in sorted(self.rows("establishments"), key=_in_order):
            histories.setdefault(row["establishment"], []).append(row)
        found: list[tuple[Row, date | None, str | None]] = []
        for history in histories.values():
            codes: dict[str, str] = {}
            for row, later in zip(history, [*history[1:], None], strict=True):
                if row["industry_code"] is not None:
                    codes[row["industry_standard"]] = row["industry_code"]
                new = codes.get("SN2025")
                code = codes.get("SN2007") or self.key.get(new or "") or new
                if row["status"] == "living":
                    found.append((row, later["known_on"] if later else None, code))
        return found

    @cached_property
    def roles(self) -> dict[str, Row]:
        return self.newest("roles", "enterprise")

    @cached_property
    def headers(self) -> dict[str, Row]:
        return self.newest("inspections", "inspection")

    @cached_property
    def started(self) -> list[Row]:
        """Inspections that count: started before as_of, neither planned nor aborted; in order."""
        counted = (
            row
            for row in self.headers.values()
            if row["occurred_on"] < self.as_of and row["status"] not in ("planlegging", "avbrutt")
        )
        return sorted(counted, key=lambda row: (row["occurred_on"], row["inspection"]))

    @cached_property
    def reactions(self) -> list[Row]:
        return list(self.newest("reactions", "inspection", "reference").values())

    @cached_property
    def outcomes(self) -> list[Outcome]:
        answers: dict[str, Counter[tuple[str, str]]] = {}
        for (inspection, point), row in self.newest("findings", "inspection", "control_point").items():
            answers.setdefault(inspection, Counter())[point[:3], row["answer"]] += 1
        sanctioned = {row["inspection"] for row in self.reactions if row["kind"] in SANCTIONS}
        found = [
            Outcome(i, self.headers[i]["establishment"], self.headers[i]["occurred_on"], counts, i in sanctioned)
            for i, counts in answers.items()
            if i in self.headers
        ]
        return sorted(found, key=lambda outcome: outcome.order)

    @cached_property
    def breach_rate(self) -> float | None:
        return share(sum(1 for o in self.outcomes if o.breaches()), len(self.outcomes))

    @cached_property
    def bht_breach_rate(self) -> float | None:
        checked = [o for o in self.outcomes if o.checked("BHT")]
        return share(sum(1 for o in checked if o.breaches("BHT")), len(checked))

    def members(self, enterprise: str | None) -> set[str]:
        """Establishments whose newest known entry names `enterprise`."""
        return {e for e, row in self.establishments.items() if enterprise and row["enterprise"] == enterprise}

    def least(self, row: Row | None) -> int | None:
        """The least possible number of employees a register entry allows."""
        if row is None:
            return None
        if row["employees"] is not None:
            return int(row["employees"])
        return None if row["employees_registered"] is None else int(row["employees_registered"])

    def address(self, row: Row | None) -> str | None:
        """The address key: letters and digits in lower case, one blank for all else, then the postal code."""
        if row is None or row["address"] is None:
            return None
        return re.sub(r"[\W_]+", " ", row["address"].lower()).strip() + "|" + (row["postal_code"] or "")


def raw_rows(tables: Mapping[str, pa.Table]) -> dict[str, list[Row]]:
    """Arrow tables as lists of rows."""
    return {name: table.to_pylist() for name, table in tables.items()}


def minus_years(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 28."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def whole_months(start: date | None, end: date) -> int | None:
    """12 x years + months, less one when the day of the month of `end` is before that of `start`."""
    if start is None:
        return None
    return 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)


def share(part: float | None, whole: float | None) -> float | None:
    """`part / whole`, or nothing when either is missing or `whole` is not above 0."""
    return None if part is None or whole is None or whole <= 0 else part / whole


def days(later: date, earlier: Iterable[date]) -> int | None:
    """Days from the latest of `earlier` to `later`; nothing when there is none."""
    latest = max(earlier, default=None)
    return None if latest is None else (later - latest).days
