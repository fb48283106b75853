"""What a list is filtered by: one row each, in rank order, in blocks of Arrow arrays that NumPy reads where they lie.

No column but `name` has nulls in its buffers, which NumPy could not see: a word that is not known is the last, null
value of its dictionary, a number that is not known is below all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.published.blocks import blocks
from targeting.published.flushing import flush
from targeting.published.seals import sha256_of

__all__ = ["AREA", "BLOCK", "NEVER", "UNKNOWN", "WORDS", "ListSpool"]

Sizes = np.ndarray[tuple[int], np.dtype[np.int64]]

WORDS: Final = (
    "industry_code",
    "industry_standard",
    "industry",
    "county",
    "municipality",
    "bht_duty",
    "size_class",
)
"""Columns of few distinct values, coded; dictionaries are sorted, so a prefix is a range of codes, and null is last."""

AREA: Final = "area:"
"""Begins the name of a column that is one for who is in the priority area named after it, and zero for the others."""

UNKNOWN: Final = -1
"""The number of employees or the age of whoever's is not known."""

NEVER: Final = -(2**31)
"""The day, counted from 1970, of an inspection that never was."""

BLOCK: Final = 262_144
"""Rows in every block but the last."""

_BREAK: Final = "\x1f"
_AREAS: Final = "priority_areas"
_BAND_LOW: Final = 1
_BAND_HIGH: Final = 4
_SPOOLED: Final = pa.schema(
    [
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("establishment", pa.int32(), nullable=False),  # the organisation number, as a number
        pa.field("start", pa.int64(), nullable=False),  # where the row's line begins among the encoded rows
        pa.field("employees_low", pa.int32(), nullable=False),
        pa.field("employees_high", pa.int32(), nullable=False),
        pa.field("age_months", pa.int32(), nullable=False),
        pa.field("last_inspected_on", pa.int32(), nullable=False),
        pa.field("name", pa.string()),  # null for sole proprietors: it is a person's
        pa.field(_AREAS, pa.string()),  # all in one text; the file has a column each
        *(pa.field(name, pa.string()) for name in WORDS),
    ]
)


class ListSpool:
    """The columns on their way: kept beside `path` until all words are known, then coded into it. A context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._spool = path.with_name(f".{path.name}.spool")
        self._writer = pa.ipc.new_file(str(self._spool), _SPOOLED)
        self._words: Mapping[str, set[str | None]] = {name: set() for name in (*WORDS, _AREAS)}

    def __enter__(self) -> ListSpool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.close()
        self._spool.unlink()

    def add(self, rows: pa.RecordBatch, starts: Sizes) -> None:
        """Take a block of `RANKED` rows (names withheld already) that stand at `starts` among the encoded rows."""
        columns = _plain(rows) | {"start": starts}
        for name, known in self._words.items():
            known.update(pc.unique(columns[name]).to_pylist())
        arrays = [_as(columns[field.name], field.type) for field in _SPOOLED]
        self._writer.write_batch(pa.record_batch(arrays, schema=_SPOOLED))

    def finish(self) -> str:
        """Write the file for good; its sha256."""
        self._writer.close()
        dictionaries = {name: _sorted(self._words[name]) for name in WORDS}
        members = _members(self._words[_AREAS])
        schema = _listed(dictionaries, members)
        with pa.ipc.new_file(str(self._path), schema) as writer:
            for block in blocks(self._spooled(), BLOCK):
                columns = {field.name: block.column(field.name) for field in _SPOOLED}
                columns |= {name: _coded(columns[name], known) for name, known in dictionaries.items()}
                columns |= {name: _flags(columns[_AREAS], texts) for name, texts in members.items()}
                writer.write_batch(pa.record_batch([columns[name] for name in schema.names], schema=schema))
        flush(self._path)
        return sha256_of(self._path)

    def _spooled(self) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self._spool)) as file, pa.ipc.open_file(file) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


def _plain(rows: pa.RecordBatch) -> dict[str, pa.Array]:
    low = rows.column("employees_low").fill_null(UNKNOWN)
    return {
        **{name: rows.column(name) for name in WORDS},
        "rank": rows.column("rank"),
        "establishment": rows.column("establishment"),
        "name": rows.column("name"),
        "employees_low": low,
        # The register gives 1-4 as a band: its lower end is stored as 1, its upper end is 4.
        "employees_high": pc.if_else(pc.equal(low, _BAND_LOW), _BAND_HIGH, low),
        "age_months": rows.column("age_months").fill_null(UNKNOWN),
        "last_inspected_on": rows.column("last_inspected_on").cast(pa.int32()).fill_null(NEVER),
        _AREAS: pc.binary_join(rows.column(_AREAS).cast(pa.list_(pa.string())), _BREAK),
    }


def _as(values: pa.Array | Sizes, kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind) if isinstance(values, np.ndarray) else values.cast(kind)


def _sorted(known: set[str | None]) -> pa.Array:
    return pa.array([*sorted(one for one in known if one is not None), None], pa.string())


def _code_type(dictionary: pa.Array) -> pa.DataType:
    return next(kind for kind in (pa.int8(), pa.int16(), pa.int32()) if len(dictionary) < 2 ** (kind.bit_width - 1))


def _members(texts: Iterable[str | None]) -> dict[str, pa.Array]:
    """For each area its column's name, and the texts that it is part of."""
    known = sorted(one for one in texts if one)
    areas = sorted({area for text in known for area in text.split(_BREAK)})
    return {AREA + area: pa.array([one for one in known if area in one.split(_BREAK)], pa.string()) for area in areas}


def _listed(dictionaries: Mapping[str, pa.Array], members: Mapping[str, pa.Array]) -> pa.Schema:
    fields = [field for field in _SPOOLED if field.name not in {*WORDS, _AREAS}]
    fields += [pa.field(name, pa.dictionary(_code_type(known), pa.string())) for name, known in dictionaries.items()]
    return pa.schema([*fields, *(pa.field(name, pa.uint8(), nullable=False) for name in members)])


def _coded(values: pa.Array, dictionary: pa.Array) -> pa.Array:
    codes = pc.index_in(values, value_set=dictionary).cast(_code_type(dictionary))
    return pa.DictionaryArray.from_arrays(codes, dictionary)


def _flags(texts: pa.Array, members: pa.Array) -> pa.Array:
    return pc.is_in(texts, value_set=members).cast(pa.uint8())
