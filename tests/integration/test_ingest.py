from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest import IngestReport, ingest, render
from pipelines.progress import steps
from targeting.snapshots import Store
from targeting.tables import Establishments, Findings, Inspections, Table
from tests.lib.small_country import number

_DIGITS = "0101" + "9012345"
_HEADER = "internTilsynsid,tildaenhet,startdato"
_ANSWERS = "internTilsynsid,kontrollpunktId,svar"


def _ingest(home: Path, *paths: Path, known_on: date | None = None, complete: bool = False) -> IngestReport:
    with steps("test") as progress:
        return ingest(paths, home, known_on, complete, progress)


def _unit(index: int, name: str = "PRØVE AS", **parts: object) -> dict[str, object]:
    return {
        "organisasjonsnummer": number(index),
        "navn": name,
        "organisasjonsform": {"kode": "BEDR"},
        "overordnetEnhet": number(900),
        "registreringsdatoEnhetsregisteret": "2016-01-01",
        "harRegistrertAntallAnsatte": True,
    } | parts


def _units(folder: Path, day: str, *units: dict[str, object]) -> Path:
    path = folder / f"underenheter_{day}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(list(units), ensure_ascii=False).encode(), mtime=0))
    return path


def _csv(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _stored(home: Path, table: type[Table]) -> list[dict[str, object]]:
    paths = [str(path) for path in Store(home).paths(table)]
    return duckdb.read_parquet(paths).to_arrow_table().to_pylist() if paths else []


def _bytes(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def _small_set(folder: Path) -> Path:
    folder.mkdir()
    _units(folder, "2025-12-31", _unit(1), _unit(2), _unit(3))
    _csv(folder, "tilsyn_2025.csv", _HEADER, f"T1,{number(1)},2025-01-02", f"T2,{number(2)},2025-03-02")
    _csv(folder, "kontrollpunkt_2025.csv", _ANSWERS, "T1,BHT-01,brudd", "T9,BHT-01,brudd")
    _csv(folder, "bht_2025-12-31.csv", "orgnr,status,dato", f"{number(900)},Godkjent,")
    return folder


def test_a_folder_is_read_in_the_order_its_files_need_and_every_count_adds_up(tmp_path: Path) -> None:
    report = _ingest(tmp_path / "home", _small_set(tmp_path / "set"))

    assert [(file.file, file.read, file.accepted, file.quarantined, file.new) for file in report.files] == [
        ("underenheter_2025-12-31.json.gz", 3, 3, 0, 3),
        ("bht_2025-12-31.csv", 1, 1, 0, 1),
        ("tilsyn_2025.csv", 2, 2, 0, 2),
        ("kontrollpunkt_2025.csv", 2, 1, 1, 1),
    ]
    assert all(file.read == file.accepted + file.quarantined + file.purged for file in report.files)
    assert all(file.accepted == file.new + file.unchanged + file.withheld for file in report.files)


def test_answers_take_their_date_from_the_inspections_of_the_same_set(tmp_path: Path) -> None:
    _ingest(tmp_path / "home", _small_set(tmp_path / "set"))

    (finding,) = _stored(tmp_path / "home", Findings)
    assert (finding["inspection"], finding["known_on"]) == ("T1", date(2025, 7, 1))


def test_the_same_files_twice_change_nothing(tmp_path: Path) -> None:
    folder = _small_set(tmp_path / "set")
    _ingest(tmp_path / "home", folder)
    before = _bytes(tmp_path / "home")

    report = _ingest(tmp_path / "home", folder)

    assert all(file.skipped for file in report.files)
    assert _bytes(tmp_path / "home") == before


def test_the_same_content_under_another_name_is_skipped(tmp_path: Path) -> None:
    line = f"T1,{number(1)},2025-01-02"
    first, copy = (_csv(tmp_path, name, _HEADER, line) for name in ("tilsyn_2025.csv", "tilsyn_kopi.csv"))

    report = _ingest(tmp_path / "home", first, copy)

    assert [file.skipped for file in report.files] == [False, True]


def test_equal_files_give_equal_bytes_whatever_the_order_they_are_named_in(tmp_path: Path) -> None:
    folder = _small_set(tmp_path / "set")
    files = sorted(folder.iterdir())

    _ingest(tmp_path / "one", *files)
    _ingest(tmp_path / "two", *reversed(files))

    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_a_newer_file_adds_only_what_is_news(tmp_path: Path) -> None:
    old = _units(tmp_path, "2025-11-30", _unit(1), _unit(2))
    new = _units(tmp_path, "2025-12-31", _unit(1), _unit(2, "NYTT NAVN AS"))

    report = _ingest(tmp_path / "home", new, old)

    assert [(file.file[13:23], file.accepted, file.new, file.unchanged) for file in report.files] == [
        ("2025-11-30", 2, 2, 0),
        ("2025-12-31", 2, 1, 1),
    ]


def test_only_a_file_said_to_be_complete_deletes_what_it_lacks(tmp_path: Path) -> None:
    units = [_unit(index) for index in range(10)]
    old, new = _units(tmp_path, "2025-11-30", *units), _units(tmp_path, "2025-12-31", *units[1:])

    as_part = _ingest(tmp_path / "part", old, new)
    as_whole = _ingest(tmp_path / "whole", old, new, complete=True)

    assert [sum(file.deleted for file in report.files) for report in (as_part, as_whole)] == [0, 1]


def test_a_removed_unit_is_purged_and_an_older_file_cannot_bring_it_back(tmp_path: Path) -> None:
    event = {"oppdateringsid": 7, "dato": "2026-01-05T04:00:00.000Z", "organisasjonsnummer": number(1)}
    line = json.dumps(event | {"endringstype": "Fjernet", "innhold": None})
    feed = _csv(tmp_path, "oppdateringer_underenheter_2026Q1.jsonl", line)
    home = tmp_path / "home"

    _ingest(home, _units(tmp_path, "2025-12-31", _unit(1), _unit(2)))
    (purged,) = _ingest(home, feed).files
    (older,) = _ingest(home, _units(tmp_path, "2025-11-30", _unit(1), _unit(2), _unit(3))).files

    assert (purged.read, purged.accepted, purged.quarantined, purged.purged) == (1, 0, 0, 1)
    assert (older.accepted, older.withheld) == (3, 1)
    assert {row["establishment"] for row in _stored(home, Establishments)} == {number(2), number(3)}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda whole: whole[:-20], "expected a whole gzip file, got a truncated one"),
        (lambda _: gzip.compress('[{"navn": "PRØVE"}]'.encode("latin-1")), "got byte 0xd8, which is not UTF-8"),
        (lambda _: b"PK\x03\x04", "expected"),
        (lambda _: b"", "got an empty file"),
    ],
)
def test_a_broken_file_leaves_nothing_and_does_not_stop_the_others(
    tmp_path: Path, damage: Callable[[bytes], bytes], message: str
) -> None:
    broken = _units(tmp_path, "2025-12-31", *(_unit(index) for index in range(50)))
    broken.write_bytes(damage(broken.read_bytes()))
    home = tmp_path / "home"

    report = _ingest(home, broken, _csv(tmp_path, "tilsyn_2025.csv", _HEADER, f"T1,{number(1)},2025-01-02"))

    (refused,) = report.refused
    assert refused.file == broken.name
    assert message in refused.reason
    assert f"  {refused.reason}" in render(report) or f"{broken.name}: " in render(report)
    assert (_stored(home, Establishments), len(_stored(home, Inspections))) == ([], 1)
    assert not list((home / "snapshots").glob(".loading-*"))


