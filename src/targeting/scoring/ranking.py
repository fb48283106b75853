"""One target's published scores: probability or band, interval, reasons and rank for every row of the cohort."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.matrix import Matrix
from targeting.modelling.bands import ScoreForm
from targeting.modelling.columns import texts
from targeting.modelling.explanation import explain
from targeting.modelling.registry import ReleasedModel
from targeting.published import COARSE, REASON, SCORES, Band, band_titles, ranked

__all__ = ["published_bands", "score", "score_silently"]


def score(matrix: Matrix, model: ReleasedModel, seed: int, *, threads: int = 1) -> pa.Table:
    """The scores of `matrix`'s rows by `model`, in rank order with the recorded tie-break of `seed`.

    Bands show no more of the log-odds than the order they give, and contributions rounded to `COARSE`.
    """
    reasons = explain(model.trained.model, matrix.frame, matrix.features, threads=threads)
    banded = model.trained.form.bands is not None
    return _in_rank_order(matrix, model, _coarse(reasons) if banded else reasons, seed, threads)


def score_silently(matrix: Matrix, model: ReleasedModel, seed: int, *, threads: int = 1) -> pa.Table:
    """The scores as `score` gives them, without a reason: nobody reads those of a shadow one by one."""
    unsaid = pa.array([[]] * len(matrix.frame), SCORES.field("reasons").type)
    return _in_rank_order(matrix, model, unsaid, seed, threads)


def _in_rank_order(matrix: Matrix, model: ReleasedModel, reasons: pa.Array, seed: int, threads: int) -> pa.Table:
    frame, trained = matrix.frame, model.trained
    scored = trained.score(frame, threads=threads)
    listing = trained.refits.listing(frame, threads=threads)
    numbers = texts(frame, "establishment").tolist()
    order = ranked(numbers, (scored.probability if trained.form.bands is None else scored.raw).tolist(), seed)
    columns = {
        "establishment": pa.array(numbers, pa.string()),
        "score": pa.array(scored.probability),
        "low": pa.array(scored.low),
        "high": pa.array(scored.high),
        "band": pa.array(scored.band, mask=scored.band == 0),
        "listing_probability": pa.nulls(len(numbers), pa.float64()) if listing is None else pa.array(listing),
        "reasons": reasons,
    }
    in_order = pa.table(columns).take(pa.array(order, pa.int64()))
    ranks = pa.array(np.arange(1, len(numbers) + 1), pa.int64())
    return in_order.add_column(0, "rank", ranks).cast(SCORES)


def published_bands(form: ScoreForm) -> tuple[Band, ...]:
    """The bands as they are published, highest first; none where the scores are probabilities."""
    if (bands := form.bands) is None:
        return ()
    columns = (bands.rates, *bands.intervals, bands.rows.astype(np.int64))
    rows = zip(*(column[::-1].tolist() for column in columns), strict=True)
    titles = band_titles(len(bands.rows))
    return tuple(Band(place, *title, *row) for place, (title, row) in enumerate(zip(titles, rows, strict=True), 1))


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
