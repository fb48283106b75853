"""Accidents, tips and concern notices: `hendelser` files, an extract of the case system without any text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from targeting.sources.cells import DAY, FLAG, ORGANISATION_NUMBER, TEXT, one_of
from targeting.sources.csv_rows import CsvField, read_csv
from targeting.sources.inspection_words import INCIDENT_KINDS
from targeting.sources.reading import Batch, RowError
from targeting.tables import Incidents

__all__ = ["read_incidents"]

_FIELDS: Final = (
    CsvField("hendelse", "incident", TEXT, filled=True),
    CsvField("organisasjonsnummer", "establishment", ORGANISATION_NUMBER, filled=True),
    CsvField("dato", "occurred_on", DAY, filled=True),
    CsvField("type", "kind", one_of(INCIDENT_KINDS), filled=True),
    CsvField("alvorlig", "serious", FLAG),
    CsvField("kjent_dato", "known_on", DAY, filled=True),
)


def read_incidents(path: Path) -> Iterator[Batch]:
    """One row an incident. A row must say when it was known: reports come days to months later."""
    return read_csv(path, Incidents, _FIELDS, _row)


def _row(values: Mapping[str, Any]) -> Mapping[str, object]:
    if values["known_on"] < values["occurred_on"]:
        raise RowError("kjent_dato", f"a day on or after {values['occurred_on']}", str(values["known_on"]))
    return values