def test_a_wrong_encoding_in_a_table_is_told_with_its_byte(tmp_path: Path) -> None:
    path = tmp_path / "renhold_2026-01-31.csv"
    path.write_bytes(f"orgnr,status,dato\n{number(1)},Søknad under behandling,\n".encode("latin-1"))

    (refused,) = _ingest(tmp_path / "home", path).refused

    assert "byte 29 of the unpacked text" in refused.reason


def test_a_number_that_comes_twice_and_a_key_that_comes_twice_are_refused_readably(tmp_path: Path) -> None:
    unit = json.dumps(_unit(1))
    flawed = json.dumps(_unit(2)).replace('"navn"', '"navn": "EN AS", "navn"', 1)
    path = _csv(tmp_path, "underenheter_2025-12-31.json", f"[{unit}, {unit}, {flawed}]")

    (file,) = _ingest(tmp_path / "home", path).files

    assert (file.read, file.accepted, file.quarantined) == (3, 1, 2)
    assert [reason.line for reason in file.reasons] == [2, 3]
    assert "twice" in str(file.reasons[1])


def test_a_national_identity_number_is_never_stored_anywhere(tmp_path: Path) -> None:
    spaced = f"{_DIGITS[:6]} {_DIGITS[6:]}"
    home = tmp_path / "home"

    report = _ingest(
        home,
        _units(tmp_path, "2025-12-31", _unit(1, f"OLA {_DIGITS}"), _unit(2, spaced), _unit(3)),
        _csv(tmp_path, "tilsyn_2025.csv", f"{_HEADER},tilsynstema", f"T1,{number(1)},2025-01-02,om {_DIGITS}"),
        _csv(tmp_path, "kontrollpunkt_2025.csv", f"{_ANSWERS},kjent_dato", f"{_DIGITS},A,brudd,"),
        _csv(tmp_path, "renhold_2026-01-31.csv", "orgnr,status,dato", f"{_DIGITS},Godkjent,"),
        _csv(tmp_path, f"roller_{_DIGITS}.csv", "orgnr"),
        _csv(tmp_path, "tilda_tilsynsrapporter.json", json.dumps({"tildaenhet": _DIGITS, "tilsynsegenskaper": spaced})),
    )

    everything = b"".join(_bytes(home).values()) + str(_stored(home, Establishments)).encode() + render(report).encode()
    assert sum(file.accepted for file in report.files) == 1
    assert sum(file.quarantined for file in report.files) == 2 + 1 + 1 + 1 + 1
    assert [refused.file for refused in report.refused] == ["a file"]
    assert _DIGITS.encode() not in everything
    assert spaced.encode() not in everything


