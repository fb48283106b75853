"""A captured feed: what was new, changed or deleted becomes rows; what was removed is purged; nothing else gets in."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from targeting.domain import BadInputError, Standard
from targeting.sources.change_feed import read_enterprise_changes, read_establishment_changes
from targeting.sources.reading import IDENTITY_NUMBER as REDACTED
from targeting.sources.reading import Batch
from targeting.tables import Enterprises, Establishments
from tests.lib.register_payloads import (
    IDENTITY_NUMBER,
    deleted_unit,
    event,
    main_unit,
    organisation_number,
    sub_unit,
    write_lines,
    write_text,
)

NUMBER, OTHER = organisation_number(0), organisation_number(1)


def _one(batches: list[Batch]) -> Batch:
    assert len(batches) == 1
    batch = batches[0]
    assert batch.read == batch.rows.num_rows + len(batch.quarantined) + len(batch.purge)
    return batch


def _read(tmp_path: Path, *events: dict[str, Any]) -> Batch:
    path = write_lines(tmp_path / "oppdateringer_underenheter_2026Q1.jsonl.gz", events)
    return _one(list(read_establishment_changes(path)))


def test_new_changed_deleted_and_removed_units(tmp_path: Path) -> None:
    batch = _read(
        tmp_path,
        event(101, sub_unit(), "Ny"),
        event(102, sub_unit(navn="NYTT NAVN"), "Endring", dato="2026-02-05T04:01:39.613Z"),
        event(103, deleted_unit(OTHER), "Sletting"),
        event(104, None, "Fjernet", organisasjonsnummer=OTHER),
    )
    assert batch.table is Establishments
    rows = batch.rows.select(["establishment", "version", "known_on", "status", "name"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (NUMBER, 101, date(2026, 2, 3), "living", "SYNTETISK VERKSTED"),
        (NUMBER, 102, date(2026, 2, 5), "living", "NYTT NAVN"),
        (OTHER, 103, date(2026, 2, 3), "deleted", "SYNTETISK VERKSTED"),
    ]
    assert (batch.purge, batch.read) == ((OTHER,), 3 + 1)


@pytest.mark.parametrize("kind", ["Fjernet", "Endring", "Sletting", "Ukjent", "Ny"])
def test_the_two_keys_of_an_http_410_purge_whatever_the_event_was(tmp_path: Path, kind: str) -> None:
    batch = _read(tmp_path, event(1, {"organisasjonsnummer": NUMBER, "slettedato": "2026-02-03"}, kind))
    assert (batch.purge, batch.rows.num_rows) == ((NUMBER,), 0)


def test_erasing_is_never_held_up_by_what_the_unit_says(tmp_path: Path) -> None:
    batch = _read(tmp_path, event(1, sub_unit(navn=IDENTITY_NUMBER), "Fjernet"))
    assert (batch.purge, batch.quarantined) == ((NUMBER,), ())


@pytest.mark.parametrize(("content", "status"), [(sub_unit(), "living"), (deleted_unit(), "deleted")])
@pytest.mark.parametrize("kind", ["Ukjent", "Endring", "Sletting"])
def test_content_decides_what_an_event_means(tmp_path: Path, content: Any, status: str, kind: str) -> None:
    assert _read(tmp_path, event(1, content, kind)).rows["status"].to_pylist() == [status]


def test_a_deletion_whose_unit_is_not_found_is_a_deleted_unit(tmp_path: Path) -> None:
    row = _read(tmp_path, event(1, None, "Sletting")).rows.to_pylist()[0]
    assert (row["establishment"], row["status"], row["name"]) == (NUMBER, "deleted", None)


@pytest.mark.parametrize(
    ("moment", "fetched", "known_on"),
    [
        ("2026-02-03T04:01:39.613Z", ..., date(2026, 2, 3)),
        ("2026-02-03T23:59:59Z", ..., date(2026, 2, 3)),
        ("2026-02-03T04:01:39.613Z", "2026-02-03", date(2026, 2, 3)),
        ("2026-02-03T04:01:39.613Z", "2026-03-01", date(2026, 3, 1)),
    ],
)
def test_a_row_is_known_when_published_or_fetched_whichever_is_later(
    tmp_path: Path, moment: str, fetched: object, known_on: date
) -> None:
    batch = _read(tmp_path, event(1, sub_unit(), dato=moment, hentet=fetched))
    assert batch.rows["known_on"].to_pylist() == [known_on]


@pytest.mark.parametrize(
    ("moment", "standard"), [("2025-08-31T23:00:00Z", Standard.SN2007), ("2025-09-01T04:00:00Z", Standard.SN2025)]
)
def test_codes_follow_the_standard_of_the_event_s_day(tmp_path: Path, moment: str, standard: str) -> None:
    batch = _read(tmp_path, event(1, sub_unit(), dato=moment))
    assert batch.rows["industry_standard"].to_pylist() == [standard]


def test_a_caller_may_say_the_standard(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f.jsonl", [event(1, sub_unit(), dato="2025-09-10T04:00:00Z")])
    batch = _one(list(read_establishment_changes(path, standard=Standard.SN2007)))
    assert batch.rows["industry_standard"].to_pylist() == ["SN2007"]


def test_main_units_have_a_feed_of_their_own(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "oppdateringer_enheter_2026Q1.jsonl", [event(7, main_unit())])
    batch = _one(list(read_enterprise_changes(path)))
    assert batch.table is Enterprises
    assert batch.rows["version"].to_pylist() == [7]


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"oppdateringsid": "12"}, "oppdateringsid", "a whole number from 1"),
        ({"oppdateringsid": True}, "oppdateringsid", "a whole number from 1"),
        ({"oppdateringsid": 1.5}, "oppdateringsid", "a whole number from 1"),
        ({"oppdateringsid": 2**63}, "oppdateringsid", "a whole number from 1"),
        ({"oppdateringsid": 0}, "oppdateringsid", "a whole number from 1"),
        ({"dato": "2026-02-03"}, "dato", "a moment written"),
        ({"dato": "2026-02-30T04:01:39.613Z"}, "dato", "a date that exists"),
        ({"organisasjonsnummer": "123"}, "organisasjonsnummer", "check digit"),
        ({"organisasjonsnummer": OTHER}, "innhold.organisasjonsnummer", "the number of the event"),
        ({"endringstype": "Annet"}, "endringstype", "one of Ukjent, Ny"),
        ({"innhold": None}, "innhold", "the unit as fetched"),
        ({"innhold": []}, "innhold", "the unit as fetched"),
        ({"innhold": sub_unit(antallAnsatte="mange")}, "antallAnsatte", "a whole number"),
    ],
)
def test_an_event_that_cannot_be_read_is_quarantined_alone(
    tmp_path: Path, changes: dict[str, Any], column: str, expected: str
) -> None:
    batch = _read(tmp_path, event(1, sub_unit()) | changes, event(2, sub_unit(OTHER)))
    assert batch.rows.num_rows == 1
    (refused,) = batch.quarantined
    assert (refused.line, refused.column) == (1, column)
    assert expected in refused.expected


def test_a_number_beyond_measure_is_quarantined(tmp_path: Path) -> None:
    line = json.dumps(event(1, sub_unit())).replace('"oppdateringsid": 1', '"oppdateringsid": 1e999')
    (refused,) = _one(list(read_establishment_changes(write_text(tmp_path / "f.jsonl", line)))).quarantined
    assert refused.column == "oppdateringsid"


def test_an_event_comes_once(tmp_path: Path) -> None:
    batch = _read(tmp_path, event(1, sub_unit()), event(1, sub_unit()))
    assert [(refused.line, refused.expected) for refused in batch.quarantined] == [(2, "each event once in a file")]


def test_an_identity_number_in_the_content_refuses_the_event(tmp_path: Path) -> None:
    batch = _read(tmp_path, event(1, sub_unit(navn=f"OLA {IDENTITY_NUMBER}")))
    (refused,) = batch.quarantined
    assert (refused.column, refused.got) == ("navn", REDACTED)
    assert IDENTITY_NUMBER not in str(refused)


def test_lines_that_are_no_object_are_quarantined(tmp_path: Path) -> None:
    path = write_text(tmp_path / "f.jsonl", 'oops\n\n[1]\n{"a": 1, "a": 2}\n{"a": 1} 2\n')
    batch = _one(list(read_establishment_changes(path)))
    assert [refused.line for refused in batch.quarantined] == [1, 3, 4, 5]


def test_a_last_line_without_its_end_is_a_cut_file(tmp_path: Path) -> None:
    path = write_text(tmp_path / "f.jsonl", '{"a": 1}\n{"oppdateringsid": 12, "da')
    with pytest.raises(BadInputError, match=r"a whole last line, got one that is cut .*line 2"):
        list(read_establishment_changes(path))
