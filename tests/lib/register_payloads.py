"""Small register payloads in the layout of Enhetsregisteret. All numbers are synthetic: they start with 2 or 3."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

IDENTITY_NUMBER = "0101" + "9012345"
"""Shaped like a national identity number; put together here so that no file holds one."""

Payload = dict[str, Any]


def organisation_number(index: int, first: str = "3") -> str:
    """The `index`-th synthetic organisation number."""
    return numbers(index + 1, first)[index]


def numbers(count: int, first: str = "3") -> list[str]:
    """The first `count` synthetic organisation numbers."""
    weights = (3, 2, 7, 6, 5, 4, 3, 2)
    result: list[str] = []
    stem = 0
    while len(result) < count:
        stem += 1
        base = f"{first}{stem:07d}"
        digit = (11 - sum(w * int(d) for w, d in zip(weights, base, strict=True)) % 11) % 11
        if digit < 10:
            result.append(f"{base}{digit}")
    return result


def sub_unit(number: str = organisation_number(0), **changes: Any) -> Payload:
    """A sub-unit with 12 employees; a change to `...` takes the key away."""
    return _changed(
        {
            "organisasjonsnummer": number,
            "navn": "SYNTETISK VERKSTED",
            "organisasjonsform": {"kode": "BEDR", "beskrivelse": "Underenhet til næringsdrivende"},
            "registreringsdatoEnhetsregisteret": "2017-10-20",
            "registrertIMvaregisteret": True,
            "naeringskode1": {"kode": "45.200", "beskrivelse": "Vedlikehold av motorvogner"},
            "antallAnsatte": 12,
            "harRegistrertAntallAnsatte": True,
            "overordnetEnhet": organisation_number(0, "2"),
            "beliggenhetsadresse": {
                "land": "Norge",
                "landkode": "NO",
                "postnummer": "0122",
                "poststed": "OSLO",
                "adresse": ["Bryggen 1", None, None],
                "kommune": "OSLO",
                "kommunenummer": "0301",
            },
            "oppstartsdato": "2017-09-01",
            "respons_klasse": "Underenhet",
        },
        changes,
    )


def main_unit(number: str = organisation_number(0, "2"), **changes: Any) -> Payload:
    """A limited company; a change to `...` takes the key away."""
    return _changed(
        {
            "organisasjonsnummer": number,
            "navn": "SYNTETISK DRIFT AS",
            "organisasjonsform": {"kode": "AS", "beskrivelse": "Aksjeselskap"},
            "registreringsdatoEnhetsregisteret": "2010-03-12",
            "registrertIMvaregisteret": True,
            "naeringskode1": {"kode": "41.200", "beskrivelse": "Oppføring av bygninger"},
            "harRegistrertAntallAnsatte": True,
            "forretningsadresse": {
                "land": "Norge",
                "landkode": "NO",
                "postnummer": "5003",
                "poststed": "BERGEN",
                "adresse": ["c/o Regnskap AS", "Torget 2"],
                "kommune": "BERGEN",
                "kommunenummer": "4601",
            },
            "stiftelsesdato": "2010-02-01",
            "institusjonellSektorkode": {"kode": "2100", "beskrivelse": "Private aksjeselskaper mv."},
            "registrertIForetaksregisteret": True,
            "sisteInnsendteAarsregnskap": "2024",
            "konkurs": False,
            "underAvvikling": False,
            "underTvangsavviklingEllerTvangsopplosning": False,
            "respons_klasse": "Enhet",
        },
        changes,
    )


def deleted_unit(number: str = organisation_number(0), form: str = "BEDR") -> Payload:
    """What the API answers about a deleted unit."""
    return {
        "respons_klasse": "SlettetEnhet",
        "organisasjonsnummer": number,
        "navn": "SYNTETISK VERKSTED",
        "organisasjonsform": {"kode": form},
        "slettedato": "2026-02-03",
    }


def event(id_: int, content: Payload | None, kind: str = "Endring", **changes: Any) -> Payload:
    """One line of a captured change feed."""
    number = content["organisasjonsnummer"] if content else organisation_number(0)
    line = {
        "oppdateringsid": id_,
        "dato": "2026-02-03T04:01:39.613Z",
        "organisasjonsnummer": number,
        "endringstype": kind,
        "innhold": content,
    }
    return _changed(line, changes)


def write_text(path: Path, text: str) -> Path:
    """`text` as UTF-8, gzipped when `path` ends in .gz."""
    path.write_bytes(gzip.compress(text.encode()) if path.name.endswith(".gz") else text.encode())
    return path


def write_json(path: Path, value: object) -> Path:
    """`value` as JSON, gzipped when `path` ends in .gz."""
    return write_text(path, json.dumps(value, ensure_ascii=False))


def write_lines(path: Path, values: Iterable[object]) -> Path:
    """One JSON value a line."""
    return write_text(path, "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values))


def _changed(payload: Payload, changes: Payload) -> Payload:
    return {key: value for key, value in (payload | changes).items() if value is not ...}
