from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from targeting.domain import BadInputError
from targeting.sources.cells import COUNT, DAY, ORGANISATION_NUMBER, TEXT
from targeting.sources.csv_rows import CsvField, Line, csv_lines
from targeting.sources.reading import Quarantined

_FIELDS = (
    CsvField("organisasjonsnummer", "unit", ORGANISATION_NUMBER, filled=True, aliases=("orgnr",)),
    CsvField("dato", "day", DAY),
    CsvField("antall", "count", COUNT, optional=True),
    CsvField("merknad", "note", TEXT, optional=True),
)


def _lines(folder: Path, text: str) -> list[Line | Quarantined]:
    path = folder / "prove.csv"
    path.write_text(text, encoding="utf-8")
    return list(csv_lines(path, _FIELDS))


def _number() -> str:
    from tests.lib.small_country import number

    return number(1)


def test_a_line_becomes_typed_values_with_its_place(tmp_path: Path) -> None:
    (line,) = _lines(tmp_path, f"organisasjonsnummer,dato,antall,merknad\n{_number()},2026-01-31,7,ja visst\n")

    assert isinstance(line, Line)
    assert (line.place.file, line.place.line) == ("prove.csv", 2)
    assert {name: str(value) for name, value in line.values.items()} == {
        "unit": _number(),
        "day": "2026-01-31",
        "count": "7",
        "note": "ja visst",
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ORGNR,Dato\n{n},\n", "alias, upper case, absent optional columns, empty cell"),
        ("\ufefforgnr;dato\r\n{n};\r\n", "byte-order mark, semicolons, Windows line ends"),
        ('orgnr,dato\n"{n}",\n\n\n', "quotes, blank lines"),
        ("orgnr,dato\n {n} , ", "spaces around cells, no last line end"),
    ],
)
def test_layouts_that_people_send_are_read_alike(tmp_path: Path, text: str, why: str) -> None:
    (line,) = _lines(tmp_path, text.format(n=_number()))

    assert isinstance(line, Line), why
    assert line.values == {"unit": _number(), "day": None, "count": None, "note": None}


def test_a_gzipped_file_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "prove.csv"
    path.write_bytes(gzip.compress(f"orgnr,dato\n{_number()},2026-01-31\n".encode()))

    assert len(list(csv_lines(path, _FIELDS))) == 1


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("organisasjonsnummer", "got no column dato"),
        ("organisasjonsnummer,dato,navn", "got an unknown column 'navn'"),
        ("organisasjonsnummer,dato,orgnr", "got the column organisasjonsnummer twice"),
        ('organisasjonsnummer,"dato', "got unexpected end of data"),
    ],
)
def test_a_wrong_header_refuses_the_file_and_names_the_column(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message) as caught:
        _lines(tmp_path, f"{header}\n")

    assert caught.value.where == "prove.csv, line 1"
    assert "organisasjonsnummer, dato, antall (optional)" in caught.value.expected


def test_a_forgotten_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    text = f'orgnr,dato\n"{_number()},2026-01-31\n{_number()},2026-01-31\n'

    refused, kept = _lines(tmp_path, text)

    assert isinstance(refused, Quarantined)
    assert refused.line == 2
    assert isinstance(kept, Line)


@pytest.mark.parametrize(
    ("row", "column", "expected", "got"),
    [
        ("{n}", None, "2 columns", "1"),
        ("{n},2026-01-31,3", None, "2 columns", "3"),
        (",2026-01-31", "organisasjonsnummer", "an organisation number", "nothing"),
        ("123456789,2026-01-31", "organisasjonsnummer", "an organisation number", "'123456789'"),
        ("{n},31.01.2026", "dato", "a date that exists", "'31.01.2026'"),
        ("{n},2026-02-30", "dato", "a date that exists", "'2026-02-30'"),
        ("{n},20260131", "dato", "a date that exists", "'20260131'"),
    ],
)
def test_a_bad_cell_is_told_with_line_column_expected_and_got(
    tmp_path: Path, row: str, column: str | None, expected: str, got: str
) -> None:
    (refused,) = _lines(tmp_path, f"orgnr,dato\n{row.format(n=_number())}\n")

    assert isinstance(refused, Quarantined)
    assert (refused.line, refused.column, refused.got) == (2, column, got)
    assert refused.expected.startswith(expected)


def test_a_national_identity_number_is_refused_unseen_in_any_column(tmp_path: Path) -> None:
    digits = "0101" + "9012345"
    rows = [f"{digits},2026-01-31,,", f"{_number()},,,Ola {digits[:6]} {digits[6:]}", f"{_number()},,,x,{digits}"]

    refused = _lines(tmp_path, "orgnr,dato,antall,merknad\n" + "\n".join(rows))

    assert [entry.column for entry in refused if isinstance(entry, Quarantined)] == [
        "organisasjonsnummer",
        "merknad",
        "beyond the last column",
    ]
    assert digits[6:] not in str(refused)
