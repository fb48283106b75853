"""The encoded rows of a list, where they lie on disk: an answer is a few pieces of one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from targeting.published import MappedList

__all__ = ["Column", "Fragments", "Rows", "gathered"]

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
Column = np.ndarray[tuple[int], np.dtype[np.signedinteger[Any]]]

_COMMA: Final = ord(",")


@dataclass(frozen=True)
class Fragments:
    """One JSON object per row, in rank order. Only the rows that are asked for ever leave the file.

    Every block of the file but the last has `block` rows.
    """

    mapped: MappedList
    block: int

    @classmethod
    def of(cls, mapped: MappedList) -> Fragments:
        """The rows of `mapped`; nothing is read."""
        return cls(mapped, max(1, mapped.blocks[0].num_rows))

    def __len__(self) -> int:
        return len(self.mapped)

    def __getitem__(self, row: int) -> bytes:
        return self.take(np.asarray([row]))[0]

    def take(self, rows: Rows) -> list[bytes]:
        """The rows at these indices, in this order."""
        return [line[:-1] for line in self._lines(rows).to_pylist()]

    def joined(self, rows: Rows) -> memoryview:
        """The rows at these indices, in this order, with commas between them: copied once, all of them at once."""
        if not len(rows):
            return memoryview(b"")
        _, bounds, text = self._lines(rows).buffers()
        line_ends = np.frombuffer(bounds, np.int64)[1 : len(rows) + 1] - 1
        np.frombuffer(text, np.uint8)[line_ends] = _COMMA
        return memoryview(text)[: line_ends[-1]]

    def _lines(self, rows: Rows) -> pa.LargeBinaryArray:
        return self.mapped.lines.take(pa.array(rows, pa.int64()))


def gathered(blocks: Sequence[Column], size: int, rows: Rows) -> Rows:
    """The values at `rows` of a column that lies in blocks of `size`.

    >>> gathered([np.array([10, 11]), np.array([12])], 2, np.array([2, 0])).tolist()
    [12, 10]
    """
    numbers, inside = np.divmod(rows, size)
    found: Rows = np.empty(len(rows), dtype=np.int64)
    for number in range(numbers.max(initial=-1) + 1):
        here = numbers == number
        found[here] = blocks[number][inside[here]]
    return found
