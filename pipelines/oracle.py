"""How good is the published list really? Only a synthetic country can be asked: its hidden truth is read here alone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from pipelines.train import MODELS
from targeting.domain import AsOf, BadInputError, Target
from targeting.matrix import scoring_matrices
from targeting.modelling.candidates import RuleParameters
from targeting.modelling.specification import load_specification
from targeting.published import PublishedRun, open_current
from targeting.snapshots import Store

__all__ = ["Comparison", "compare", "comparisons"]

CAPACITY = {Target.BHT_USE: 300, Target.WORKING_ENVIRONMENT: 300, Target.UNLAWFUL_HIRING: 100, Target.WORK_CRIME: 100}
"""Inspections a quarter's list would hold, per target."""


class Comparison(NamedTuple):
    """Expected breaches among the top `k` of one target, by the hidden truth: two rules, ours, and the two oracles."""

    target: Target
    k: int
    base_rate: float
    sector_rate: float
    past_breaches: float
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
    matrices = scoring_matrices(Store(home), tuple(Target), as_of)
    return [_compare(run, target, known[known["target"] == target.value], matrices[target].frame) for target in Target]


def _compare(run: PublishedRun, target: Target, known: pd.DataFrame, frame: pd.DataFrame) -> Comparison:
    scores = run.scores(target).select(["rank", "establishment"]).to_pandas()
    rules = _rules(target, frame)
    ranked = scores.merge(known, on="establishment").merge(rules, on="establishment", how="left")
    k = min(CAPACITY[target], len(ranked))
    truth = ranked["probability"].to_numpy()

    def found(column: str, sign: float = 1.0) -> float:
        return _among_top(sign * ranked[column].to_numpy(dtype=np.float64), truth, k)

    return Comparison(
        target,
        k,
        float(truth.mean()),
        found("sector_rate"),
        found("past_breaches"),
        found("rank", -1.0),
        found("probability_observable"),
        found("probability"),
    )


def _rules(target: Target, frame: pd.DataFrame) -> pd.DataFrame:
    """What the two rules of the target's specification rank by, per establishment."""
    specification = load_specification(MODELS / f"{target.value}.toml")
    columns = {"establishment": frame["establishment"]}
    for name in ("sector_rate", "past_breaches"):
        parameters = specification.candidate(name).parameters
        if not isinstance(parameters, RuleParameters):
            raise BadInputError(expected="a rule", got=type(parameters).__name__, where=f"candidate {name}")
        values = frame[list(parameters.features)].astype("float64")
        missing = values.mean() if parameters.missing is None else parameters.missing
        columns[name] = values.fillna(missing).sum(axis=1)
    return pd.DataFrame(columns)


def _among_top(by: np.ndarray, truth: np.ndarray, k: int) -> float:
    """Breaches to expect among the top `k` by `by`; those tied at the cut count by their mean."""
    cut = np.sort(by)[-k]
    above, tied = by > cut, by == cut
    return float(truth[above].sum() + (k - above.sum()) * truth[tied].mean())


def compare(home: Path, truth: Path, as_of: AsOf) -> str:
    """The comparisons as an aligned text table."""
    head = (
        "target",
        "k",
        "random",
        "sector rate",
        "past breach",
        "ours",
        "observable",
        "full",
        "ours/obs.",
        "ours/full",
    )
    body = [
        (
            c.target.value,
            str(c.k),
            f"{c.base_rate * c.k:.1f}",
            f"{c.sector_rate:.1f}",
            f"{c.past_breaches:.1f}",
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