def test_files_whose_names_say_nothing_are_named_not_guessed(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    _csv(folder, "notat.csv", "a,b")
    (folder / ".skjult.csv").write_text("a,b\n")

    report = _ingest(
        tmp_path / "home", folder, folder / "notat.csv", folder / "finnes_ikke.csv", folder / "tilsyn_x.csv"
    )

    assert report.left_out == ("notat.csv",)
    assert [refused.file for refused in report.refused] == ["notat.csv", "finnes_ikke.csv", "tilsyn_x.csv"]
    assert "underenheter (.json" in report.refused[0].reason
    assert "Left out, their names say nothing of their content: notat.csv" in render(report)


def test_the_day_a_file_counts_as_known_is_in_its_name_or_given(tmp_path: Path) -> None:
    named = _units(tmp_path, "2025-12-31", _unit(1))
    unnamed = _units(tmp_path, "siste", _unit(2))

    _ingest(tmp_path / "home", named, unnamed, known_on=date(2026, 2, 3))

    rows = {row["establishment"]: row["known_on"] for row in _stored(tmp_path / "home", Establishments)}
    assert rows == {number(1): date(2025, 12, 31), number(2): date(2026, 2, 3)}


def test_very_many_files_are_summed_by_kind(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for index in range(31):
        _csv(folder, f"tilsyn_{index}.csv", _HEADER, f"T{index},{number(1)},2025-01-02")

    lines = render(_ingest(tmp_path / "home", folder)).splitlines()

    header, kind, total = lines
    assert header.startswith("kind ")
    assert kind.startswith("tilsyn (31 files)  ")
    assert total.split()[:4] == ["total", "31", "31", "0"]
    assert len({len(line) for line in lines}) == 1


def test_the_real_extracts_are_read_and_their_counts_add_up(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "norway"
    paths = [
        *folder.glob("er_*enheter_*.csv.gz"),
        *folder.glob("*_eksempel_tilsyns*.json"),
        folder / "regnskap_eksempel.json",
    ]

    report = _ingest(tmp_path / "home", *paths)

    assert report.refused == ()
    assert all(file.read == file.accepted + file.quarantined + file.purged for file in report.files)
    assert sum(file.accepted for file in report.files) > 13_000
    assert all(reason.expected and reason.got for file in report.files for reason in file.reasons)
