"""The three-file inspection import: `tilsyn` (headers), `kontrollpunkt` (answers), `reaksjon` (what followed)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from targeting.domain import Form, Standard
from targeting.sources.cells import AMOUNT, COUNT, DAY, FLAG, INDUSTRY, MUNICIPALITY, ORGANISATION_NUMBER, TEXT, one_of
from targeting.sources.csv_rows import CsvField, read_csv
from targeting.sources.inspection_words import ANSWERS, FORMS, INSPECTION_STATUSES, ORIGINS, REACTION_KINDS
from targeting.sources.reading import Batch, RowError
from targeting.tables import Findings, Inspections, Reactions

__all__ = ["ANSWER_DELAY", "read_findings", "read_inspections", "read_reactions"]

ANSWER_DELAY: Final = timedelta(days=180)
"""Answers and reactions become known 60-180 days after the visit; undated ones count as the latest, never as today."""

_KNOWN: Final = CsvField("kjent_dato", "known_on", DAY, optional=True)
_INSPECTION: Final = CsvField("internTilsynsid", "inspection", TEXT, filled=True)
_ANNOUNCEMENT: Final = one_of({"ja": True, "nei": False, "true": True, "false": False, "ikkeangitt": None})
_STANDARD: Final = one_of({standard.casefold(): standard for standard in Standard})

_HEADERS: Final = (
    _INSPECTION,
    CsvField("tildaenhet", "establishment", ORGANISATION_NUMBER, filled=True),
    CsvField("startdato", "occurred_on", DAY, filled=True),
    CsvField("tilsynutfoertav", "authority", ORGANISATION_NUMBER, optional=True),
    CsvField("uanmeldttilsyn", "unannounced", _ANNOUNCEMENT, optional=True),
    CsvField("tilsynsstatus", "status", one_of(INSPECTION_STATUSES), optional=True),
    CsvField("tilsynsform", "form", one_of(FORMS), optional=True),
    CsvField("tilsynsutvelgelse", "origin", one_of(ORIGINS), optional=True),
    CsvField("tilsynstema", "topic", TEXT, optional=True),
    CsvField("kampanjenavn", "campaign", TEXT, optional=True),
    CsvField("kommunenummer", "municipality", MUNICIPALITY, optional=True),
    CsvField("naeringskode", "industry_code", INDUSTRY, optional=True),
    CsvField("naeringsstandard", "industry_standard", _STANDARD, optional=True),
    CsvField("antallKontrollpunkter", "control_points", COUNT, optional=True),
    CsvField("tilfeldig_utvalg", "random_selection", FLAG, optional=True),
    CsvField("kontor", "office", TEXT, optional=True),
    CsvField("inspektoer", "inspector", TEXT, optional=True),
    _KNOWN,
)
_ANSWERS: Final = (
    _INSPECTION,
    CsvField("kontrollpunktId", "control_point", TEXT, filled=True),
    CsvField("svar", "answer", one_of(ANSWERS), filled=True),
    CsvField("hjemmel", "legal_basis", TEXT, optional=True),
    _KNOWN,
)
_REACTIONS: Final = (
    _INSPECTION,
    CsvField("bruddOgReaksjonsreferanse", "reference", TEXT, filled=True),
    CsvField("reaksjonstype", "kind", one_of(REACTION_KINDS), filled=True),
    CsvField("lovparagraf", "legal_basis", TEXT, optional=True),
    CsvField("reaksjonsdato", "occurred_on", DAY, optional=True),
    CsvField("belop", "amount", AMOUNT, optional=True),
    CsvField("frist", "deadline_on", DAY, optional=True),
    CsvField("status", "status", TEXT, optional=True),
    _KNOWN,
)


def read_inspections(path: Path) -> Iterator[Batch]:
    """`tilsyn` files, one row an inspection. Without `kjent_dato` a header is known the day the inspection starts."""
    return read_csv(path, Inspections, _HEADERS, _inspection)


def read_findings(path: Path, *, started: Mapping[str, date]) -> Iterator[Batch]:
    """`kontrollpunkt` files, one row an answer. `started` gives the first day of each known inspection.

    Without `kjent_dato` an answer is known `ANSWER_DELAY` after that day; an answer with neither is refused, because
    a guessed date could let it be used before anybody knew it.
    """
    return read_csv(path, Findings, _ANSWERS, lambda values: {**values, "known_on": _known_on(values, started)})


def read_reactions(path: Path, *, started: Mapping[str, date]) -> Iterator[Batch]:
    """`reaksjon` files, one row a reaction; dated as `read_findings` dates answers."""
    return read_csv(path, Reactions, _REACTIONS, lambda values: {**values, "known_on": _known_on(values, started)})


def _inspection(values: Mapping[str, Any]) -> Mapping[str, object]:
    code, standard, unannounced = values["industry_code"], values["industry_standard"], values["unannounced"]
    if code is not None and standard is None:
        raise RowError("naeringsstandard", f"{' or '.join(Standard)} beside an industry code", "nothing")
    known_on = values["known_on"] or values["occurred_on"]
    _check_order(known_on, values["occurred_on"])
    return {name: value for name, value in values.items() if name != "unannounced"} | {
        "known_on": known_on,
        "industry_standard": standard if code is not None else None,
        # "No" alone does not say whether a letter announced a visit or asked for documents.
        "form": values["form"] or (Form.UNANNOUNCED if unannounced else None),
    }


def _known_on(values: Mapping[str, Any], started: Mapping[str, date]) -> date:
    known_on: date | None = values["known_on"]
    if known_on is not None:
        return known_on
    # Asked only when needed: the mapping may have to read every inspection of the store.
    first_day = started.get(values["inspection"])
    if first_day is None:
        expected = "a known date, or an inspection that was read before (tilsyn comes first)"
        raise RowError("kjent_dato", expected, "no known date and its inspection is unknown")
    return first_day + ANSWER_DELAY


def _check_order(known_on: date, first_day: date) -> None:
    if known_on < first_day:
        raise RowError("kjent_dato", f"a day on or after the inspection's start, {first_day}", str(known_on))
