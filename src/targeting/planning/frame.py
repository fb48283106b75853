"""The drawing frame: what must be kept of a draw so that its outcomes can speak for those who were not drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import BadInputError
from targeting.planning.arrays import Flags, Reals

__all__ = ["AREA_COLUMN", "drawing_frame"]

AREA_COLUMN: Final = "priority_areas"


def drawing_frame(document: Mapping[str, Any], chances: pa.Table, candidates: pa.Table) -> pa.Table:
    """One row per eligible establishment, sorted by number: score, probability, score_bin, certain, areas, county.

    `document` is PLAN.json, `chances` its table of probabilities, `candidates` the rows it was planned from. Null
    probability: no plan can hold the establishment. Raises `BadInputError` when the tables are not of one plan.
    """
    eligible = chances.filter(
        pc.or_kleene(
            pc.is_null(chances.column("excluded_because")), pc.equal(chances.column("excluded_because"), "in_no_plan")
        )
    )
    if (count := document["candidates"]["eligible"]) != eligible.num_rows:
        raise BadInputError(
            expected=f"the {count} eligible rows of the plan",
            got=str(eligible.num_rows),
            where="the table of probabilities",
            do="give the file that was written beside the plan",
        )
    rows = pc.index_in(eligible.column("establishment"), value_set=candidates.column("establishment").combine_chunks())
    if rows.null_count:
        raise BadInputError(
            expected="the candidates the plan was made from", got=f"{rows.null_count} missing", where="candidates"
        )
    known = candidates.take(rows)
    chance = eligible.column("probability").to_numpy(zero_copy_only=False)
    return pa.table(
        {
            "establishment": eligible.column("establishment"),
            "score": eligible.column("score"),
            "probability": pa.array(chance, pa.float64(), mask=~(chance > 0)),
            "score_bin": eligible.column("score_bin").cast(pa.int64()),
            "certain": pa.array(_certain(document, eligible.column("score").to_numpy(), known)),
            "areas": _areas(known),
            "county": known.column("county")
            if "county" in known.column_names
            else pa.nulls(known.num_rows, pa.string()),
        }
    )


def _areas(known: pa.Table) -> pa.ChunkedArray | pa.Array:
    if AREA_COLUMN in known.column_names:
        return known.column(AREA_COLUMN).cast(pa.list_(pa.string()))
    return pa.array([[]] * known.num_rows, pa.list_(pa.string()))


def _certain(document: Mapping[str, Any], score: Reals, known: pa.Table) -> Flags:
    """Who is in the plan whoever is drawn: fewer than (capacity - drawn) others score as much, and no rule intervenes.

    With only at-most-per rules the ranked arm is filled greedily by score, and somebody without a sibling among the
    eligible is shut out by nobody; so at most the others who score as much are taken first. Quotas, totals and other
    objectives can pass over a high score: then nobody is called certain, which is always safe.
    """
    problem = document["problem"]
    simple = problem["objective"]["kind"] == "breaches" and not any(
        problem[rule] for rule in ("at_least", "at_most", "total")
    )
    places = int(problem["capacity"]) - int(document["exploration"]["slots"])
    if not simple:
        return np.zeros(score.size, dtype=bool)
    as_good = score.size - np.searchsorted(np.sort(score), score, side="left")
    certain = (as_good <= places) & (score > 0)
    for per in problem["at_most_per"]:
        codes = known.column(per["column"]).combine_chunks().dictionary_encode().indices
        kin = codes.fill_null(-1).to_numpy(zero_copy_only=False)
        size = np.bincount(kin[kin >= 0], minlength=1)
        certain &= (kin < 0) | (size[np.maximum(kin, 0)] <= 1)
    return np.asarray(certain)
