"""From one register entry to one row of `establishments` or `enterprises`: every column, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from targeting.domain import Standard
from targeting.sources.enhetsregisteret_extra import ADDRESS_KEYS, CODE_KEYS, extra
from targeting.sources.reading import RowError, shown
from targeting.sources.register_values import (
    Unit,
    count,
    day,
    flag,
    industry,
    nested,
    number,
    required_number,
    text,
    year,
)
from targeting.tables import Enterprises, Establishments, Table

__all__ = ["ENTERPRISE", "ESTABLISHMENT", "Register", "Stamp", "standard_on"]

SN2025_FROM: Final = date(2025, 9, 1)
"""The day Enhetsregisteret turned to SN2025 (Standard for naeringsgruppering 2025, SSB Klass version 3218, valid from
2025-09-01): files known before it carry SN2007, files known from then on SN2025."""

_FEWEST_COUNTED: Final = 5
"""`antallAnsatte` below five has not been published since September 2023; older files are brought to the same band,
so that a feature means the same before and after."""

_SUB_UNIT_FORMS: Final = frozenset({"BEDR", "AAFY"})
_DELETED: Final = "Slettet"
_FOUR_DIGITS: Final = re.compile(r"\d{4}", re.ASCII)
_NOTHING_INSIDE: Final[frozenset[str]] = frozenset()

_GROUNDS: Final[Mapping[str, str]] = {
    "tvangsopplostPgaManglendeDagligLederDato": "manager",
    "tvangsopplostPgaManglendeRevisorDato": "auditor",
    "tvangsopplostPgaManglendeRegnskapDato": "accounts",
    "tvangsopplostPgaMangelfulltStyreDato": "board",
    "tvangsavvikletPgaManglendeSlettingDato": "deletion",
}


class Stamp(NamedTuple):
    """What a row says beside its content: when it was known, its order that day, the standard of its codes."""

    known_on: date
    version: int
    standard: Standard


@dataclass(frozen=True, slots=True)
class Register:
    """One of the two registers: its table, the column of its number, its name in HAL pages, how an entry is read.

    `row` raises `RowError` for an entry that cannot be one row of the table. `keys` are the keys it reads, each with
    the keys known inside.
    """

    table: type[Table]
    number: str
    embedded: str
    keys: Mapping[str, frozenset[str]]
    row: Callable[[Unit, Stamp], dict[str, object]]


def standard_on(known_on: date) -> Standard:
    """The standard of the codes in a file known on `known_on`.

    >>> standard_on(date(2025, 8, 31)).value, standard_on(date(2025, 9, 1)).value
    ('SN2007', 'SN2025')
    """
    return Standard.SN2025 if known_on >= SN2025_FROM else Standard.SN2007


def _establishment(unit: Unit, stamp: Stamp) -> dict[str, object]:
    deleted = _is_deleted(unit)
    return {
        "establishment": required_number(unit, "organisasjonsnummer"),
        "enterprise": number(unit, "overordnetEnhet"),
        **_shared(unit, stamp, deleted=deleted, sub_unit=True),
        **_address(unit, "beliggenhetsadresse"),
        "registered_on": day(unit, "registreringsdatoEnhetsregisteret"),
        "started_on": day(unit, "oppstartsdato"),
        "ceased_on": day(unit, "nedleggelsesdato") or day(unit, "slettedato"),
        "ownership_changed_on": day(unit, "datoEierskifte"),
        "vat_registered": flag(unit, "registrertIMvaregisteret"),
        "extra": extra(unit, _ESTABLISHMENT_KEYS),
    }


def _enterprise(unit: Unit, stamp: Stamp) -> dict[str, object]:
    return {
        "enterprise": required_number(unit, "organisasjonsnummer"),
        "parent": number(unit, "overordnetEnhet"),
        **_shared(unit, stamp, deleted=_is_deleted(unit), sub_unit=False),
        **_address(unit, "forretningsadresse"),
        "sector_code": text(nested(unit, "institusjonellSektorkode"), "kode"),
        "founded_on": day(unit, "stiftelsesdato"),
        "registered_on": day(unit, "registreringsdatoEnhetsregisteret"),
        "vat_registered": flag(unit, "registrertIMvaregisteret"),
        "business_registered": flag(unit, "registrertIForetaksregisteret"),
        "bankrupt": flag(unit, "konkurs"),
        "bankrupt_on": day(unit, "konkursdato"),
        "winding_up": flag(unit, "underAvvikling"),
        "compulsory_dissolution": flag(unit, "underTvangsavviklingEllerTvangsopplosning"),
        **_dissolution(unit),
        "last_accounts_year": year(unit, "sisteInnsendteAarsregnskap"),
        "in_group": flag(unit, "erIKonsern"),
        "audit_waived_on": day(unit, "fravalgRevisjonDato"),
        "extra": extra(unit, _ENTERPRISE_KEYS),
    }


def _shared(unit: Unit, stamp: Stamp, *, deleted: bool, sub_unit: bool) -> dict[str, object]:
    return {
        "known_on": stamp.known_on,
        "version": stamp.version,
        "status": "deleted" if deleted else "living",
        "name": text(unit, "navn"),
        "form": _form(unit, sub_unit=sub_unit),
        **_industries(unit, stamp.standard),
        **_employees(unit),
    }


def _is_deleted(unit: Unit) -> bool:
    kind = text(unit, "respons_klasse")
    return bool(kind and kind.startswith(_DELETED)) or day(unit, "slettedato") is not None


def _form(unit: Unit, *, sub_unit: bool) -> str | None:
    form = text(nested(unit, "organisasjonsform"), "kode")
    if form is not None and (form in _SUB_UNIT_FORMS) != sub_unit:
        # The registers are separate; an entry in the wrong file would make an establishment of a company.
        expected = "the form of a sub-unit, BEDR or AAFY" if sub_unit else "the form of a main unit"
        raise RowError("organisasjonsform.kode", expected, shown(form))
    return form


def _industries(unit: Unit, standard: Standard) -> dict[str, object]:
    codes: dict[str, object] = {
        "industry_code": industry(unit, "naeringskode1"),
        "industry_code_2": industry(unit, "naeringskode2"),
        "industry_code_3": industry(unit, "naeringskode3"),
        "auxiliary_code": industry(unit, "hjelpeenhetskode"),
    }
    stated = any(code is not None for code in codes.values())
    return codes | {"industry_standard": standard.value if stated else None}


def _employees(unit: Unit) -> dict[str, object]:
    employees = count(unit, "antallAnsatte")
    registered = flag(unit, "harRegistrertAntallAnsatte")
    if employees is not None and registered is None:
        registered = employees > 0
    counted = employees is not None and employees >= _FEWEST_COUNTED
    return {"employees": employees if counted else None, "employees_registered": registered}


def _address(unit: Unit, key: str) -> dict[str, object]:
    address = nested(unit, key)
    municipality = text(address, "kommunenummer")
    if municipality is not None and not _FOUR_DIGITS.fullmatch(municipality):
        raise RowError(f"{key}.kommunenummer", "a municipality number of four digits", shown(municipality))
    return {
        "municipality": municipality,
        "postal_code": text(address, "postnummer"),
        "address": _street(address, f"{key}.adresse"),
        "country": text(address, "landkode"),
    }


def _street(address: Unit, column: str) -> str | None:
    """The parts joined by ', '. Bulk CSV files hold them joined already, before July 2024 by a literal '/n'."""
    value = address.get("adresse")
    parts = value.split("/n") if isinstance(value, str) else [] if value is None else value
    if not isinstance(parts, list) or not all(part is None or isinstance(part, str) for part in parts):
        raise RowError(column, "lines of text", shown(value))
    return ", ".join(line for part in parts if part and (line := part.strip())) or None


def _dissolution(unit: Unit) -> dict[str, object]:
    warned = {ground: on for key, ground in _GROUNDS.items() if (on := day(unit, key)) is not None}
    return {
        "dissolution_warned_on": min(warned.values(), default=None),
        "dissolution_grounds": ",".join(warned) or None,
    }


def _keys(address: str, *plain: str) -> dict[str, frozenset[str]]:
    coded = ("organisasjonsform", "naeringskode1", "naeringskode2", "naeringskode3", "hjelpeenhetskode")
    shared = (
        "organisasjonsnummer",
        "overordnetEnhet",
        "navn",
        "antallAnsatte",
        "harRegistrertAntallAnsatte",
        "registreringsdatoEnhetsregisteret",
        "registrertIMvaregisteret",
    )
    return {
        **dict.fromkeys((*shared, *plain), _NOTHING_INSIDE),
        **dict.fromkeys(coded, CODE_KEYS),
        address: ADDRESS_KEYS,
    }


_ESTABLISHMENT_KEYS: Final = _keys(
    "beliggenhetsadresse", "oppstartsdato", "nedleggelsesdato", "slettedato", "datoEierskifte"
)
_ENTERPRISE_KEYS: Final = _keys(
    "forretningsadresse",
    "stiftelsesdato",
    "registrertIForetaksregisteret",
    "konkurs",
    "konkursdato",
    "underAvvikling",
    "underTvangsavviklingEllerTvangsopplosning",
    "sisteInnsendteAarsregnskap",
    "erIKonsern",
    "fravalgRevisjonDato",
    *_GROUNDS,
) | {"institusjonellSektorkode": CODE_KEYS}

ESTABLISHMENT: Final = Register(Establishments, "establishment", "underenheter", _ESTABLISHMENT_KEYS, _establishment)
ENTERPRISE: Final = Register(Enterprises, "enterprise", "enheter", _ENTERPRISE_KEYS, _enterprise)
