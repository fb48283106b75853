from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from targeting.sources.inspections_csv import read_findings, read_inspections, read_reactions
from targeting.sources.reading import Batch, Quarantined
from tests.lib.small_country import number

_HEADER = (
    "internTilsynsid,tildaenhet,tilsynutfoertav,startdato,uanmeldttilsyn,tilsynsstatus,tilsynsform,tilsynsutvelgelse,"
    "tilsynstema,kampanjenavn,kommunenummer,naeringskode,naeringsstandard,antallKontrollpunkter,tilfeldig_utvalg"
)


def _written(folder: Path, *lines: str) -> Path:
    path = folder / "fil_2025.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _rows(batches: Iterable[Batch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.rows.to_pylist()]


def _refused(batches: Iterable[Batch]) -> list[Quarantined]:
    return [refusal for batch in batches for refusal in batch.quarantined]


def test_a_header_is_read_in_the_words_of_the_domain(tmp_path: Path) -> None:
    line = f"T1,{number(1)},{number(2)},2025-03-04,nei,lukket,meldt,oppfoelging,BHT,,0301,41.200,SN2007,12,ja"

    (row,) = _rows(read_inspections(_written(tmp_path, _HEADER, line)))

    assert row == {
        "inspection": "T1",
        "establishment": number(1),
        "occurred_on": date(2025, 3, 4),
        "known_on": date(2025, 3, 4),
        "authority": number(2),
        "form": "announced",
        "origin": "follow_up",
        "topic": "BHT",
        "campaign": None,
        "status": "lukket",
        "municipality": "0301",
        "industry_code": "41.200",
        "industry_standard": "SN2007",
        "control_points": 12,
        "random_selection": True,
        "office": None,
        "inspector": None,
    }


@pytest.mark.parametrize(
    ("form", "unannounced", "expected"),
    [
        ("dokument", "", "document"),
        ("", "ja", "unannounced"),
        ("", "nei", None),
        ("", "ikkeAngitt", None),
        ("Uanmeldt", "", "unannounced"),
    ],
)
def test_the_form_is_the_stated_one_or_what_unannounced_proves(
    tmp_path: Path, form: str, unannounced: str, expected: str | None
) -> None:
    header = "internTilsynsid,tildaenhet,startdato,tilsynsform,uanmeldttilsyn"

    (row,) = _rows(read_inspections(_written(tmp_path, header, f"T1,{number(1)},2025-03-04,{form},{unannounced}")))

    assert row["form"] == expected


def test_a_late_header_is_known_when_its_file_says(tmp_path: Path) -> None:
    header = "internTilsynsid,tildaenhet,startdato,kjent_dato,kontor,inspektoer"

    (row,) = _rows(read_inspections(_written(tmp_path, header, f"T1,{number(1)},2025-03-04,2025-03-20,K1,I7")))

    assert (row["known_on"], row["office"], row["inspector"]) == (date(2025, 3, 20), "K1", "I7")


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("T1,{n},2025-03-04,2025-03-03,,", "kjent_dato", "a day on or after the inspection's start, 2025-03-04"),
        ("T1,{n},2025-03-04,,41.200,", "naeringsstandard", "SN2007 or SN2025 beside an industry code"),
        ("T1,{n},2025-03-04,,41.200,SN2002", "naeringsstandard", "one of sn2007, sn2025"),
        ("T1,{n},,,,", "startdato", "a date that exists, written YYYY-MM-DD"),
        (",{n},2025-03-04,,,", "internTilsynsid", "text"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused(tmp_path: Path, line: str, column: str, expected: str) -> None:
    header = "internTilsynsid,tildaenhet,startdato,kjent_dato,naeringskode,naeringsstandard"

    (refusal,) = _refused(read_inspections(_written(tmp_path, header, line.format(n=number(1)))))

    assert (refusal.column, refusal.expected) == (column, expected)


def test_undated_answers_count_as_known_180_days_after_the_inspection_began(tmp_path: Path) -> None:
    path = _written(tmp_path, "internTilsynsid,kontrollpunktId,hjemmel,svar", "T1,BHT-01,aml. § 3-3,brudd")

    (row,) = _rows(read_findings(path, started={"T1": date(2025, 1, 1)}))

    assert row == {
        "inspection": "T1",
        "control_point": "BHT-01",
        "known_on": date(2025, 6, 30),
        "legal_basis": "aml. § 3-3",
        "answer": "breach",
    }


def test_an_answer_with_its_own_date_needs_no_inspection(tmp_path: Path) -> None:
    path = _written(
        tmp_path, "internTilsynsid,kontrollpunktId,hjemmel,svar,kjent_dato", "T9,HMS-01,,oppfylt,2025-04-05"
    )

    (row,) = _rows(read_findings(path, started={}))

    assert (row["known_on"], row["answer"]) == (date(2025, 4, 5), "met")


def test_an_answer_with_neither_date_nor_inspection_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path, "internTilsynsid,kontrollpunktId,hjemmel,svar", "T9,HMS-01,,oppfylt")

    (refusal,) = _refused(read_findings(path, started={}))

    assert refusal.got == "no known date and its inspection is unknown"


def test_a_control_point_answered_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        "internTilsynsid,kontrollpunktId,hjemmel,svar,kjent_dato",
        "T1,HMS-01,,oppfylt,2025-04-05",
        "T1,HMS-01,,brudd,2025-04-05",
        "T1,HMS-01,,brudd,2025-05-05",
    )

    batches = list(read_findings(path, started={}))

    assert [row["answer"] for row in _rows(batches)] == ["met", "breach"], "a later correction is another row"
    assert [(refusal.line, refusal.got) for refusal in _refused(batches)] == [(3, "the same again, first on line 2")]


def test_a_reaction_is_read_with_its_amount_and_deadline(tmp_path: Path) -> None:
    header = "internTilsynsid,bruddOgReaksjonsreferanse,lovparagraf,reaksjonstype,reaksjonsdato,belop,frist,status"
    path = _written(
        tmp_path, header, "T1,1,aml. § 18-7,tvangsmulkt,2025-05-01,5000,2025-06-01,vedtatt", "T1,2,,bot,,,,"
    )

    batches = list(read_reactions(path, started={"T1": date(2025, 1, 1)}))

    (row,) = _rows(batches)
    assert (row["kind"], row["amount"], str(row["deadline_on"]), str(row["known_on"])) == (
        "coercive_fine",
        5000.0,
        "2025-06-01",
        "2025-06-30",
    )
    (refusal,) = _refused(batches)
    assert (refusal.column, refusal.got) == ("reaksjonstype", "'bot'")
    assert "overtredelsesgebyr" in refusal.expected
