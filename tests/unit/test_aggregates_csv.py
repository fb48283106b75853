"""The three extracts that are counted inside the Authority: employment, roles, incidents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import BadInputError
from targeting.sources.employment_csv import read_employment
from targeting.sources.incidents_csv import read_incidents
from targeting.sources.roles_csv import read_roles
from tests.lib.small_country import number

_EMPLOYMENT = "organisasjonsnummer,kvartal_start,hms_kort,andel_under_minstelonn,kjent_dato"
_ROLES = (
    "organisasjonsnummer,styremedlemmer,daglig_leder_endringer_12m,styreendringer_12m,har_revisor,har_regnskapsforer,"
    "rolleinnehaver_konkurser"
)
_INCIDENTS = "hendelse,organisasjonsnummer,dato,type,alvorlig,kjent_dato"


def _written(folder: Path, *lines: str) -> Path:
    path = folder / "fil.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_an_absent_count_of_cards_is_not_zero(tmp_path: Path) -> None:
    path = _written(
        tmp_path, _EMPLOYMENT, f"{number(1)},2025-01-01,,0.2,2025-05-15", f"{number(2)},2025-01-01,0,,2025-05-15"
    )

    (batch,) = read_employment(path)

    rows = batch.rows.to_pylist()
    assert [(row["hms_cards"], row["share_below_minimum_rate"]) for row in rows] == [(None, 0.2), (0, None)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("{n},2025-01-02,1,0.2,2025-05-15", "kvartal_start"),
        ("{n},2025-01-01,1,0.2,2024-12-31", "kjent_dato"),
        ("{n},2025-01-01,1,0.2,", "kjent_dato"),
        ("{n},2025-01-01,1,20,2025-05-15", "andel_under_minstelonn"),
        ("{n},2025-01-01,1.5,0.2,2025-05-15", "hms_kort"),
    ],
)
def test_an_employment_row_that_cannot_be_is_refused(tmp_path: Path, line: str, column: str) -> None:
    (batch,) = read_employment(_written(tmp_path, _EMPLOYMENT, line.format(n=number(1))))

    assert [refusal.column for refusal in batch.quarantined] == [column]


def test_roles_are_counts_known_on_the_day_of_the_file(tmp_path: Path) -> None:
    (batch,) = read_roles(_written(tmp_path, _ROLES, f"{number(1)},3,0,1,ja,nei,"), known_on=date(2026, 1, 31))

    assert batch.rows.to_pylist() == [
        {
            "enterprise": number(1),
            "known_on": date(2026, 1, 31),
            "board_members": 3,
            "manager_changes_12m": 0,
            "board_changes_12m": 1,
            "has_auditor": True,
            "has_accountant": False,
            "role_holder_bankruptcies": None,
        }
    ]


def test_a_roles_file_with_a_column_of_persons_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="an unknown column 'navn'"):
        list(read_roles(_written(tmp_path, f"{_ROLES},navn", ""), known_on=date(2026, 1, 31)))


def test_incidents_are_read_with_the_day_they_became_known(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        _INCIDENTS,
        f"H1,{number(1)},2025-01-10,ulykke,true,2025-03-01",
        f"H2,{number(1)},2025-01-10,bekymring,,2025-01-09",
        f"H3,{number(1)},2025-01-10,rykte,,2025-01-11",
    )

    (batch,) = read_incidents(path)

    (row,) = batch.rows.to_pylist()
    assert (row["incident"], row["kind"], row["serious"], str(row["known_on"])) == (
        "H1",
        "accident",
        True,
        "2025-03-01",
    )
    assert [(refusal.line, refusal.column) for refusal in batch.quarantined] == [(3, "kjent_dato"), (4, "type")]
