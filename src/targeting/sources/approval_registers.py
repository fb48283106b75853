"""Arbeidstilsynet's approval registers and BHT dispensations: one `orgnr,status,date` file each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from targeting.domain import Scheme
from targeting.sources.cells import DAY, ORGANISATION_NUMBER, TEXT
from targeting.sources.csv_rows import CsvField, read_csv
from targeting.sources.reading import Batch, RowError, shown
from targeting.tables import Approvals

__all__ = ["APPROVED", "is_approval", "read_approvals"]

APPROVED: Final[Mapping[str, bool]] = {
    # cleaning and car care; the car-care service writes the same words in capitals with underscores
    "godkjent uten ansatte": True,
    "godkjent med ansatte": True,
    "hms-kortbestilling under behandling": False,
    "søknad under behandling": False,
    "ikke godkjent": False,
    "ikke funnet": False,
    "ukjent": False,
    # agencies: as the register answers, and as the web page words it since the approval scheme of 2024
    "oppfylt registrering": True,
    "ikke registrert": False,
    "godkjent": True,
    "lovlig - godkjent": True,
    # dispensations from the BHT duty: for the whole enterprise or for a separate part of it
    "innvilget": True,
    "full": True,
    "full dispensasjon": True,
    "delvis": True,
    "delvis dispensasjon": True,
    "avslått": False,
    "opphørt": False,
}
"""Every status the registers use, and whether it is an approval. An application under way is none yet."""

_FIELDS: Final = (
    CsvField("organisasjonsnummer", "enterprise", ORGANISATION_NUMBER, filled=True, aliases=("orgnr",)),
    CsvField("status", "status", TEXT, filled=True),
    CsvField("status_endret", "changed_on", DAY, aliases=("date", "dato", "statusEndret")),
)


def read_approvals(path: Path, *, scheme: Scheme, known_on: date) -> Iterator[Batch]:
    """One register file, one row an enterprise, all known on `known_on`. A status nobody has mapped is refused."""

    def row(values: Mapping[str, Any]) -> Mapping[str, object]:
        return {**values, "scheme": scheme, "known_on": known_on, "approved": _approved(values["status"])}

    return read_csv(path, Approvals, _FIELDS, row)


def is_approval(status: str) -> bool | None:
    """Whether `status`, in any case and with spaces or underscores, is an approval; null when it is not known.

    >>> is_approval("GODKJENT_MED_ANSATTE"), is_approval("Søknad under behandling"), is_approval("kanskje")
    (True, False, None)
    """
    plain = " ".join(status.casefold().replace("_", " ").replace("–", "-").split())
    return APPROVED.get(plain, APPROVED.get(plain.replace("hms ", "hms-")))


def _approved(status: str) -> bool:
    approved = is_approval(status)
    if approved is None:
        raise RowError("status", f"one of {', '.join(APPROVED)}", shown(status))
    return approved
