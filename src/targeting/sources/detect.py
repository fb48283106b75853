"""Which adapter reads a file, told from its name; and the day a file's content was known, told from its name."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import BadInputError

__all__ = ["SourceKind", "accepted_names", "day_in_name", "detect"]


class SourceKind(StrEnum):
    """Every kind of file the adapters read."""

    ENTERPRISES = "enheter"
    ESTABLISHMENTS = "underenheter"
    ENTERPRISE_CHANGES = "oppdateringer_enheter"
    ESTABLISHMENT_CHANGES = "oppdateringer_underenheter"
    ACCOUNTS = "regnskap"
    AGENCY = "bemanning"
    CLEANING = "renhold"
    CAR_CARE = "bilpleie"
    BHT_PROVIDER = "bht"
    BHT_DISPENSATION = "bht_dispensasjon"
    INSPECTIONS = "tilsyn"
    FINDINGS = "kontrollpunkt"
    REACTIONS = "reaksjon"
    TILDA_REPORTS = "tilda_tilsynsrapporter"
    TILDA_COORDINATION = "tilda_koordinering"
    EMPLOYMENT = "sysselsetting"
    ROLES = "roller"
    INCIDENTS = "hendelser"
    MISSED_VISITS = "ikke_gjennomfort"


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    kind: SourceKind
    endings: tuple[str, ...]


def _rule(pattern: str, kind: SourceKind, *endings: str) -> _Rule:
    """`pattern` must start a word of the name: `er_enheter_2024` is enheter, `underenheter` is not."""
    return _Rule(re.compile(rf"(?<![a-zæøå]){pattern}"), kind, endings)


# The first rule that matches wins, so the longer names stand before the words they contain.
_RULES: Final = (
    _rule("oppdateringer_underenheter", SourceKind.ESTABLISHMENT_CHANGES, "jsonl"),
    _rule("oppdateringer_enheter", SourceKind.ENTERPRISE_CHANGES, "jsonl"),
    _rule("underenheter", SourceKind.ESTABLISHMENTS, "json", "jsonl", "csv"),
    _rule("enheter", SourceKind.ENTERPRISES, "json", "jsonl", "csv"),
    _rule("regnskap", SourceKind.ACCOUNTS, "json"),
    _rule("bemanning", SourceKind.AGENCY, "csv"),
    _rule("renhold", SourceKind.CLEANING, "csv"),
    _rule("bilpleie", SourceKind.CAR_CARE, "csv"),
    _rule("bht_dispensasjon", SourceKind.BHT_DISPENSATION, "csv"),
    _rule("bht", SourceKind.BHT_PROVIDER, "csv"),
    _rule("tilda_.*tilsynsrapporter", SourceKind.TILDA_REPORTS, "json"),
    _rule("tilda_.*koordinering", SourceKind.TILDA_COORDINATION, "json"),
    _rule("tilsyn", SourceKind.INSPECTIONS, "csv"),
    _rule("kontrollpunkt", SourceKind.FINDINGS, "csv"),
    _rule("reaksjon", SourceKind.REACTIONS, "csv"),
    _rule("sysselsetting", SourceKind.EMPLOYMENT, "csv"),
    _rule("roller", SourceKind.ROLES, "csv"),
    _rule("hendelser", SourceKind.INCIDENTS, "csv"),
    _rule("ikke_gjennomfort", SourceKind.MISSED_VISITS, "csv"),
)
_QUARTER: Final = re.compile(r"(?<!\d)(\d{4})[qQ]([1-4])(?!\d)")
_DAY: Final = re.compile(r"(?<!\d)(\d{4})-(\d{2})(?:-(\d{2}))?(?!\d)")


def detect(path: Path) -> SourceKind:
    """The kind of `path`, from its name alone; the adapter then checks that the content has that layout.

    Raises `BadInputError` listing the accepted names.

    >>> detect(Path("er_underenheter_2024-01.csv.gz")), detect(Path("bht_dispensasjon_2025-12-31.csv"))
    (<SourceKind.ESTABLISHMENTS: 'underenheter'>, <SourceKind.BHT_DISPENSATION: 'bht_dispensasjon'>)
    """
    name = path.name.lower()
    if "tenor" in name:
        raise BadInputError(
            expected="a file in the layout of Enhetsregisteret",
            got="a file of Tenor, the test-data search, whose layout is another",
            where=path.name,
            do="fetch the units from Enhetsregisteret's API, or build synthetic ones with the synthetic command",
        )
    ending = name.removesuffix(".gz").rpartition(".")[2]
    for rule in _RULES:
        if rule.pattern.search(name) and ending in rule.endings:
            return rule.kind
    raise BadInputError(
        expected=f"a file whose name holds one of: {accepted_names()}",
        got=repr(path.name),
        where=path.name,
        do="rename the file after its content",
    )


def accepted_names() -> str:
    """Every accepted word with its endings, for a message; each may be followed by .gz."""
    return ", ".join(f"{rule.kind} (.{', .'.join(rule.endings)})" for rule in _RULES)


def day_in_name(path: Path) -> date | None:
    """The day the content was known, from the name; null when the name holds no month, day or quarter.

    A day counts as written, a quarter as its last day. A month alone counts as the first day of the next: the file
    was taken some time in that month, and a fact must never be dated before it was known.

    >>> str(day_in_name(Path("er_enheter_2024-01.csv.gz"))), str(day_in_name(Path("tilsyn_2016Q1.csv")))
    ('2024-02-01', '2016-03-31')
    >>> day_in_name(Path("tilsyn_2016.csv.gz"))
    """
    try:
        if found := _QUARTER.search(path.name):
            return _last_day(int(found[1]), 3 * int(found[2]))
        if found := _DAY.search(path.name):
            year, month = int(found[1]), int(found[2])
            return date(year, month, int(found[3])) if found[3] else _last_day(year, month) + timedelta(days=1)
    except ValueError as cause:
        raise BadInputError(expected="a date that exists in the file name", got=path.name, where=path.name) from cause
    return None


def _last_day(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return date(year, month, monthrange(year, month)[1])
