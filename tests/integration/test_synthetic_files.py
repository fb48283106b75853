"""The synthetic country writes what the real adapters read: layouts, dates, counts, nothing personal, same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from targeting.domain import BadInputError, has_national_identity_number, is_organisation_number
from targeting.sources.detect import detect
from targeting.sources.synthetic import build_country, check_apart, write_files, write_truth

SIZE, SEED = 2_000, 11


def _build(folder: Path, seed: int = SEED) -> Path:
    country = build_country(SIZE, seed)
    write_files(country, folder / "files")
    write_truth(country, folder / "truth.parquet")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(tmp_path_factory.mktemp("country"))


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")


def _texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted((folder / "files").iterdir()):
        yield path, _text(path)


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_text(path))))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(built: Path, tmp_path: Path) -> None:
    again, other = _build(tmp_path / "again"), _build(tmp_path / "other", seed=SEED + 1)
    for path in sorted(built.rglob("*.*")):
        assert (again / path.relative_to(built)).read_bytes() == path.read_bytes(), path.name
    name = "underenheter_2015-12-31.json.gz"
    assert (other / "files" / name).read_bytes() != (built / "files" / name).read_bytes()


def test_the_adapters_recognise_every_file(built: Path) -> None:
    assert len({detect(path) for path in (built / "files").iterdir()}) == 16


def test_nothing_looks_like_a_national_identity_number_and_no_number_is_real(built: Path) -> None:
    for path, text in _texts(built):
        assert not re.search(r"\d{11}", text), path.name
        assert not has_national_identity_number(text), path.name
        for number in set(re.findall(r"(?<![\d.-])\d{9}(?![\d.])", text)):
            if path.name.startswith("regnskap"):
                continue  # amounts may have nine digits
            assert number[0] in "23" and is_organisation_number(number), (path.name, number)


def test_bulk_files_hold_each_living_unit_once_with_a_known_enterprise(built: Path) -> None:
    places = json.loads(_text(built / "files" / "underenheter_2015-12-31.json.gz"))
    enterprises = {
        unit["organisasjonsnummer"]: unit for unit in json.loads(_text(built / "files" / "enheter_2015-12-31.json.gz"))
    }
    assert len({unit["organisasjonsnummer"] for unit in places}) == len(places) == SIZE
    assert {unit["overordnetEnhet"] for unit in places} <= set(enterprises)
    counted = [unit["antallAnsatte"] for unit in places if "antallAnsatte" in unit]
    assert min(counted) >= 5
    assert any("antallAnsatte" not in unit and unit.get("harRegistrertAntallAnsatte") for unit in places)


def test_the_feed_tells_of_births_changes_deaths_and_removals_with_growing_ids(built: Path) -> None:
    kinds: set[str] = set()
    for register in ("enheter", "underenheter"):
        last = 0
        for path in sorted((built / "files").glob(f"oppdateringer_{register}_*.jsonl.gz")):
            for line in _text(path).splitlines():
                event = json.loads(line)
                assert event["oppdateringsid"] > last
                assert event["innhold"]["organisasjonsnummer"] == event["organisasjonsnummer"]
                last = event["oppdateringsid"]
                kinds.add(event["endringstype"])
                if event["endringstype"] in ("Ny", "Endring"):
                    assert date.fromisoformat(
                        event["innhold"]["registreringsdatoEnhetsregisteret"]
                    ) < date.fromisoformat(event["dato"][:10])
    assert kinds >= {"Ny", "Endring", "Sletting"}


def test_replaying_the_feed_on_the_bulk_file_gives_the_register_of_the_end(built: Path) -> None:
    """A change is told only when the entry differs (or its standard does); the living are those never deleted."""
    living = {
        unit["organisasjonsnummer"]: unit
        for unit in json.loads(_text(built / "files" / "underenheter_2015-12-31.json.gz"))
    }
    for path in sorted((built / "files").glob("oppdateringer_underenheter_*.jsonl.gz")):
        for line in _text(path).splitlines():
            event = json.loads(line)
            number, entry = event["organisasjonsnummer"], event["innhold"]
            match event["endringstype"]:
                case "Ny":
                    assert number not in living
                    living[number] = entry
                case "Endring":
                    assert living[number] != entry or event["dato"].startswith("2025-09")
                    living[number] = entry
                case _:
                    del living[number]
    last = build_country(SIZE, SEED).world.register
    assert set(living) == {str(number) for number in last.number[last.living(43)]}


def test_the_register_speaks_sn2025_from_september_2025(built: Path) -> None:
    codes: dict[str, set[str]] = {"before": set(), "from": set()}
    for line in _text(built / "files" / "oppdateringer_underenheter_2025-12-31.jsonl.gz").splitlines():
        event = json.loads(line)
        if "naeringskode1" in event["innhold"]:
            side = "before" if event["dato"] < "2025-09-01" else "from"
            codes[side].add(event["innhold"]["naeringskode1"]["kode"])
    assert "95.310" not in codes["before"] and "95.310" in codes["from"]
    assert "45.200" not in codes["from"]


def test_answers_become_known_60_to_180_days_late_and_never_after_the_end(built: Path) -> None:
    for year in range(2016, 2027):
        started = {
            row["internTilsynsid"]: date.fromisoformat(row["startdato"])
            for row in _rows(built / "files" / f"tilsyn_{year}.csv.gz")
        }
        for name in ("kontrollpunkt", "reaksjon"):
            for row in _rows(built / "files" / f"{name}_{year}.csv.gz"):
                known = date.fromisoformat(row["kjent_dato"])
                assert 60 <= (known - started[row["internTilsynsid"]]).days <= 180
                assert known <= date(2026, 12, 31)


def test_accounts_may_be_empty_foreign_or_missing_but_never_from_sole_proprietors(built: Path) -> None:
    filed = [item for path in sorted((built / "files").glob("regnskap_*.json.gz")) for item in json.loads(_text(path))]
    assert {item["virksomhet"]["organisasjonsform"] for item in filed} <= {"AS", "NUF"}
    assert {item["valuta"] for item in filed} == {"NOK", "USD"}
    assert any(item["eiendeler"] == {} for item in filed)


def test_the_truth_may_not_lie_among_the_files(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="outside the output folder"):
        check_apart(tmp_path / "out" / "deep" / "truth.parquet", tmp_path / "out")
    check_apart(tmp_path / "truth.parquet", tmp_path / "out")
