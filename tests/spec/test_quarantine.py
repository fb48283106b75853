"""Nothing is lost: a row that cannot be read is kept with its place and the reason, and every count adds up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.ingest import ingest, render
from pipelines.progress import steps
from targeting.snapshots import Store
from tests.lib.small_country import number

# file name | header | bad row | column told | what is told of the cell
# {a} is a good number; every file has one good row before the bad one.
_ROWS = """
renhold_2026-01-31.csv      | organisasjonsnummer,status,status_endret      | 123456789,Godkjent,             | organisasjonsnummer | '123456789'
renhold_2026-01-31.csv      | organisasjonsnummer,status,status_endret      | {a},Kanskje,                    | status              | 'Kanskje'
bemanning_2026-01-31.csv    | organisasjonsnummer,status,status_endret      | {a},Godkjent,31.12.2025         | status_endret       | '31.12.2025'
bht_2026-01-31.csv          | orgnr,status,dato                             | {a},Godkjent                    | None                | 2
tilsyn_2025.csv             | internTilsynsid,tildaenhet,startdato,tilsynsform | T2,{a},2025-01-02,besøk      | tilsynsform         | 'besøk'
kontrollpunkt_2025.csv      | internTilsynsid,kontrollpunktId,svar,kjent_dato | T1,HMS-02,vet ikke,2025-06-01 | svar                | 'vet ikke'
kontrollpunkt_2025.csv      | internTilsynsid,kontrollpunktId,svar,kjent_dato | T1,HMS-01,brudd,2025-06-01    | None                | the same again, first on line 2
reaksjon_2025.csv           | internTilsynsid,bruddOgReaksjonsreferanse,reaksjonstype | T1,2,paalegg          | kjent_dato          | no known date and its inspection is unknown
hendelser_2025.csv          | hendelse,organisasjonsnummer,dato,type,alvorlig,kjent_dato | H2,{a},2025-01-02,tips,kanskje,2025-01-03 | alvorlig | 'kanskje'
sysselsetting_2025.csv      | organisasjonsnummer,kvartal_start,hms_kort,andel_under_minstelonn,kjent_dato | {a},2025-04-01,tre,,2025-08-15 | hms_kort | 'tre'
roller_2026-01-31.csv       | organisasjonsnummer,styremedlemmer,daglig_leder_endringer_12m,styreendringer_12m,har_revisor,har_regnskapsforer,rolleinnehaver_konkurser | {a},-1,,,,, | styremedlemmer | '-1'
"""  # noqa: E501 - a table reads better unbroken
_GOOD = {
    "renhold": "{b},Godkjent,",
    "bemanning": "{b},Godkjent,",
    "bht": "{b},Godkjent,",
    "tilsyn": "T1,{b},2025-01-02,meldt",
    "kontrollpunkt": "T1,HMS-01,brudd,2025-06-01",
    "hendelser": "H1,{b},2025-01-02,tips,,2025-01-03",
    "sysselsetting": "{b},2025-04-01,3,,2025-08-15",
    "roller": "{b},3,,,,,",
}


def _cases() -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in _ROWS.strip().splitlines()]


@pytest.mark.parametrize(("name", "header", "bad", "column", "got"), _cases())
def test_a_bad_row_is_kept_with_file_line_column_and_what_was_expected(
    tmp_path: Path, name: str, header: str, bad: str, column: str, got: str
) -> None:
    good = [text for word, text in _GOOD.items() if name.startswith(word)]
    lines = [text.format(a=number(1), b=number(2)) for text in [header, *good, bad]]
    (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    with steps("test") as progress:
        report = ingest([tmp_path / name], tmp_path / "home", None, False, progress)

    (file,) = report.files
    assert (file.read, file.accepted, file.quarantined) == (len(good) + 1, len(good), 1)
    (kept,) = (tmp_path / "home" / "quarantine").glob("*.jsonl")
    entry = json.loads(kept.read_text())
    assert (kept.stem, entry["file"], entry["line"]) == (file.load, name, len(lines))
    assert (str(entry["column"]), entry["got"]) == (column, got)
    assert f"{name}, line {len(lines)}" in render(report)
    assert Store(tmp_path / "home").manifest().loads[-1].quarantined == 1
