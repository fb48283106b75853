"""A target's published scores, put together from scored partitions: ranked across the country, never held whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from targeting.published import RANKED, SCORES, write_rows
from targeting.published.blocks import blocks
from targeting.scoring.listing import Cuts, cuts, refit_columns
from targeting.snapshots.connection import SHARED_MEMORY, connect, quoted

__all__ = ["ranked_reader", "write_scores"]

_BLOCK: Final = 32_768
_SORTING: Final = "300MB"
"""Less than `SHARED_MEMORY`: rows are wide here, and the blocks on their way out take as much again."""


def write_scores(parts: Sequence[Path], path: Path, *, seed: int, capacity: int, scratch: Path) -> None:
    """Write the rows of `parts` (`SCORED`, one file each) to `path` in rank order, as `SCORES`.

    Among equals the recorded draw of `seed` decides. `capacity` is the length of the list that `listing_probability`
    speaks of. `scratch` is an empty folder for what sorting cannot hold.
    """

    def refits() -> Iterator[np.ndarray]:
        for part in parts:
            yield refit_columns(pq.read_table(part, columns=["refits"])["refits"].combine_chunks())

    found = cuts(refits, capacity)
    with connect(1, scratch, _SORTING) as connection:
        rows = connection.sql(_ranked_sql(parts, seed)).to_arrow_reader(_BLOCK)
        write_rows(path, SCORES, _published(rows, found))


@contextmanager
def ranked_reader(establishments: Path, scores: Path, scratch: Path) -> Iterator[pa.RecordBatchReader]:
    """The rows of `scores` in rank order, each with the facts of its establishment (`RANKED`), a block at a time."""
    facts = ", ".join(name for name in RANKED.names if name not in SCORES.names)
    with connect(1, scratch, SHARED_MEMORY) as connection:
        rows = connection.sql(f"""
            SELECT {", ".join(RANKED.names)} FROM read_parquet({quoted(str(scores))})
            JOIN (SELECT establishment, {facts} FROM read_parquet({quoted(str(establishments))})) USING (establishment)
            ORDER BY rank""")
        yield rows.to_arrow_reader(_BLOCK)


def _ranked_sql(parts: Sequence[Path], seed: int) -> str:
    """The recorded order as SQL: `ranked_by` falling, then the draw that `published.tie_break` states."""
    files = ", ".join(quoted(str(part)) for part in parts)
    return f"""
        SELECT establishment, score, low, high, band, refits, reasons
        FROM read_parquet([{files}]) ORDER BY ranked_by DESC, sha256({quoted(f"{seed}:")} || establishment)"""


def _published(rows: Iterator[pa.RecordBatch], found: Cuts | None) -> Iterator[pa.RecordBatch]:
    rank = 1
    for block in blocks(rows, _BLOCK):
        chances = None if found is None else found.chances(refit_columns(block.column("refits")))
        columns = {name: block.column(name) for name in block.schema.names if name != "refits"}
        columns["rank"] = pa.array(np.arange(rank, rank + block.num_rows))
        columns["listing_probability"] = (
            pa.nulls(block.num_rows, pa.float64()) if chances is None else pa.array(chances)
        )
        rank += block.num_rows
        yield from pa.table({name: columns[name] for name in SCORES.names}).cast(SCORES).to_batches()
