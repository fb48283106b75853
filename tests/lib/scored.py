"""A matrix scored as a run scores it, one partition and no country around it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.matrix import Matrix
from targeting.modelling.registry import ReleasedModel
from targeting.published import SCORES
from targeting.scoring import score_rows, write_scores

__all__ = ["scored"]


def scored(matrix: Matrix, model: ReleasedModel, seed: int) -> pa.Table:
    """The rows of `matrix` in rank order, as they are published."""
    with TemporaryDirectory() as folder:
        part, whole = Path(folder) / "part.parquet", Path(folder) / "whole.parquet"
        pq.write_table(score_rows(matrix, model), part)
        write_scores([part], whole, seed=seed, capacity=model.trained.refits.capacity, scratch=Path(folder))
        return pq.read_table(whole).cast(SCORES)
