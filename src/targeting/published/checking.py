"""What must hold between and inside the tables of a run before it may be published."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import RefusedError, Target
from targeting.published.order import ranked
from targeting.published.run import PublishedTables, Run, TargetRun
from targeting.published.schemas import (
    AREA_RESULTS,
    COARSE,
    ESTABLISHMENTS,
    HOLDINGS,
    LEAST_SHOWN,
    SCORES,
    SECTORS,
    conform,
)

__all__ = ["checked"]


def checked(tables: PublishedTables, run: Run) -> PublishedTables:
    """`tables` cast to the published schemas, or the first broken promise as an error.

    Promised: establishments sorted and unique; per target ranks 1..n in the recorded order, every establishment
    known and listed once, 0 <= low <= score <= high <= 1. Where the run declares bands, every row says exactly what its
    band says and no band stands above a higher one; elsewhere no row has a band.
    """
    establishments = conform(tables.establishments, ESTABLISHMENTS, "establishments")
    numbers = establishments.column("establishment").to_pylist()
    if numbers != sorted(set(numbers)):
        raise RefusedError(expected="establishments sorted and unique", got="another order", where="establishments")
    known = pa.array(numbers, pa.string())
    if tables.scores.keys() != run.targets.keys():
        raise RefusedError(expected="scores for the targets of the run", got="others", where="scores")
    scores = {target: _checked_scores(tables.scores[target], target, known, run) for target in sorted(tables.scores)}
    held = None if tables.holdings is None else conform(tables.holdings, HOLDINGS, "holdings")
    results = None if tables.area_results is None else _checked_results(tables.area_results)
    return PublishedTables(establishments, conform(tables.sectors, SECTORS, "sectors"), scores, held, results)


def _checked_results(table: pa.Table) -> pa.Table:
    results = conform(table, AREA_RESULTS, "area_results")
    few = pc.less(results.column("inspections_3y"), LEAST_SHOWN)
    if pc.any(pc.and_(few, pc.is_valid(results.column("breaches_3y")))).as_py():
        raise RefusedError(expected="no breaches of so few inspections", got="some", where="area_results")
    return results


def _checked_scores(table: pa.Table, target: Target, known: pa.Array, run: Run) -> pa.Table:
    where = f"scores_{target}"
    scores = conform(table, SCORES, where)
    if scores.num_rows == 0:
        return scores
    _check_bounds(scores, where)
    _check_bands(scores, run.targets[target], where)
    listed = scores.column("establishment")
    if not pc.all(pc.is_in(listed, value_set=known)).as_py():
        raise RefusedError(expected="only establishments of the run", got="an unknown one", where=where)
    if len(pc.unique(listed)) != len(listed):
        raise RefusedError(expected="each establishment once", got="a duplicate", where=where)
    if not _in_order(scores, run.targets[target], run.seed):
        raise RefusedError(expected="ranks 1..n in the recorded order", got="another order", where=where)
    return scores


def _in_order(scores: pa.Table, about: TargetRun, seed: int) -> bool:
    """Ranks 1..n by falling score. Inside a band the order is the model's own, which the scores no longer show."""
    values: list[float] = scores.column("score").to_pylist()
    in_order = list(range(scores.num_rows))
    if scores.column("rank").to_pylist() != [row + 1 for row in in_order]:
        return False
    if about.bands:
        return all(better >= worse for better, worse in pairwise(values))
    return ranked(scores.column("establishment").to_pylist(), values, seed) == in_order


def _check_bounds(scores: pa.Table, where: str) -> None:
    low, score, high = (scores.column(name) for name in ("low", "score", "high"))
    ordered = pc.and_(pc.less_equal(low, score), pc.less_equal(score, high))
    inside = pc.and_(pc.greater_equal(low, 0.0), pc.less_equal(high, 1.0))
    if not pc.all(pc.and_(ordered, inside)).as_py():
        raise RefusedError(expected="0 <= low <= score <= high <= 1", got="a row outside", where=where)
    listing = scores.column("listing_probability")
    if not pc.all(pc.and_(pc.greater_equal(listing, 0.0), pc.less_equal(listing, 1.0)), min_count=0).as_py():
        raise RefusedError(expected="listing probabilities from 0 to 1", got="one outside", where=where)


def _check_bands(scores: pa.Table, about: TargetRun, where: str) -> None:
    if not about.bands:
        if scores.column("band").null_count != scores.num_rows:
            raise RefusedError(expected="no band beside a probability", got="a band", where=where)
        return
    rates = [one.rate for one in about.bands]
    if [one.band for one in about.bands] != list(range(1, len(rates) + 1)) or rates != sorted(set(rates), reverse=True):
        raise RefusedError(expected="bands 1..n of falling rates", got="others", where=where)
    columns = [scores.column(name).to_pylist() for name in ("band", "score", "low", "high")]
    if not set(zip(*columns, strict=True)) <= {(one.band, one.rate, one.low, one.high) for one in about.bands}:
        raise RefusedError(expected="in every row what its band says", got="another number", where=where)
    pushes = pc.struct_field(pc.list_flatten(scores.column("reasons")), "contribution")
    if not pc.all(pc.equal(pc.round_to_multiple(pushes, COARSE), pushes), min_count=0).as_py():
        raise RefusedError(expected="contributions as coarse as the bands", got="a finer one", where=where)
