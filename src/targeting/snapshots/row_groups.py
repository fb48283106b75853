"""Files that appear when they are whole, and Parquet files in row groups of one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.published.blocks import blocks

__all__ = ["whole_file", "write_in_groups"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write what becomes `path` when the block ends; nothing becomes of it when the block raises."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_in_groups(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], size: int) -> None:
    """Write `batches` to a Parquet file of row groups of `size` rows each, holding one group at a time in memory."""
    with whole_file(path) as partial, pq.ParquetWriter(partial, schema, compression="lz4") as writer:
        for group in blocks(batches, size):
            writer.write_table(pa.Table.from_batches([group]).cast(schema), row_group_size=size)
