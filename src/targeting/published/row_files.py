"""Published Parquet files, written row group by row group: the bytes depend on the rows alone, memory on neither."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.published.blocks import blocks

__all__ = ["write_rows"]

_ROW_GROUP: Final = 131_072


def write_rows(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write `batches`, cast to `schema`, to `path`. Raises `pa.ArrowInvalid` where a value is null and may not be."""
    # Fixed row groups, codec and format version, whoever cut the batches.
    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6", store_schema=False) as writer:
        for block in blocks(batches, _ROW_GROUP):
            writer.write_table(pa.Table.from_batches([block]).cast(schema), row_group_size=_ROW_GROUP)
