"""Whatever a file holds, reading gives what the standard library gives, or one of our errors; nothing else."""

from __future__ import annotations

import gzip
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.domain import BadInputError
from targeting.sources import text_stream
from targeting.sources.change_feed import read_establishment_changes
from targeting.sources.enhetsregisteret import read_enterprises, read_establishments
from targeting.sources.json_stream import json_elements
from tests.lib.register_payloads import event, main_unit, sub_unit

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
KEYS = sorted({*main_unit(), *sub_unit(), "konkursdato", "slettedato", "hjelpeenhetskode", "erIKonsern", "nytt"})
CHUNKS = st.integers(1, 40)


@given(values=st.lists(JSON, max_size=6), chunk=CHUNKS, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
@settings(max_examples=80, deadline=None)
def test_the_stream_gives_what_the_standard_library_gives(
    values: list[Any], chunk: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    elements = _elements(text.encode("utf-8", "replace"), chunk)
    assert [element.value for element in elements] == json.loads(text.encode("utf-8", "replace"))
    assert all(element.flaw is None for element in elements)


@given(
    values=st.lists(st.dictionaries(st.text(max_size=6), JSON, max_size=3), min_size=1, max_size=3),
    cut=st.floats(0, 1, exclude_max=True),
    chunk=CHUNKS,
)
@settings(max_examples=80, deadline=None)
def test_an_array_cut_anywhere_is_refused(values: list[Any], cut: float, chunk: int) -> None:
    text = json.dumps(values).encode()
    try:
        _elements(text[: int(cut * len(text))], chunk)
    except BadInputError:
        return
    raise AssertionError("a cut array was read")


@given(changes=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4), main=st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_content_is_a_row_or_a_quarantined_one(changes: dict[str, Any], main: bool) -> None:
    unit = (main_unit() if main else sub_unit()) | changes
    read = read_enterprises if main else read_establishments
    with tempfile.TemporaryDirectory() as folder:
        path = _file(folder, json.dumps([unit]).encode())
        (batch,) = read(path, known_on=date(2024, 2, 1))
    assert batch.read == 1 == batch.rows.num_rows + len(batch.quarantined)
    assert batch.rows.schema == batch.table.schema()


@given(changes=st.dictionaries(st.sampled_from(sorted(event(1, None))), JSON, max_size=3))
@settings(max_examples=80, deadline=None)
def test_any_event_is_a_row_a_purge_or_a_quarantined_one(changes: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = _file(folder, json.dumps(event(1, sub_unit()) | changes).encode() + b"\n")
        (batch,) = read_establishment_changes(path)
    assert batch.read == 1 == batch.rows.num_rows + len(batch.quarantined) + len(batch.purge)


@given(content=st.binary(max_size=200), packed=st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes, packed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = _file(folder, gzip.compress(content)[: 200 if packed else None] if packed else content)
        try:
            for batch in read_establishments(path, known_on=date(2024, 2, 1)):
                assert batch.read == batch.rows.num_rows + len(batch.quarantined)
        except BadInputError as error:
            assert path.name in str(error)


def _elements(content: bytes, chunk: int) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(text_stream, "_CHUNK", chunk):
        return list(json_elements(_file(folder, content), "enheter"))


def _file(folder: str, content: bytes) -> Path:
    path = Path(folder) / "underenheter.json"
    path.write_bytes(content)
    return path
