"""The families over a whole cohort with flat memory: one Parquet file a family, cut into row groups of equal size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.features.computation import (
    ARROW,
    KEYS,
    ONE_EACH,
    AsOfRelations,
    check_columns,
    check_grain,
    in_key_order,
    refused,
    typed,
)
from targeting.features.family import Family
from targeting.published.blocks import blocks
from targeting.snapshots.row_groups import whole_file

__all__ = ["family_file", "write_family"]

_BATCH: Final = 16_384


def family_file(folder: Path, family: Family) -> Path:
    """Where `write_family` puts a family's features."""
    return folder / f"{family.name}.features.parquet"


def write_family(view: AsOfRelations, family: Family, keys: Path, folder: Path) -> None:
    """Write the features of `family` for the rows of `keys`, row group by row group, in the order of that file.

    `keys` (establishment, as_of, ...) holds exactly the rows of the view's cohort, sorted by (as_of, establishment).
    The file appears when it is whole; one that is there already is not made again. Raises `RefusedError` as `compute`
    does, when rows, columns or kinds are not those declared.
    """
    final = family_file(folder, family)
    if final.exists():
        return
    rows, expected = in_key_order(view.connection, family), pq.ParquetFile(keys)
    check_columns(family, rows.columns)
    schema = pa.schema([(feature.name, ARROW[feature.kind]) for feature in family.features])
    size = max((expected.metadata.row_group(place).num_rows for place in range(expected.num_row_groups)), default=1)
    groups = blocks(rows.to_arrow_reader(_BATCH), max(size, 1))
    with whole_file(final) as partial, pq.ParquetWriter(partial, schema, compression="lz4") as writer:
        for place in range(expected.num_row_groups):
            batch = next(groups, None)
            group = pa.table({name: [] for name in rows.columns}) if batch is None else pa.Table.from_batches([batch])
            check_grain(family, group, expected.read_row_group(place, columns=list(KEYS)))
            columns = [typed(family, one, group[one.name]) for one in family.features]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=size)
        if next(groups, None) is not None:
            raise refused(family, ONE_EACH, "rows of others")
