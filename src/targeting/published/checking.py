"""What must hold between and inside the tables of a run before it may be published."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import RefusedError, Target
from targeting.published.order import ranked
from targeting.published.run import PublishedTables
from targeting.published.schemas import ESTABLISHMENTS, SCORES, SECTORS, conform

__all__ = ["checked"]


def checked(tables: PublishedTables, seed: int) -> PublishedTables:
    """`tables` cast to the published schemas, or the first broken promise as an error.

    Promised: establishments sorted and unique; per target ranks 1..n in the recorded order, every establishment
    known and listed once, 0 <= low <= score <= high <= 1.
    """
    establishments = conform(tables.establishments, ESTABLISHMENTS, "establishments")
    numbers = establishments.column("establishment").to_pylist()
    if numbers != sorted(set(numbers)):
        raise RefusedError(expected="establishments sorted and unique", got="another order", where="establishments")
    known = pa.array(numbers, pa.string())
    scores = {target: _checked_scores(table, target, known, seed) for target, table in sorted(tables.scores.items())}
    return PublishedTables(establishments, conform(tables.sectors, SECTORS, "sectors"), scores)


def _checked_scores(table: pa.Table, target: Target, known: pa.Array, seed: int) -> pa.Table:
    where = f"scores_{target}"
    scores = conform(table, SCORES, where)
    if scores.num_rows == 0:
        return scores
    _check_bounds(scores, where)
    listed = scores.column("establishment")
    if not pc.all(pc.is_in(listed, value_set=known)).as_py():
        raise RefusedError(expected="only establishments of the run", got="an unknown one", where=where)
    if len(pc.unique(listed)) != len(listed):
        raise RefusedError(expected="each establishment once", got="a duplicate", where=where)
    in_order = list(range(scores.num_rows))
    ranks = [row + 1 for row in in_order]
    if (
        scores.column("rank").to_pylist() != ranks
        or ranked(listed.to_pylist(), scores.column("score").to_pylist(), seed) != in_order
    ):
        raise RefusedError(expected="ranks 1..n in the recorded order", got="another order", where=where)
    return scores


def _check_bounds(scores: pa.Table, where: str) -> None:
    low, score, high = (scores.column(name) for name in ("low", "score", "high"))
    ordered = pc.and_(pc.less_equal(low, score), pc.less_equal(score, high))
    inside = pc.and_(pc.greater_equal(low, 0.0), pc.less_equal(high, 1.0))
    if not pc.all(pc.and_(ordered, inside)).as_py():
        raise RefusedError(expected="0 <= low <= score <= high <= 1", got="a row outside", where=where)
