from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import Scheme
from targeting.sources.approval_registers import is_approval, read_approvals
from tests.lib.small_country import number


@pytest.mark.parametrize(
    ("status", "approved"),
    [
        ("Godkjent uten ansatte", True),
        ("Godkjent med ansatte", True),
        ("HMS-kortbestilling under behandling", False),
        ("Søknad under behandling", False),
        ("Ikke godkjent", False),
        ("Ikke funnet", False),
        ("Oppfylt registrering", True),
        ("Ikke registrert", False),
        ("SØKNAD_UNDER_BEHANDLING", False),
        ("HMS_KORTBESTILLING_UNDER_BEHANDLING", False),
        ("GODKJENT_UTEN_ANSATTE", True),
        ("GODKJENT_MED_ANSATTE", True),
        ("IKKE_GODKJENT", False),
        ("UKJENT", False),
        ("Godkjent", True),
        ("Lovlig – godkjent", True),
        ("Kanskje", None),
    ],
)
def test_every_status_of_the_registers_is_known(status: str, approved: bool | None) -> None:
    assert is_approval(status) is approved


def test_a_register_file_gives_one_row_an_enterprise_known_on_the_day_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "renhold_2026-01-31.csv"
    path.write_text(f"orgnr,status,dato\n{number(1)},Godkjent med ansatte,2025-12-01\n{number(2)},Ikke godkjent,\n")

    (batch,) = read_approvals(path, scheme=Scheme.CLEANING, known_on=date(2026, 1, 31))

    assert [tuple(map(str, row.values())) for row in batch.rows.to_pylist()] == [
        (number(1), "cleaning", "2026-01-31", "Godkjent med ansatte", "True", "2025-12-01"),
        (number(2), "cleaning", "2026-01-31", "Ikke godkjent", "False", "None"),
    ]


def test_an_unknown_status_is_quarantined_with_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "renhold.csv"
    path.write_text(f"organisasjonsnummer,status,status_endret\n{number(1)},Snart godkjent,2025-12-01\n")

    (batch,) = read_approvals(path, scheme=Scheme.CLEANING, known_on=date(2026, 1, 31))

    (refused,) = batch.quarantined
    assert (refused.line, refused.column, refused.got) == (2, "status", "'Snart godkjent'")
    assert "godkjent med ansatte" in refused.expected
