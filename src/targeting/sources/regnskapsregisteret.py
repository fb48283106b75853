"""Regnskapsregisteret's open key figures: one object an enterprise, year and kind of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from targeting.sources.batching import Place, Record, in_batches, record
from targeting.sources.cells import Cell, CellError, one_of
from targeting.sources.json_stream import Element, json_elements
from targeting.sources.json_values import day_at, flag_at, number_at, organisation_number_at, text_at
from targeting.sources.reading import Batch, RowError, shown
from targeting.tables import Accounts

__all__ = ["read_accounts"]

_Item = Mapping[str, object]

_KIND: Final = one_of({"selskap": "company", "konsern": "group"})

_AMOUNTS: Final[Mapping[str, str]] = {
    "revenue": "resultatregnskapResultat.driftsresultat.driftsinntekter.sumDriftsinntekter",
    "operating_costs": "resultatregnskapResultat.driftsresultat.driftskostnad.sumDriftskostnad",
    "payroll": "resultatregnskapResultat.driftsresultat.driftskostnad.loennskostnad",
    "operating_result": "resultatregnskapResultat.driftsresultat.driftsresultat",
    "annual_result": "resultatregnskapResultat.aarsresultat",
    "equity": "egenkapitalGjeld.egenkapital.sumEgenkapital",
    "assets": "eiendeler.sumEiendeler",
    "current_assets": "eiendeler.omloepsmidler.sumOmloepsmidler",
    "debt": "egenkapitalGjeld.gjeldOversikt.sumGjeld",
    "current_debt": "egenkapitalGjeld.gjeldOversikt.kortsiktigGjeld.sumKortsiktigGjeld",
}
"""Where each amount of the table stands. Holding companies send `driftsinntekter: {}`, which is null and not 0."""


def read_accounts(path: Path, *, known_on: date) -> Iterator[Batch]:
    """One row an object of the file: a JSON array, or the service's answer for one enterprise; streamed.

    Amounts stay in the currency of the accounts, which need not be NOK.
    """
    return in_batches(_record(path, element, known_on) for element in json_elements(path, "regnskap"))


def _record(path: Path, element: Element, known_on: date) -> Record:
    return record(Accounts, Place(path.name, element.number), _row, element, known_on)


def _row(element: Element, known_on: date) -> _Item:
    item = element.value
    if element.flaw or not isinstance(item, Mapping):
        raise RowError(None, "an object with each key once", element.flaw or shown(item))
    period_to = day_at(item, "regnskapsperiode.tilDato")
    if period_to is None:
        raise RowError("regnskapsperiode.tilDato", "the last day of the accounting period", "nothing")
    return {
        "enterprise": organisation_number_at(item, "virksomhet.organisasjonsnummer"),
        "year": period_to.year,
        "kind": text_at(item, "regnskapstype", _KIND, filled=True),
        "known_on": known_on,
        "currency": text_at(item, "valuta", _CURRENCY),
        "period_from": day_at(item, "regnskapsperiode.fraDato"),
        "period_to": period_to,
        "audit_waived": flag_at(item, "revisjon.fravalgRevisjon"),
        "liquidation": flag_at(item, "avviklingsregnskap"),
    } | {name: number_at(item, where) for name, where in _AMOUNTS.items()}


def _currency(text: str) -> str:
    if len(text) != 3 or not (text.isascii() and text.isupper()):
        raise CellError
    return text


_CURRENCY: Final = Cell("a currency code of three capitals", _currency)
