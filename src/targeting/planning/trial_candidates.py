"""Who takes part in a trial, and how many of each block an arm is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from targeting.domain import BadInputError
from targeting.planning.candidates import Candidates, eligibility, read_candidates, ties
from targeting.planning.problem import Problem
from targeting.planning.trial import TrialArm, TrialCandidate

__all__ = ["allot", "trial_candidates"]

_MISSING: Final = "missing"


def trial_candidates(problem: Problem, table: pa.Table, block: str, rule: str) -> list[TrialCandidate]:
    """The eligible rows of `table`, with the column `block`, the problem's score and the numbers in column `rule`.

    Today's rule takes the highest numbers first; a row without one comes last. Of siblings under an at-most-per rule
    chance keeps as many as the rule allows, before any arm chooses: two arms must not visit one enterprise.
    """
    candidates = read_candidates(table)
    candidates.chances(problem.objective.score)
    rows = _unrelated(problem, candidates.take(eligibility(problem, candidates).eligible))
    blocks = [_MISSING if value is None else str(value) for value in rows.column(block).to_pylist()]
    model, today = rows.numbers(problem.objective.score).tolist(), _rule_numbers(rows, rule)
    return [TrialCandidate(*row) for row in zip(rows.names, blocks, model, today, strict=True)]


def _rule_numbers(rows: Candidates, rule: str) -> list[float]:
    try:
        values = rows.column(rule).cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        raise BadInputError(
            expected="numbers, higher ones to be visited first",
            got=str(rows.column(rule).type),
            where=f"candidates.{rule}",
        ) from cause
    return [-np.inf if value is None or np.isnan(value) else float(value) for value in values.to_pylist()]


def _unrelated(problem: Problem, rows: Candidates) -> Candidates:
    order = np.argsort(ties(problem.seed, rows.names), kind="stable")
    kept = np.ones(len(rows), dtype=bool)
    for per in problem.at_most_per:
        values = rows.column(per.column).to_pylist()
        held: dict[object, int] = {}
        for place in order[kept[order]].tolist():
            value = values[place]
            if value is None:
                continue
            held[value] = held.get(value, 0) + 1
            kept[place] = held[value] <= per.count
    return rows.take(np.flatnonzero(kept).astype(np.int64))


def allot(per_arm: int, candidates: Sequence[TrialCandidate]) -> Mapping[str, int]:
    """How many of each block to give to every arm: in proportion to the blocks, largest remainders first.

    No block gives more than the third of it that an arm chooses from. Raises `BadInputError` when they hold too few.
    """
    names, counts = np.unique([one.block for one in candidates], return_counts=True)
    pools = counts // len(TrialArm)
    if per_arm < 1 or (most := int(pools.sum())) < per_arm:
        raise BadInputError(
            expected=f"from 1 to {int(pools.sum())} an arm, a third of each block", got=str(per_arm), where="--per-arm"
        )
    wanted = np.minimum(per_arm * pools / most, pools)
    given = np.floor(wanted).astype(np.int64)
    for place in np.argsort(given - wanted, kind="stable")[: per_arm - int(given.sum())]:
        given[place] += 1
    return {str(name): int(count) for name, count in zip(names, given, strict=True) if count}
