"""A target's list as it is served: every row encoded once, and beside it the columns that filters read.

Two files a target, both read by memory map (decision 0040): `rows_TARGET.jsonl`, each row's JSON object in rank order,
and `list_TARGET.arrow`, one row each, in uncompressed Arrow blocks. Nothing in them depends on other targets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import BadInputError, Target
from targeting.published.blocks import blocks
from targeting.published.flushing import flush
from targeting.published.json_columns import json_objects
from targeting.published.list_columns import ListSpool, Sizes
from targeting.published.run import FileSeal
from targeting.published.schemas import ESTABLISHMENTS, SCORES

__all__ = ["RANKED", "SHOWN", "list_file", "ranked_batches", "rows_file", "write_ranked_rows"]

_FACTS: Final = (
    "enterprise",
    "name",
    "form",
    "industry",
    "industry_code",
    "industry_standard",
    "county",
    "municipality",
    "employees",
    "size_class",
    "bht_duty",
    "bht_clause",
    "bht_dispensation",
    "priority_areas",
    "last_inspected_on",
    "last_bht_inspected_on",
    "open_case",
    "other_authority_on",
    "quality_flags",
)
_SCORED: Final = ("score", "low", "high", "band", "listing_probability", "reasons")

SHOWN: Final = ("rank", "establishment", *_FACTS, *_SCORED)
"""The fields of a row's JSON object, in order. A sole proprietor's name is a person's, and null here."""

_UNSHOWN: Final = ("employees_low", "age_months", "sole_proprietor")

#: What the writer reads: one row per establishment in the target's cohort, in rank order.
RANKED: Final = pa.schema(
    [
        *(field for field in SCORES if field.name in SHOWN),
        *(field for field in ESTABLISHMENTS if field.name in {*_FACTS, *_UNSHOWN}),
    ]
)

_PLACE: Final = "place among the establishments"
_BLOCK: Final = 4096
"""Rows encoded at once: enough to make calls rare, few enough to stay in memory."""


class _SealedLines:
    """A file of lines that is hashed as it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self.bytes = 0
        self.rows = 0

    def write(self, lines: pa.Array) -> Sizes:
        """Append `lines`, which end in a line break; where each begins."""
        _, offsets, data = lines.buffers()
        bounds = np.frombuffer(offsets, np.int32)[: len(lines) + 1].astype(np.int64)
        written = memoryview(data)[: bounds[-1]]
        self._file.write(written)
        self._sha256.update(written)
        starts = self.bytes + bounds[:-1]
        self.bytes += int(bounds[-1])
        self.rows += len(lines)
        return starts

    @property
    def seal(self) -> FileSeal:
        """The seal of what was written so far."""
        return FileSeal(self._sha256.hexdigest(), self.rows)


def rows_file(target: Target) -> str:
    """The name of a target's encoded rows in the folder of a run."""
    return f"rows_{target}.jsonl"


def list_file(target: Target) -> str:
    """The name of a target's filter columns in the folder of a run."""
    return f"list_{target}.arrow"


def ranked_batches(establishments: pa.Table, scores: pa.Table) -> Iterator[pa.RecordBatch]:
    """The rows of `scores` (in rank order) with the facts of `establishments`, joined a block at a time."""
    known = establishments.select([field.name for field in RANKED if field.name not in SCORES.names])
    numbers = establishments.column("establishment").combine_chunks()
    places = pc.index_in(scores.column("establishment"), value_set=numbers)  # at once: each call hashes all numbers
    for part in scores.append_column(_PLACE, places).to_batches(max_chunksize=_BLOCK):
        facts = known.take(part.column(_PLACE))
        columns = {field.name: facts.column(field.name) for field in RANKED if field.name in known.column_names}
        columns |= {name: part.column(name) for name in SCORES.names}
        yield from pa.table(columns).combine_chunks().to_batches()


def write_ranked_rows(folder: Path, target: Target, batches: Iterable[pa.RecordBatch]) -> dict[str, FileSeal]:
    """Write both files of `target` into `folder` for good; their seals by name.

    `batches` hold at least the columns of `RANKED`, in rank order. Memory is a few blocks, however many rows come, and
    the bytes do not depend on how the rows are cut into batches. Raises `BadInputError` for a column that is absent.
    """
    rows, columns = folder / rows_file(target), folder / list_file(target)
    with rows.open("wb") as file, ListSpool(columns) as spool:
        lines = _SealedLines(file)
        for block in blocks((_ranked(one) for one in batches), _BLOCK):
            spool.add(block, lines.write(_lines(block)))
        sha256 = spool.finish()
    flush(rows)
    return {rows.name: lines.seal, columns.name: FileSeal(sha256, lines.rows)}


def _ranked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The columns of `RANKED` alone, sole proprietors without their names."""
    if absent := [name for name in RANKED.names if name not in batch.schema.names]:
        raise BadInputError(expected=f"a column {absent[0]}", got="none", where="ranked rows", do="join the facts")
    columns = {field.name: batch.column(field.name).cast(field.type) for field in RANKED}
    # Emptied first: a null leaves the text it stands for in the buffer, and so in the file.
    emptied = pc.if_else(columns["sole_proprietor"], "", columns["name"])
    columns["name"] = pc.if_else(columns["sole_proprietor"], pa.scalar(None, pa.string()), emptied)
    return pa.record_batch(list(columns.values()), names=list(columns))


def _lines(block: pa.RecordBatch) -> pa.Array:
    objects = json_objects({name: block.column(name) for name in SHOWN})
    return pc.binary_join_element_wise(objects, "\n", "")
