"""Bulk files of Enhetsregisteret: counts add up, bad rows stand aside with their place, bad files stop the reading."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.domain import BadInputError, Standard
from targeting.sources import enhetsregisteret
from targeting.sources.enhetsregisteret import read_enterprises, read_establishments
from targeting.sources.reading import IDENTITY_NUMBER as REDACTED
from targeting.sources.reading import Batch, Quarantined
from tests.lib.register_payloads import (
    IDENTITY_NUMBER,
    main_unit,
    numbers,
    organisation_number,
    sub_unit,
    write_json,
    write_lines,
    write_text,
)

KNOWN_ON = date(2024, 2, 1)
NUMBER, OTHER = numbers(2)


def _establishments(path: Path) -> Batch:
    return _merged(list(read_establishments(path, known_on=KNOWN_ON)))


def _merged(batches: list[Batch]) -> Batch:
    for batch in batches:
        assert batch.read == batch.rows.num_rows + len(batch.quarantined)
        assert batch.rows.schema == batch.table.schema()
    refused = tuple(refused for batch in batches for refused in batch.quarantined)
    rows = pa.concat_tables([batch.rows for batch in batches])
    return Batch(batches[0].table, rows, sum(batch.read for batch in batches), refused)


def test_a_bulk_file_comes_in_bounded_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enhetsregisteret, "BATCH_ROWS", 10)
    path = write_json(tmp_path / "underenheter.json.gz", [sub_unit(number) for number in numbers(25)])
    batches = list(read_establishments(path, known_on=KNOWN_ON))
    assert [batch.read for batch in batches] == [10, 10, 5]
    assert _merged(batches).rows["establishment"].to_pylist() == numbers(25)


@pytest.mark.parametrize(
    "payload",
    [
        [sub_unit()],
        sub_unit(),
        {"_embedded": {"underenheter": [sub_unit()]}, "_links": {}, "page": {"size": 20, "totalElements": 1}},
    ],
)
def test_sample_payloads_of_the_api_are_read_like_the_bulk_file(tmp_path: Path, payload: object) -> None:
    batch = _establishments(write_json(tmp_path / "underenheter.json", payload))
    assert batch.rows["establishment"].to_pylist() == [NUMBER]


def test_one_unit_a_line_is_read(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "underenheter.jsonl.gz", [sub_unit(NUMBER), sub_unit(OTHER)])
    assert _establishments(path).rows["establishment"].to_pylist() == [NUMBER, OTHER]


def test_an_empty_array_has_no_batches(tmp_path: Path) -> None:
    assert list(read_enterprises(write_json(tmp_path / "enheter.json", []), known_on=KNOWN_ON)) == []


def test_bad_elements_stand_aside_with_their_number_and_reason(tmp_path: Path) -> None:
    twice = json.dumps(sub_unit(OTHER))[:-1] + ', "navn": "B"}'
    units = [
        json.dumps(sub_unit(NUMBER)),
        "17",
        json.dumps(sub_unit(OTHER, navn=f"OLA NORDMANN {IDENTITY_NUMBER}"), ensure_ascii=False),
        json.dumps(sub_unit("123")),
        twice,
        json.dumps(sub_unit(NUMBER)),
        json.dumps(sub_unit(organisation_number(3), navn="\ud83d")),
    ]
    batch = _establishments(write_text(tmp_path / "underenheter.json", f"[{', '.join(units)}]"))
    file = "underenheter.json"
    check_digit = "an organisation number: nine digits with a valid check digit"
    assert batch.rows.num_rows == 1
    assert batch.quarantined == (
        Quarantined(file, 2, None, "a JSON object", "'17'"),
        Quarantined(file, 3, "navn", "no national identity number", REDACTED),
        Quarantined(file, 4, "organisasjonsnummer", check_digit, "'123'"),
        Quarantined(file, 5, None, "a JSON object with each key once and plain numbers", "the key 'navn' twice"),
        Quarantined(file, 6, "organisasjonsnummer", "each organisation number once in a bulk file", f"{NUMBER} again"),
        Quarantined(file, 7, None, "text that UTF-8 can hold", "half a surrogate pair"),
    )
    assert str(batch.quarantined[1]) == f"{file}, line 3, navn: expected no national identity number, got {REDACTED}"


def test_a_broken_file_stops_with_an_error(tmp_path: Path) -> None:
    path = write_json(tmp_path / "underenheter.json.gz", [sub_unit(number) for number in numbers(50)])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInputError, match="a truncated one"):
        list(read_establishments(path, known_on=KNOWN_ON))


@pytest.mark.parametrize(
    ("known_on", "given", "standard"),
    [
        (date(2025, 8, 31), None, "SN2007"),
        (date(2025, 9, 1), None, "SN2025"),
        (date(2025, 9, 1), Standard.SN2007, "SN2007"),
    ],
)
def test_codes_carry_the_standard_of_the_file(
    tmp_path: Path, known_on: date, given: Standard | None, standard: str
) -> None:
    path = write_json(tmp_path / "enheter.json", [main_unit()])
    batch = _merged(list(read_enterprises(path, known_on=known_on, standard=given)))
    assert batch.rows["industry_standard"].to_pylist() == [standard]


SUB_UNIT_HEADER = (
    "organisasjonsnummer,navn,organisasjonsform.kode,organisasjonsform.beskrivelse,naeringskode1.kode,"
    "harRegistrertAntallAnsatte,antallAnsatte,hjemmeside,beliggenhetsadresse.adresse,beliggenhetsadresse.postnummer,"
    "beliggenhetsadresse.kommunenummer,beliggenhetsadresse.landkode,registreringsdatoIEnhetsregisteret,"
    "registrertIMvaregisteret,oppstartsdato,overordnetEnhet,postadresse.postnummer,kobling_sannsynlig_ekte"
)


def _sub_unit_line(number: str = NUMBER, name: str = "VERKSTED", employees: str = "12") -> str:
    cells = (
        f"{number},{name},BEDR,Underenhet,45.200,true,{employees},www.eksempel.no,Bryggen 1/nInngang B,0122,0301,NO,"
        f"2017-10-20,false,2017-09-01,{organisation_number(0, '2')},0101,true"
    )
    return cells + "\n"


def _csv(tmp_path: Path, *lines: str, header: str = SUB_UNIT_HEADER) -> Path:
    return write_text(tmp_path / "underenheter.csv.gz", header + "\n" + "".join(lines))


@pytest.mark.parametrize("header", [SUB_UNIT_HEADER, SUB_UNIT_HEADER.lower(), SUB_UNIT_HEADER.upper()])
def test_csv_headers_match_whatever_their_capitals(tmp_path: Path, header: str) -> None:
    row = _establishments(_csv(tmp_path, _sub_unit_line(), header=header)).rows.to_pylist()[0]
    assert (row["establishment"], row["employees"], row["employees_registered"]) == (NUMBER, 12, True)
    assert (row["address"], row["municipality"], row["country"]) == ("Bryggen 1, Inngang B", "0301", "NO")
    assert (row["registered_on"], row["started_on"]) == (date(2017, 10, 20), date(2017, 9, 1))
    assert (row["vat_registered"], row["industry_code"], row["form"]) == (False, "45.200", "BEDR")


def test_csv_columns_that_no_row_reads_are_kept_but_not_contact(tmp_path: Path) -> None:
    row = _establishments(_csv(tmp_path, _sub_unit_line())).rows.to_pylist()[0]
    assert row["extra"] == '{"kobling_sannsynlig_ekte":"true","postadresse":{"postnummer":"0101"}}'


def test_csv_main_units_accept_the_odd_spellings(tmp_path: Path) -> None:
    header = (
        "organisasjonsnummer,navn,organisasjonsform.kode,harRegistrertAntallAnsatte,forretningsadresse.kommunenummer,"
        "registreringsdatoenhetsregisteret,registrertIMvaRegisteret,registreringsdatoantallansatteNAVAaregisteret"
    )
    number = organisation_number(0, "2")
    path = write_text(tmp_path / "enheter.csv", f"{header}\n{number},A,AS,false,0301,2020-08-20,TRUE,2024-01-01\n")
    row = _merged(list(read_enterprises(path, known_on=KNOWN_ON))).rows.to_pylist()[0]
    assert (row["registered_on"], row["vat_registered"], row["extra"]) == (date(2020, 8, 20), True, None)


def test_csv_rows_that_cannot_be_read_stand_aside_with_their_line(tmp_path: Path) -> None:
    path = _csv(
        tmp_path,
        _sub_unit_line(name='"TO\nLINJER"'),
        "for,få\n",
        '"a"b,c\n',
        _sub_unit_line(OTHER, name=f"OLA {IDENTITY_NUMBER}"),
        _sub_unit_line(OTHER, employees="mange"),
        "\n",
        _sub_unit_line(OTHER),
    )
    batch = _establishments(path)
    assert batch.rows["establishment"].to_pylist() == [NUMBER, OTHER]
    assert [(refused.line, refused.column, refused.got) for refused in batch.quarantined] == [
        (4, None, "2"),
        (5, None, "',' expected after '\"'"),
        (6, "navn", REDACTED),
        (7, "antallAnsatte", "'mange'"),
    ]
    assert batch.quarantined[0].expected == "18 columns separated by commas"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,b", r"the header of the bulk CSV file of underenheter, got no column organisasjonsnummer .*line 1"),
        (SUB_UNIT_HEADER.replace("beliggenhets", "forretnings"), "no column beliggenhetsadresse.kommunenummer"),
        (SUB_UNIT_HEADER + ",NAVN", "the column 'navn' twice"),
        (SUB_UNIT_HEADER + f",{IDENTITY_NUMBER}", "digits where names belong"),
        (SUB_UNIT_HEADER.replace(",", ";"), "no column organisasjonsnummer"),
    ],
)
def test_a_csv_file_of_another_layout_is_refused(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        _establishments(_csv(tmp_path, _sub_unit_line(), header=header))


def test_a_quote_that_is_never_closed_is_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"a closing double quote, got unexpected end of data .*line 3"):
        _establishments(_csv(tmp_path, _sub_unit_line(), f'{OTHER},"VERKSTED,BEDR\n', _sub_unit_line()))


def test_the_same_unit_gives_the_same_row_from_json_and_csv(tmp_path: Path) -> None:
    unit = sub_unit(postadresse={"postnummer": "0101"}, telefon="1")
    flat = {
        **{
            f"{key}.{part}": value
            for key, inner in unit.items()
            if isinstance(inner, dict)
            for part, value in inner.items()
        },
        **{key: value for key, value in unit.items() if not isinstance(value, dict)},
        "beliggenhetsadresse.adresse": "Bryggen 1",
    }
    cells = {key: str(value).lower() if isinstance(value, bool) else value for key, value in flat.items()}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    from_csv = _establishments(write_text(tmp_path / "underenheter.csv", text.getvalue()))
    assert from_csv.rows.equals(_establishments(write_json(tmp_path / "underenheter.json", [unit])).rows)
