"""One target's published scores: probability, interval, reasons and rank for every establishment of the cohort."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from targeting.matrix import Matrix
from targeting.modelling.columns import texts
from targeting.modelling.explanation import explain
from targeting.modelling.registry import ReleasedModel
from targeting.published import SCORES, ranked

__all__ = ["score"]


def score(matrix: Matrix, model: ReleasedModel, seed: int, *, threads: int = 1) -> pa.Table:
    """The scores of `matrix`'s rows by `model`, in rank order with the recorded tie-break of `seed`."""
    frame, trained = matrix.frame, model.trained
    scored = trained.score(frame, threads=threads)
    numbers = texts(frame, "establishment").tolist()
    order = pa.array(ranked(numbers, scored.probability.tolist(), seed), pa.int64())
    columns = {
        "establishment": pa.array(numbers, pa.string()),
        "score": pa.array(scored.probability),
        "low": pa.array(scored.low),
        "high": pa.array(scored.high),
        "reasons": explain(trained.model, frame, matrix.features, threads=threads),
    }
    in_order = pa.table(columns).take(order)
    ranks = pa.array(np.arange(1, len(numbers) + 1), pa.int64())
    return in_order.add_column(0, "rank", ranks).cast(SCORES)
