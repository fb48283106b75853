"""The one path from (establishment, as_of) to groups and features, which training, scoring and observation share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import pandas as pd
import pyarrow as pa

from targeting.cohort import cohort_members
from targeting.domain import AsOf, Target
from targeting.features import Family, Feature, FeatureKind, compute, load_families
from targeting.snapshots import AsOfView, Store

__all__ = ["GROUPS", "KEYS", "Matrix", "Served", "as_frame", "columns_of", "member_rows", "serving"]

KEYS = ("establishment", "enterprise", "as_of")
GROUPS = ("industry", "county", "size_class", "legal_form")
"""What results are broken down by. Features only where a family declares a column of that name."""

_SPILLED: Final = ".matrix-"

Keep = Callable[[Target, pa.Table], pa.Table]
"""Which members of a target's cohort stay, with what is to stand beside them: (establishment, as_of, ...) rows."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One row per labelled inspection (training), per member of the cohort (scoring), per both (observation).

    `frame` holds `KEYS`, in training then `OBSERVED` and `NUISANCE`, in observation `INSPECTED`, then `GROUPS`, then
    `features`; sorted by (as_of, establishment, inspection). Numbers and flags are float64 with NaN for null (a flag is
    0.0 or 1.0), categories are strings or missing: a column's type never depends on which rows are in it.
    """

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    target: Target


class Served(NamedTuple):
    """The features that may serve a target, and the families that have any."""

    features: tuple[Feature, ...]
    families: tuple[Family, ...]


def member_rows(
    store: Store,
    served: Mapping[Target, Served],
    as_ofs: Sequence[AsOf],
    among: Mapping[Target, pa.Table] | None,
    threads: int,
    keep: Keep = lambda _, members: members,
) -> dict[Target, pd.DataFrame]:
    """Members of each target (limited to `among`, then to `keep`) with groups and features."""
    families = {family.name: family for each in served.values() for family in each.families}
    with (
        TemporaryDirectory(dir=store.home if store.home.is_dir() else None, prefix=_SPILLED) as folder,
        AsOfView.open(store, None, as_ofs, threads=threads, spill=Path(folder)) as view,
    ):
        found = cohort_members(view, list(served), among)
        members = {target: keep(target, rows) for target, rows in found.items()}
        view.choose(pa.concat_tables(rows.select(["establishment", "as_of"]) for rows in members.values()))
        computed = compute(view, tuple(families.values()))
    features = _frame(computed, {f.name: f.kind for family in families.values() for f in family.features})
    return {target: _beside(members[target].to_pandas(), features, each.features) for target, each in served.items()}


def _frame(computed: pa.Table, kinds: Mapping[str, FeatureKind]) -> pd.DataFrame:
    keys = {name: computed[name].to_pandas() for name in ("establishment", "as_of")}
    return pd.concat([pd.DataFrame(keys), as_frame({name: computed[name] for name in kinds}, kinds)], axis="columns")


def as_frame(columns: Mapping[str, pa.ChunkedArray], kinds: Mapping[str, FeatureKind]) -> pd.DataFrame:
    """Categories as text, everything else as float64: the same types whatever rows there are."""
    typed: dict[str, pd.Series[Any]] = {
        name: columns[name].cast(pa.string() if kind is FeatureKind.CATEGORY else pa.float64()).to_pandas()
        for name, kind in kinds.items()
    }
    return pd.DataFrame(typed)


def _beside(members: pd.DataFrame, features: pd.DataFrame, wanted: Sequence[Feature]) -> pd.DataFrame:
    """Members with the wanted features; a group that is declared as a feature comes from the family."""
    names = [feature.name for feature in wanted]
    kept = members[[name for name in members.columns if name not in names]]
    columns = ["establishment", "as_of", *names]
    joined: pd.DataFrame = kept.merge(
        features[columns], on=["establishment", "as_of"], how="left", validate="one_to_one"
    )
    return joined


def columns_of(served: Served) -> list[str]:
    """The groups that are no features, then the features."""
    names = [feature.name for feature in served.features]
    return [*(name for name in GROUPS if name not in names), *names]


def serving(families: Sequence[Family] | None, target: Target, *, include_personal: bool) -> Served:
    """What of `families` (null: all there are) may serve `target`."""
    every = tuple(load_families() if families is None else families)
    features = tuple(
        feature
        for family in every
        for feature in family.features
        if feature.serves(target, include_personal=include_personal)
    )
    return Served(features, tuple(family for family in every if set(family.features) & set(features)))
