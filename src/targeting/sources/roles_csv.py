"""Counts about registered roles: `roller` files, counted inside the Authority; the file has no place for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from targeting.sources.cells import COUNT, FLAG, ORGANISATION_NUMBER
from targeting.sources.csv_rows import CsvField, read_csv
from targeting.sources.reading import Batch
from targeting.tables import Roles

__all__ = ["read_roles"]

_FIELDS: Final = (
    CsvField("organisasjonsnummer", "enterprise", ORGANISATION_NUMBER, filled=True),
    CsvField("styremedlemmer", "board_members", COUNT),
    CsvField("daglig_leder_endringer_12m", "manager_changes_12m", COUNT),
    CsvField("styreendringer_12m", "board_changes_12m", COUNT),
    CsvField("har_revisor", "has_auditor", FLAG),
    CsvField("har_regnskapsforer", "has_accountant", FLAG),
    CsvField("rolleinnehaver_konkurser", "role_holder_bankruptcies", COUNT),
)


def read_roles(path: Path, *, known_on: date) -> Iterator[Batch]:
    """One row an enterprise, all known on `known_on`. A column with names or numbers of persons refuses the file."""
    return read_csv(path, Roles, _FIELDS, lambda values: {**values, "known_on": known_on})
