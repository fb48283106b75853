"""How good is the published list really? Only a synthetic country can be asked: its hidden truth is read here alone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from targeting.domain import AsOf, BadInputError, Target
from targeting.published import PublishedRun, open_current

__all__ = ["Comparison", "compare", "comparisons"]

CAPACITY = {Target.BHT_USE: 300, Target.WORKING_ENVIRONMENT: 300, Target.UNLAWFUL_HIRING: 100, Target.WORK_CRIME: 100}
"""Inspections a quarter's list would hold, per target."""


class Comparison(NamedTuple):
    """Expected breaches among the top `k` of one target, by the hidden truth, for us and for the two oracles."""

    target: Target
    k: int
    base_rate: float
    ours: float
    observable_oracle: float
    full_oracle: float

    @property
    def ratio_observable(self) -> float:
        """Ours over what a perfect reader of the registers would find."""
        return self.ours / self.observable_oracle

    @property
    def ratio_full(self) -> float:
        """Ours over what somebody who knew the unobserved part too would find."""
        return self.ours / self.full_oracle


def comparisons(home: Path, truth: Path, as_of: AsOf) -> list[Comparison]:
    """One comparison a target of the current run, over the establishments that have both a score and a truth."""
    run = open_current(home)
    known = pq.read_table(truth, filters=[("quarter_start", "=", as_of.day)]).to_pandas()
    if known.empty:
        raise BadInputError(expected=f"a truth for the quarter from {as_of}", got="none", where=truth.name)
    return [_compare(run, target, known[known["target"] == target.value]) for target in Target]


def _compare(run: PublishedRun, target: Target, known: pd.DataFrame) -> Comparison:
    scores = run.scores(target).select(["rank", "establishment"]).to_pandas()
    ranked = scores.merge(known, on="establishment", how="inner").sort_values("rank")
    k = min(CAPACITY[target], len(ranked))
    truth = ranked["probability"].to_numpy()

    def best_by(column: str) -> float:
        order = np.argsort(-ranked[column].to_numpy(), kind="stable")
        return float(truth[order[:k]].sum())

    return Comparison(
        target,
        k,
        float(truth.mean()),
        float(truth[:k].sum()),
        best_by("probability_observable"),
        best_by("probability"),
    )


def compare(home: Path, truth: Path, as_of: AsOf) -> str:
    """The comparisons as an aligned text table."""
    head = ("target", "k", "random", "ours", "observable", "full", "ours/obs.", "ours/full")
    body = [
        (
            c.target.value,
            str(c.k),
            f"{c.base_rate * c.k:.1f}",
            f"{c.ours:.1f}",
            f"{c.observable_oracle:.1f}",
            f"{c.full_oracle:.1f}",
            f"{c.ratio_observable:.3f}",
            f"{c.ratio_full:.3f}",
        )
        for c in comparisons(home, truth, as_of)
    ]
    lines = [f"{row[0]:<20}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in (head, *body)]
    title = "\nExpected breaches among the top k by the hidden truth (this country is synthetic, so it can be known):"
    return "\n".join([title, *lines])
