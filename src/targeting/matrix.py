"""Cohort, features and labels on (establishment, as_of): the one table that training and scoring share.

Training and scoring differ in which pairs (establishment, as_of) they ask for and in nothing else: `_rows` makes the
features of both. A training row stands on the first day of the quarter its inspection fell in, because that is how
stale the registers are when a quarter is scored. Several targets are made from one view and one pass over the families:
a row's features depend on its pair alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from targeting.cohort import cohort_members
from targeting.domain import AsOf, RefusedError, Target
from targeting.features import Family, Feature, FeatureKind, compute, load_families
from targeting.labels import label_rows
from targeting.snapshots import AsOfView, Store

__all__ = [
    "GROUPS",
    "KEYS",
    "NUISANCE",
    "OBSERVED",
    "Matrix",
    "scoring_matrices",
    "scoring_matrix",
    "training_matrices",
    "training_matrix",
]

KEYS = ("establishment", "enterprise", "as_of")
OBSERVED = ("label", "severity", "label_known_on", "occurred_on", "inspection", "random_selection")
"""What the inspection found and when. Only in training rows."""
NUISANCE = ("form", "origin", "inspector", "office")
"""Decided when the inspection was assigned: may be fitted as nuisance, never ranked by. Only in training rows."""
GROUPS = ("industry", "county", "size_class", "legal_form")
"""What results are broken down by. Features only where a family declares a column of that name."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One row per labelled inspection (training) or per member of the cohort (scoring).

    `frame` holds `KEYS`, in training then `OBSERVED` and `NUISANCE`, then `GROUPS`, then `features`; sorted by
    (as_of, establishment, inspection). Numbers and flags are float64 with NaN for null (a flag is 0.0 or 1.0),
    categories are strings or missing: a column's type never depends on which rows are in it.
    """

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    target: Target


class _Served(NamedTuple):
    """The features that may serve a target, and the families that have any."""

    features: tuple[Feature, ...]
    families: tuple[Family, ...]


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
    served = {target: _serving(families, target, include_personal=include_personal) for target in labels}
    if not labels:
        return {}
    rows = _rows(store, served, [AsOf(day) for day in days], labels, threads)
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
    served = {target: _serving(families, target, include_personal=include_personal) for target in targets}
    rows = _rows(store, served, [as_of], None, threads)
    return {
        target: Matrix(rows[target][[*KEYS, *_columns(served[target])]], served[target].features, target)
        for target in targets
    }


def _labels(store: Store, target: Target, until: AsOf, threads: int) -> pa.Table:
    """The labels known before `until`, each with the first day of its quarter as `as_of`."""
    labels = label_rows(store, target, until, threads=threads).rename_columns({"known_on": "label_known_on"})
    quarter = pc.floor_temporal(labels["occurred_on"], unit="quarter").cast(pa.date32())
    return labels.append_column("as_of", quarter)


def _rows(
    store: Store,
    served: Mapping[Target, _Served],
    as_ofs: Sequence[AsOf],
    among: Mapping[Target, pa.Table] | None,
    threads: int,
) -> dict[Target, pd.DataFrame]:
    """Members of each target (limited to `among`) with groups and features, by (as_of, establishment)."""
    families = {family.name: family for each in served.values() for family in each.families}
    with AsOfView.open(store, None, as_ofs, threads=threads) as view:
        members = cohort_members(view, list(served), among)
        view.choose(pa.concat_tables(rows.select(["establishment", "as_of"]) for rows in members.values()))
        computed = compute(view, tuple(families.values()))
    features = _frame(computed, {f.name: f.kind for family in families.values() for f in family.features})
    return {target: _beside(members[target].to_pandas(), features, each.features) for target, each in served.items()}


def _frame(computed: pa.Table, kinds: Mapping[str, FeatureKind]) -> pd.DataFrame:
    """Categories as text, everything else as float64: the same types whatever rows there are."""
    keys = {name: computed[name].to_pandas() for name in ("establishment", "as_of")}
    typed: dict[str, pd.Series[Any]] = {
        name: computed[name].cast(pa.string() if kind is FeatureKind.CATEGORY else pa.float64()).to_pandas()
        for name, kind in kinds.items()
    }
    return pd.DataFrame(keys | typed)


def _beside(members: pd.DataFrame, features: pd.DataFrame, wanted: Sequence[Feature]) -> pd.DataFrame:
    """Members with the wanted features; a group that is declared as a feature comes from the family."""
    names = [feature.name for feature in wanted]
    kept = members[[name for name in members.columns if name not in names]]
    columns = ["establishment", "as_of", *names]
    joined: pd.DataFrame = kept.merge(
        features[columns], on=["establishment", "as_of"], how="left", validate="one_to_one"
    )
    return joined


def _observed(labels: pa.Table, rows: pd.DataFrame, served: _Served) -> pd.DataFrame:
    """The rows of labelled inspections, by (as_of, establishment, inspection)."""
    observed = labels.select(["establishment", "as_of", *OBSERVED, *NUISANCE]).to_pandas()
    frame: pd.DataFrame = observed.merge(rows, on=["establishment", "as_of"], how="inner", validate="many_to_one")
    frame = frame.sort_values(["as_of", "establishment", "inspection"], ignore_index=True)
    return frame[[*KEYS, *OBSERVED, *NUISANCE, *_columns(served)]]


def _columns(served: _Served) -> list[str]:
    """The groups that are no features, then the features."""
    names = [feature.name for feature in served.features]
    return [*(name for name in GROUPS if name not in names), *names]


def _serving(families: Sequence[Family] | None, target: Target, *, include_personal: bool) -> _Served:
    every = tuple(load_families() if families is None else families)
    features = tuple(
        feature
        for family in every
        for feature in family.features
        if feature.serves(target, include_personal=include_personal)
    )
    return _Served(features, tuple(family for family in every if set(family.features) & set(features)))
