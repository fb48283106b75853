"""Quarterly employment aggregates: `sysselsetting` files, counted inside the Authority; no person in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from targeting.domain import Quarter
from targeting.sources.cells import COUNT, DAY, ORGANISATION_NUMBER, SHARE
from targeting.sources.csv_rows import CsvField, read_csv
from targeting.sources.reading import Batch, RowError
from targeting.tables import Employment

__all__ = ["read_employment"]

_FIELDS: Final = (
    CsvField("organisasjonsnummer", "establishment", ORGANISATION_NUMBER, filled=True),
    CsvField("kvartal_start", "quarter_start", DAY, filled=True),
    CsvField("hms_kort", "hms_cards", COUNT),
    CsvField("andel_under_minstelonn", "share_below_minimum_rate", SHARE),
    CsvField("kjent_dato", "known_on", DAY, filled=True),
)


def read_employment(path: Path) -> Iterator[Batch]:
    """One row an establishment and quarter. A row must say when it was known, which is after its quarter began."""
    return read_csv(path, Employment, _FIELDS, _row)


def _row(values: Mapping[str, Any]) -> Mapping[str, object]:
    first_day: date = values["quarter_start"]
    if first_day != Quarter.of(first_day).first_day:
        raise RowError("kvartal_start", "the first day of a quarter", str(first_day))
    if values["known_on"] < first_day:
        raise RowError("kjent_dato", f"a day on or after {first_day}", str(values["known_on"]))
    return values
