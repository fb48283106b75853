"""A broken file is one clear error with the place; a whole one is read element by element."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from targeting.domain import BadInputError
from targeting.sources import text_stream
from targeting.sources.json_stream import Element, json_elements, parsed
from targeting.sources.text_stream import text_chunks, text_lines
from tests.lib.register_payloads import IDENTITY_NUMBER, write_text


def _values(path: Path) -> list[object]:
    return [element.value for element in json_elements(path, "enheter")]


def _read(tmp_path: Path, text: str) -> list[Element]:
    return list(json_elements(write_text(tmp_path / "enheter.json", text), "enheter"))


@pytest.mark.parametrize("name", ["enheter.json", "enheter.json.gz"])
def test_an_array_is_read_gzipped_or_not(tmp_path: Path, name: str) -> None:
    assert _values(write_text(tmp_path / name, '[{"a": "blåbær"},\n {"a": 2}]\n')) == [{"a": "blåbær"}, {"a": 2}]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[]", []),
        (" [ ] ", []),
        ("\ufeff[1]", [1]),
        ('{"organisasjonsnummer": "x"}', [{"organisasjonsnummer": "x"}]),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ('{"_embedded": {"enheter": [{"a": 1}, {"a": 2}]}, "page": {}}', [{"a": 1}, {"a": 2}]),
        ('{"_links": {}, "page": {"totalElements": 0}}', []),
    ],
)
def test_every_layout_of_the_api_is_read(tmp_path: Path, text: str, values: list[object]) -> None:
    elements = _read(tmp_path, text)
    assert [element.value for element in elements] == values
    assert [element.number for element in elements] == list(range(1, len(values) + 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "a JSON array or object, got something else .enheter.json, character 1 "),
        ('[{"a": 1}] x', "the end of the file after the array, got more text .*character 12 "),
        ('[{"a": 1} {"a": 2}]', "a comma or the end of the array, got something else"),
        ('[{"a": 1}', "a comma or the end of the array, got the end of the file"),
        ('[{"a": 1}, {"a', "element 2 whole, got the end of the file"),
        ('[{"a": 1},', "element 2 whole, got the end of the file"),
        ('[{"a": 1}, {"a": tru' + " " * 40 + "}]", "element 2 whole, got text that is not JSON .*character 18 "),
        ('{"a": 1} 5', "an object or the end of the file, got more text"),
        ('{"_embedded": {"underenheter": []}}', "a HAL page with one list _embedded.enheter"),
        ("[" * 100_000, "element 1 nested"),
        ("[" + "9" * 5000 + "]", "element 1 nested or numbered beyond measure"),
    ],
)
def test_a_file_that_is_no_such_layout_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        _read(tmp_path, text)


def test_no_error_quotes_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as error:
        _read(tmp_path, f'[{{"navn": "{IDENTITY_NUMBER}" oops, "b": 1, "c": 2, "d": 3}}]')
    assert IDENTITY_NUMBER not in str(error.value)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ('[{"a": 1, "a": 2}, {"a": 1}]', "the key 'a' twice"),
        ('[{"b": [{"a": 1, "a": 1}]}, {"a": 1}]', "the key 'a' twice"),
        ('[{"a": NaN}, {"a": 1}]', "the number NaN"),
        ('{"_embedded": {"enheter": [{"a": 1, "a": 2}, {"a": 1}]}}', "the key 'a' twice"),
    ],
)
def test_an_object_without_one_meaning_is_flawed_and_the_next_is_not(tmp_path: Path, text: str, flaw: str) -> None:
    assert [element.flaw for element in _read(tmp_path, text)] == [flaw, None]


def test_a_repeated_key_that_identifies_a_person_is_not_named() -> None:
    assert parsed(f'{{"{IDENTITY_NUMBER}": 1, "{IDENTITY_NUMBER}": 2}}').flaw == (
        "the key 11 digits shaped like a national identity number twice"
    )


def test_values_cut_by_the_chunks_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_stream, "_CHUNK", 3)
    values = [1234567, {"navn": "æøå " * 50, "tom": {}}, -1.5e3, True, None, [[]], "\\u00e6"]
    assert _values(write_text(tmp_path / "enheter.json.gz", json.dumps(values, ensure_ascii=False))) == values


def test_a_truncated_gzip_is_refused_with_the_position(tmp_path: Path) -> None:
    path = tmp_path / "enheter.json.gz"
    path.write_bytes(gzip.compress(b"[" + b"1, " * 1000 + b"1]")[:-12])
    with pytest.raises(
        BadInputError, match=r"a whole gzip file, got a truncated one .enheter.json.gz, after \d+ unpacked"
    ):
        list(json_elements(path, "enheter"))


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "enheter.json.gz"
    packed = bytearray(gzip.compress(b"[1, 2]"))
    packed[-6] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(BadInputError, match="got a damaged one"):
        list(json_elements(path, "enheter"))


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 18])
def test_a_wrong_encoding_is_refused_with_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(text_stream, "_CHUNK", chunk)
    path = tmp_path / "enheter.json"
    path.write_bytes('["å", "'.encode() + "bø".encode("latin-1") + b'"]')
    with pytest.raises(BadInputError, match=r"UTF-8 text, got byte 0xf8.*byte 9 of the unpacked"):
        list(text_chunks(path))


def test_text_cut_inside_a_letter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "enheter.json"
    path.write_bytes("bø".encode()[:-1])
    with pytest.raises(BadInputError, match="byte 1 of the unpacked"):
        list(text_chunks(path))


def test_an_empty_and_an_absent_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="an empty file"):
        list(text_chunks(write_text(tmp_path / "enheter.json.gz", "")))
    with pytest.raises(BadInputError, match="nothing there"):
        list(text_chunks(tmp_path / "absent.json"))


def test_lines_keep_their_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_stream, "_CHUNK", 2)
    assert list(text_lines(write_text(tmp_path / "a.csv", "a,b\r\nc\n\nd"))) == ["a,b\r\n", "c\n", "\n", "d"]
