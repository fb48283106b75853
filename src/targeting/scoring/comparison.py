"""A shadow's scores beside those of the champion: how much of the list would change hands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import spearmanr

__all__ = ["Comparison", "compare"]


class Comparison(NamedTuple):
    """Two scorings of one cohort of `establishments`.

    `jaccard` is what the first `k` of both share of all that is among the first `k` of either; `rank_correlation` is
    Spearman's (null: fewer than two establishments); `mean_difference` is the shadow's mean score less the champion's.
    """

    establishments: int
    k: int
    jaccard: float
    rank_correlation: float | None
    mean_difference: float


def compare(champion: pa.Table, shadow: pa.Table, k: int) -> Comparison:
    """Compare two tables of published scores over the same establishments, both in rank order."""
    first, other = (set(table.column("establishment").slice(0, k).to_pylist()) for table in (champion, shadow))
    rows = pc.index_in(champion.column("establishment"), value_set=shadow.column("establishment").combine_chunks())
    aligned = shadow.take(rows)
    own, its = champion.column("score").to_numpy(), aligned.column("score").to_numpy()
    agreement = spearmanr(champion.column("rank").to_numpy(), aligned.column("rank").to_numpy()).statistic
    return Comparison(
        establishments=champion.num_rows,
        k=k,
        jaccard=len(first & other) / len(first | other) if first | other else 1.0,
        rank_correlation=float(agreement) if champion.num_rows > 1 else None,
        mean_difference=float(np.mean(its - own)) if champion.num_rows else 0.0,
    )
