"""Nothing shaped like a national identity number gets in, wherever it stands; what only looks similar does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from targeting.sources.identifiers import needs_a_look, refuse_identity_numbers
from targeting.sources.reading import IDENTITY_NUMBER as REDACTED
from targeting.sources.reading import RowError, shown
from tests.lib.register_payloads import IDENTITY_NUMBER, main_unit, sub_unit

FIRST, LAST = IDENTITY_NUMBER[:6], IDENTITY_NUMBER[6:]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"navn": f"OLA {IDENTITY_NUMBER}"}, "navn"),
        ({"navn": f"OLA {FIRST} {LAST}"}, "navn"),
        ({"navn": f"OLA {FIRST}-{LAST}"}, "navn"),
        ({"navn": f"OLA {FIRST}\u00a0{LAST}"}, "navn"),
        ({"aktivitet": ["Maling", f"fnr {IDENTITY_NUMBER}"]}, "aktivitet"),
        ({"aktivitet": [f"fnr {FIRST}", LAST]}, "aktivitet"),
        ({"aktivitet": [f"fnr {FIRST}", None, LAST]}, "aktivitet"),
        ({"beliggenhetsadresse": {"adresse": [f"c/o {IDENTITY_NUMBER}"]}}, "beliggenhetsadresse.adresse"),
        ({"nytt": {"dypt": [{"felt": IDENTITY_NUMBER}]}}, "nytt.dypt.felt"),
        ({"nytt": int("13" + IDENTITY_NUMBER[2:])}, "nytt"),
        ({"nytt": float("13" + IDENTITY_NUMBER[2:])}, "nytt"),
        ({"organisasjonsnummer": IDENTITY_NUMBER}, "organisasjonsnummer"),
        ({"hjemmeside": f"www.eksempel.no/{IDENTITY_NUMBER}"}, "hjemmeside"),
        ({IDENTITY_NUMBER: "x"}, None),
    ],
)
def test_a_row_that_may_identify_a_person_is_refused_without_its_text(changes: dict[str, Any], column: str) -> None:
    unit = sub_unit(**changes)
    assert needs_a_look(json.dumps(unit, ensure_ascii=False))
    with pytest.raises(RowError) as refused:
        refuse_identity_numbers(unit)
    assert (refused.value.column, refused.value.got) == (column, REDACTED)
    assert FIRST not in str(refused.value)


def test_digits_hidden_by_json_escapes_are_looked_at() -> None:
    escaped = "".join(f"\\u003{digit}" for digit in IDENTITY_NUMBER)
    assert needs_a_look(f'{{"navn": "{escaped}"}}')


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"navn": "GNR 120 BNR 4567 AS"},
        {"kapital": {"belop": 12_050_000_000.0, "antallAksjer": 11_010 * 1_000_000 + 112_345}},
        {"telefon": "+46" + "701234567", "mobil": "46" + "701234567"},
        {"hjemmeside": "www.eksempel.no/profil?id=1000123" + "45678901"},
        {"paategninger": [{"infotype": "NAVN", "tekst": "ok", "innfoertDato": "2024-01-04"}]},
    ],
)
def test_what_is_no_identity_number_passes(changes: dict[str, Any]) -> None:
    refuse_identity_numbers(main_unit(**changes))


def test_half_a_surrogate_pair_is_refused() -> None:
    unit = json.loads('{"navn": "\\ud83d"}')
    assert needs_a_look('{"navn": "\\ud83d"}')
    with pytest.raises(RowError, match="half a surrogate pair"):
        refuse_identity_numbers(unit)


def test_an_ordinary_unit_needs_no_second_look() -> None:
    assert not needs_a_look(json.dumps(main_unit(), ensure_ascii=False))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.3", "'12.3'"),
        (IDENTITY_NUMBER, REDACTED),
        (IDENTITY_NUMBER[:-1], "10 digits in 10 characters"),
        (IDENTITY_NUMBER + "1", "12 digits in 12 characters"),
        (None, "nothing"),
        ("x" * 70, repr("x" * 60 + "…")),
    ],
)
def test_what_a_quarantine_line_shows(value: object, text: str) -> None:
    assert shown(value) == text
