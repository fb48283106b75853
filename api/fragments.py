"""The encoded rows of a list, where they lie on disk: an answer is a join of slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from targeting.published import MappedList

__all__ = ["Column", "Fragments", "Rows", "gathered"]

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
Column = np.ndarray[tuple[int], np.dtype[np.signedinteger[Any]]]


@dataclass(frozen=True)
class Fragments:
    """One JSON object per row, in rank order. Only the slices that are asked for ever become Python objects.

    `starts` and `lengths` say where they are, block by block; every block but the last has `block` rows.
    """

    mapped: MappedList
    starts: tuple[Column, ...]
    lengths: tuple[Column, ...]
    block: int

    @classmethod
    def of(cls, mapped: MappedList) -> Fragments:
        """The rows of `mapped`; nothing is read."""
        starts = tuple(one.column("start").to_numpy() for one in mapped.blocks)
        lengths = tuple(one.column("length").to_numpy() for one in mapped.blocks)
        return cls(mapped, starts, lengths, max(1, mapped.blocks[0].num_rows))

    def __len__(self) -> int:
        return len(self.mapped)

    def __getitem__(self, row: int) -> bytes:
        return self.take(np.asarray([row]))[0]

    def take(self, rows: Rows) -> list[bytes]:
        """The rows at these indices, in this order."""
        starts, lengths = (gathered(one, self.block, rows) for one in (self.starts, self.lengths))
        return self.mapped.encoded(starts.tolist(), lengths.tolist())


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
