"""One partition's rows scored by one model: all that can be said of a row without knowing the others."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pandas.util import hash_pandas_object

from targeting.matrix import Matrix
from targeting.modelling.columns import ReadOnce, texts
from targeting.modelling.explanation import explain
from targeting.modelling.registry import ReleasedModel
from targeting.published import COARSE, REASON, SCORES

__all__ = ["SCORED", "score_rows"]

#: One row per establishment of the partition. `content` is a hash of all the model could read of the row; `ranked_by`
#: what it is ranked by, the score, or the model's log-odds where the scores are bands; `refits` its log-odds under each
#: refit.
SCORED: Final = pa.schema(
    [
        pa.field("content", pa.uint64(), nullable=False),
        pa.field("ranked_by", pa.float64(), nullable=False),
        *(SCORES.field(name) for name in ("establishment", "score", "low", "high", "band")),
        pa.field("refits", pa.list_(pa.float64()), nullable=False),
        SCORES.field("reasons"),
    ]
)


def score_rows(matrix: Matrix, model: ReleasedModel, *, explained: bool = True, threads: int = 1) -> pa.Table:
    """The rows of `matrix` scored by `model`, in their order, with reasons unless nobody will read them.

    Beside bands, reasons show contributions rounded to `COARSE`: no more of the log-odds than the order gives away.
    """
    frame, trained = ReadOnce(matrix.frame), model.trained
    scored, banded = trained.score(frame, threads=threads), trained.form.bands is not None
    if explained:
        told = explain(trained.model, frame, matrix.features, threads=threads)
        reasons = _coarse(told) if banded else told
    else:
        reasons = pa.array([[]] * len(frame), SCORES.field("reasons").type)
    columns = {
        "content": pa.array(hash_pandas_object(matrix.frame.drop(columns="as_of"), index=False).to_numpy()),
        "ranked_by": pa.array(scored.raw if banded else scored.probability),
        "establishment": pa.array(texts(frame, "establishment").tolist(), pa.string()),
        "score": pa.array(scored.probability),
        "low": pa.array(scored.low),
        "high": pa.array(scored.high),
        "band": pa.array(scored.band, mask=scored.band == 0),
        "refits": _lists(trained.refits.log_odds(frame, threads=threads), len(frame)),
        "reasons": reasons,
    }
    return pa.table(columns).cast(SCORED)


def _lists(refits: np.ndarray, rows: int) -> pa.Array:
    """A row's log-odds under each refit, of an array (refits, rows)."""
    offsets = np.arange(rows + 1, dtype=np.int32) * len(refits)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(refits.T.reshape(-1)))


def _coarse(reasons: pa.Array) -> pa.Array:
    """The reasons with their contributions rounded to `COARSE`, away from zero where that would hide the direction."""
    told = pc.list_flatten(reasons)
    pushes = pc.struct_field(told, "contribution")
    rounded = pc.round_to_multiple(pushes, COARSE)
    least = pc.multiply(pc.sign(pushes), COARSE)
    coarse = pc.if_else(pc.equal(rounded, 0.0), least, rounded)
    fields = list(REASON)
    columns = [coarse if field.name == "contribution" else pc.struct_field(told, field.name) for field in fields]
    return pa.ListArray.from_arrays(
        reasons.offsets, pa.StructArray.from_arrays(columns, fields=fields), type=reasons.type
    )
