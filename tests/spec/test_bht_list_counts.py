"""The 2025 list against Statistics Norway's code list: as many codes as were counted from the statute."""

import csv
import gzip
from datetime import date
from pathlib import Path

from targeting.domain import IndustryCode, Standard
from targeting.parameters.bht_duty import answer
from targeting.parameters.bht_list import list_on

SPLIT_IN_PLACE = {"43.221", "43.222", "43.223"}  # added to the standard after the count was made, beside 43.220


def test_the_list_has_108_prefixes() -> None:
    newest = list_on(date(2025, 10, 7))
    assert len(newest.yes) + len(newest.conditional) == 97 + 11


def test_416_of_736_codes_are_touched_by_the_list(shared_data: Path) -> None:
    with gzip.open(shared_data / "norway" / "sn2025_naeringskoder.csv.gz", "rt", encoding="utf-8") as file:
        codes = {row["kode"] for row in csv.DictReader(file) if len(row["kode"]) == 6} - SPLIT_IN_PLACE
    touched = [code for code in codes if answer(IndustryCode(code, Standard.SN2025), date(2026, 1, 1)).answer != "no"]
    assert (len(codes), len(touched)) == (736, 416)


def test_translation_never_contradicts_the_official_key_on_a_plain_answer(shared_data: Path) -> None:
    """Where all official successors share one plain answer, ours is that answer or an honest `conditional`."""
    successors: dict[str, set[str]] = {}
    with (shared_data / "norway" / "sn2007_til_sn2025.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            official = answer(IndustryCode(row["sn2025_kode"], Standard.SN2025), date(2026, 1, 1)).answer
            successors.setdefault(row["sn2007_kode"], set()).add(official)
    wrong = {
        code: (ours, official)
        for code, answers in successors.items()
        if len(answers) == 1
        for official in answers - {"conditional"}
        if (ours := answer(IndustryCode(code, Standard.SN2007), date(2026, 1, 1)).answer)
        not in (official, "conditional")
    }
    assert wrong == {}
