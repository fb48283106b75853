"""A target's list where it lies on disk: nothing is read before it is asked for, and the page cache keeps the rest."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from targeting.domain import BadInputError, Target
from targeting.published.ranked_rows import list_file, rows_file
from targeting.published.run import FileSeal
from targeting.published.seals import check_seal

__all__ = ["MappedList", "open_list"]


@dataclass(frozen=True)
class MappedList:
    """One target's encoded rows, and what they are filtered by.

    `blocks` hold the columns of `list_columns` in rank order, all but the last of one length; there is always one.
    `content` tells lists apart: it is made of both files' seals.
    """

    rows: mmap.mmap | bytes
    blocks: tuple[pa.RecordBatch, ...]
    content: str

    def __len__(self) -> int:
        return sum(block.num_rows for block in self.blocks)

    def dictionary(self, name: str) -> list[str | None]:
        """The distinct values of a column of words, sorted, the one that is not known last."""
        values: list[str | None] = self.blocks[0].column(name).dictionary.to_pylist()
        return values

    @cached_property
    def lines(self) -> pa.LargeBinaryArray:
        """Each row's JSON object with the line end behind it, where it lies on disk: one line follows the other.

        Eight bytes a row are kept of where each begins.
        """
        bounds = np.concatenate([*(block.column("start").to_numpy() for block in self.blocks), [len(self.rows)]])
        buffers = [None, pa.py_buffer(bounds), pa.py_buffer(self.rows)]
        return pa.Array.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)


def open_list(folder: Path, target: Target, files: Mapping[str, FileSeal]) -> MappedList:
    """The list of `target` in the folder of a run whose files are `files`.

    Both files are hashed, which takes them into the page cache; `BadInputError` when one changed, or when the run was
    published before runs had them.
    """
    names = (rows_file(target), list_file(target))
    if absent := [name for name in names if name not in files]:
        raise BadInputError(
            expected=f"{absent[0]}, from which lists are answered",
            got="a run published before there was such a file",
            where=folder.name,
            do="score again",
        )
    for name in names:
        check_seal(folder / name, files[name].sha256)
    with pa.memory_map(str(folder / names[1])) as file, pa.ipc.open_file(file) as reader:
        blocks = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        empty = pa.RecordBatch.from_pylist([], schema=reader.schema)
    return MappedList(
        _mapped(folder / names[0]), tuple(blocks) or (empty,), "|".join(files[name].sha256 for name in names)
    )


def _mapped(path: Path) -> mmap.mmap | bytes:
    """The file as bytes that are read when sliced. Nothing of an empty file can be mapped."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
