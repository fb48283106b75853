"""A file is told by its name, and dated by it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import BadInputError
from targeting.sources.detect import SourceKind, day_in_name, detect


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("enheter_2015-12-31.json.gz", SourceKind.ENTERPRISES),
        ("underenheter_2015-12-31.json.gz", SourceKind.ESTABLISHMENTS),
        ("er_enheter_utvalg_2024-01.csv.gz", SourceKind.ENTERPRISES),
        ("er_underenheter_koblet_2024-01.csv.gz", SourceKind.ESTABLISHMENTS),
        ("UNDERENHETER_ALLE.JSON", SourceKind.ESTABLISHMENTS),
        ("oppdateringer_enheter_2016Q1.jsonl.gz", SourceKind.ENTERPRISE_CHANGES),
        ("oppdateringer_underenheter_2016Q1.jsonl.gz", SourceKind.ESTABLISHMENT_CHANGES),
        ("regnskap_2024-08-01.json.gz", SourceKind.ACCOUNTS),
        ("bemanning_2024-01-01.csv", SourceKind.AGENCY),
        ("renhold_2024-01-01.csv", SourceKind.CLEANING),
        ("bilpleie_2024-01-01.csv", SourceKind.CAR_CARE),
        ("bht_2024-01-01.csv", SourceKind.BHT_PROVIDER),
        ("bht_dispensasjon_2024-01-01.csv", SourceKind.BHT_DISPENSATION),
        ("tilsyn_2019.csv.gz", SourceKind.INSPECTIONS),
        ("kontrollpunkt_2019.csv.gz", SourceKind.FINDINGS),
        ("reaksjon_2019.csv.gz", SourceKind.REACTIONS),
        ("tilda_eksempel_tilsynsrapporter.json", SourceKind.TILDA_REPORTS),
        ("tilda_eksempel_tilsynskoordineringer.json", SourceKind.TILDA_COORDINATION),
        ("tilda_koordinering_2024-01-01.json", SourceKind.TILDA_COORDINATION),
        ("sysselsetting_2019.csv.gz", SourceKind.EMPLOYMENT),
        ("roller_2019-12-31.csv.gz", SourceKind.ROLES),
        ("hendelser_2019.csv.gz", SourceKind.INCIDENTS),
    ],
)
def test_each_accepted_name_has_its_kind(name: str, kind: SourceKind) -> None:
    assert detect(Path("some") / name) is kind


@pytest.mark.parametrize(
    "name", ["units.json", "enheter.xlsx", "enheter", "tilda_eksempel_trendrapporter.json", "reenheter_2024.json"]
)
def test_an_unknown_name_is_refused_with_the_accepted_ones(name: str) -> None:
    with pytest.raises(BadInputError, match=r"underenheter \(\.json, \.jsonl, \.csv\).*hendelser \(\.csv\)"):
        detect(Path(name))


def test_a_tenor_file_is_refused_as_what_it_is() -> None:
    with pytest.raises(BadInputError, match=r"Tenor, the test-data search.*synthetic command"):
        detect(Path("tenor_syntetiske_virksomheter.jsonl.gz"))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("enheter_2015-12-31.json.gz", date(2015, 12, 31)),
        ("er_enheter_2024-01.csv.gz", date(2024, 2, 1)),
        ("er_enheter_2024-12.csv.gz", date(2025, 1, 1)),
        ("oppdateringer_enheter_2016Q1.jsonl.gz", date(2016, 3, 31)),
        ("oppdateringer_enheter_2016Q4.jsonl.gz", date(2016, 12, 31)),
        ("tilsyn_2016.csv.gz", None),
        ("enheter.json", None),
    ],
)
def test_a_file_is_dated_by_its_name_and_never_too_early(name: str, day: date | None) -> None:
    assert day_in_name(Path(name)) == day


@pytest.mark.parametrize("name", ["enheter_2023-02-29.json", "enheter_2024-13.json"])
def test_a_day_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="a date that exists"):
        day_in_name(Path(name))
