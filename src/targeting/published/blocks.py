"""Rows cut anew: however they come, they go on in blocks of one size, so that no bytes depend on who cut them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

__all__ = ["blocks"]


def blocks(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of `batches` in blocks of `rows` each; the last one may be shorter, and none is empty.

    >>> whole = pa.record_batch({"a": [1, 2, 3, 4, 5]})
    >>> [block.num_rows for block in blocks([whole.slice(0, 1), whole.slice(1)], 2)]
    [2, 2, 1]
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        left = batch
        while left.num_rows:
            part = left.slice(0, rows - count)
            left = left.slice(part.num_rows)
            held.append(part)
            count += part.num_rows
            if count == rows:
                yield pa.concat_batches(held)
                held, count = [], 0
    if held:
        yield pa.concat_batches(held)
