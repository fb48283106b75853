"""Rows to learn from and rows to score: cohort, features and labels on (establishment, as_of).

Training and scoring differ in which pairs (establishment, as_of) they ask for and in nothing else: `member_rows`
makes the features of both. A training row stands on the first day of the quarter its inspection fell in, because that
is how stale the registers are when a quarter is scored. Several targets are made from one view and one pass over the
families: a row's features depend on its pair alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import AsOf, RefusedError, Target
from targeting.features import Family
from targeting.labels import label_rows
from targeting.matrix.rows import KEYS, Matrix, Served, columns_of, member_rows, serving
from targeting.snapshots import Store

__all__ = ["NUISANCE", "OBSERVED", "scoring_matrices", "scoring_matrix", "training_matrices", "training_matrix"]

OBSERVED = ("label", "severity", "label_known_on", "occurred_on", "inspection", "random_selection")
"""What the inspection found and when. Only in training rows."""
NUISANCE = ("form", "origin", "inspector", "office")
"""Decided when the inspection was assigned: may be fitted as nuisance, never ranked by. Only in training rows."""


def training_matrix(
    store: Store,
    target: Target,
    until: AsOf,
    *,
    families: Sequence[Family] | None = None,
    include_personal: bool = False,
    threads: int = 2,
) -> Matrix:
    """What can be learned from before `until`: every label known by then whose establishment was in the cohort.

    Two inspections of one establishment in one quarter are two rows with equal features. Raises `RefusedError` when
    no inspection has checked anything of the target.
    """
    made = training_matrices(
        store, [target], until, families=families, include_personal=include_personal, threads=threads
    )
    if target not in made:
        raise RefusedError(
            expected=f"inspections that checked {target}",
            got=f"none known before {until}",
            where="the store",
            do="load inspections with their control points, or choose a later day",
        )
    return made[target]


def training_matrices(
    store: Store,
    targets: Sequence[Target],
    until: AsOf,
    *,
    families: Sequence[Family] | None = None,
    include_personal: bool = False,
    threads: int = 2,
) -> dict[Target, Matrix]:
    """The training matrix of each target that has a label known before `until`; the others are left out."""
    every = {target: _labels(store, target, until, threads) for target in targets}
    labels = {target: rows for target, rows in every.items() if len(rows)}
    days = {day for rows in labels.values() for day in pc.unique(rows["as_of"]).to_pylist()}
    served = {target: serving(families, target, include_personal=include_personal) for target in labels}
    if not labels:
        return {}
    rows = member_rows(store, served, [AsOf(day) for day in days], labels, threads)
    return {
        target: Matrix(_observed(labels[target], rows[target], served[target]), served[target].features, target)
        for target in labels
    }


def scoring_matrix(
    store: Store,
    target: Target,
    as_of: AsOf,
    *,
    families: Sequence[Family] | None = None,
    include_personal: bool = False,
    threads: int = 2,
) -> Matrix:
    """The whole cohort of `target` on `as_of`, without labels."""
    return scoring_matrices(
        store, [target], as_of, families=families, include_personal=include_personal, threads=threads
    )[target]


def scoring_matrices(
    store: Store,
    targets: Sequence[Target],
    as_of: AsOf,
    *,
    families: Sequence[Family] | None = None,
    include_personal: bool = False,
    threads: int = 2,
) -> dict[Target, Matrix]:
    """The scoring matrix of each target."""
    served = {target: serving(families, target, include_personal=include_personal) for target in targets}
    rows = member_rows(store, served, [as_of], None, threads)
    return {
        target: Matrix(rows[target][[*KEYS, *columns_of(served[target])]], served[target].features, target)
        for target in targets
    }


def _labels(store: Store, target: Target, until: AsOf, threads: int) -> pa.Table:
    """The labels known before `until`, each with the first day of its quarter as `as_of`."""
    labels = label_rows(store, target, until, threads=threads).rename_columns({"known_on": "label_known_on"})
    quarter = pc.floor_temporal(labels["occurred_on"], unit="quarter").cast(pa.date32())
    return labels.append_column("as_of", quarter)


def _observed(labels: pa.Table, rows: pd.DataFrame, served: Served) -> pd.DataFrame:
    """The rows of labelled inspections, by (as_of, establishment, inspection)."""
    observed = labels.select(["establishment", "as_of", *OBSERVED, *NUISANCE]).to_pandas()
    frame: pd.DataFrame = observed.merge(rows, on=["establishment", "as_of"], how="inner", validate="many_to_one")
    frame = frame.sort_values(["as_of", "establishment", "inspection"], ignore_index=True)
    return frame[[*KEYS, *OBSERVED, *NUISANCE, *columns_of(served)]]
