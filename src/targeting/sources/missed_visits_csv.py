"""Inspections that could not be made: `ikke_gjennomfort` files, written with outcomes and read like any register."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from targeting.domain import MissedReason
from targeting.sources.cells import DAY, ORGANISATION_NUMBER, TEXT, one_of
from targeting.sources.csv_rows import CsvField, read_csv
from targeting.sources.inspection_words import MISSED_REASONS
from targeting.sources.reading import Batch
from targeting.tables import MissedVisits

__all__ = ["Missed", "missed_file", "read_missed_visits"]

_FIELDS: Final = (
    CsvField("besok", "visit", TEXT, filled=True),
    CsvField("tildaenhet", "establishment", ORGANISATION_NUMBER, filled=True),
    CsvField("grunn", "reason", one_of(MISSED_REASONS), filled=True),
    CsvField("kjent_dato", "known_on", DAY, filled=True),
)
_WORDS: Final = {reason: word for word, reason in MISSED_REASONS.items()}


class Missed(NamedTuple):
    """One inspection that could not be made."""

    visit: str
    establishment: str
    reason: MissedReason
    known_on: date


def missed_file(missed: Sequence[Missed], name: str) -> dict[str, str]:
    """The text of the file by its name, which ends in `name`; nothing where nothing was missed."""
    if not missed:
        return {}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.header for field in _FIELDS])
    writer.writerows([one.visit, one.establishment, _WORDS[one.reason], one.known_on] for one in sorted(missed))
    return {f"ikke_gjennomfort_{name}.csv": text.getvalue()}


def read_missed_visits(path: Path) -> Iterator[Batch]:
    """One row a visit that was given up, dated the day that became known."""
    return read_csv(path, MissedVisits, _FIELDS, _row)


def _row(values: Mapping[str, Any]) -> Mapping[str, object]:
    return values
