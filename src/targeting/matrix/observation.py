"""Who was inspected and who was not: every member of a target's cohort, quarter by quarter.

The rows that say what a training matrix cannot: from whom there could have been a label. Their features are made on the
quarter's first day by the path that training and scoring use, so a model of being inspected learns from what was known
before the quarter. Members that nobody inspected are many and alike: of them a quarter may keep a seeded share, each
then standing for 1 / share (`sampling_weight`). Who is kept depends on seed, establishment and quarter alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.util import hash_array

from targeting.domain import AsOf, BadInputError, Quarter, Target
from targeting.features import Family
from targeting.labels import first_labels, inspected_quarters
from targeting.matrix.rows import KEYS, Matrix, columns_of, member_rows, serving
from targeting.snapshots import Store

__all__ = ["INSPECTED", "observation_matrices", "observation_matrix"]

INSPECTED = (
    "inspected",
    "labelled",
    "label",
    "severity",
    "label_known_on",
    "inspection",
    "origin",
    "random_selection",
    "sampling_weight",
)
"""Whether and why somebody came, and what was found. `inspected` and `labelled` are 0.0 or 1.0, never null.

`labelled`: an inspection of that quarter checked a control point of the target, and its answers were known in time; the
first such one gives label, severity, label_known_on, inspection, origin and random_selection, which are null elsewhere.
"""


def observation_matrix(
    store: Store,
    target: Target,
    quarters: Mapping[Quarter, float],
    until: AsOf,
    *,
    seed: int,
    families: Sequence[Family] | None = None,
    include_personal: bool = False,
    threads: int = 2,
) -> Matrix:
    """The cohort of `target` in each quarter, with who was inspected, as known before `until`.

    `quarters` maps each quarter to the share of its uninspected members that is kept (1.0: all of them). The frame
    holds `KEYS`, `INSPECTED`, the groups and the features, by (as_of, establishment).
    """
    return observation_matrices(
        store,
        [target],
        quarters,
        until,
        seed=seed,
        families=families,
        include_personal=include_personal,
        threads=threads,
    )[target]


def observation_matrices(
    store: Store,
    targets: Sequence[Target],
    quarters: Mapping[Quarter, float],
    until: AsOf,
    *,
    seed: int,
    families: Sequence[Family] | None = None,
    include_personal: bool = False,
    threads: int = 2,
) -> dict[Target, Matrix]:
    """The same for several targets, from one view and one pass over the families."""
    _check(quarters)
    served = {target: serving(families, target, include_personal=include_personal) for target in targets}
    inspected = inspected_quarters(store, until, threads=threads)
    labels = {target: first_labels(store, target, until, threads=threads) for target in targets}

    def keep(target: Target, members: pa.Table) -> pa.Table:
        return _sampled(_beside(members, inspected, labels[target]), quarters, seed)

    rows = member_rows(store, served, [quarter.as_of() for quarter in sorted(quarters)], None, threads, keep)
    return {
        target: Matrix(_typed(rows[target])[[*KEYS, *INSPECTED, *columns_of(each)]], each.features, target)
        for target, each in served.items()
    }


def _check(quarters: Mapping[Quarter, float]) -> None:
    wrong = [f"{share} for {quarter}" for quarter, share in quarters.items() if not 0.0 < share <= 1.0]
    if wrong or not quarters:
        raise BadInputError(
            expected="at least one quarter, each with a share above 0 and at most 1",
            got=wrong[0] if wrong else "no quarter",
            where="quarters of an observation matrix",
        )


def _beside(members: pa.Table, inspected: pa.Table, labels: pa.Table) -> pa.Table:
    """Every member, with what its inspections of the quarter told."""
    pair = ["establishment", "as_of"]
    marked = inspected.append_column("inspected", pa.array(np.ones(inspected.num_rows)))
    found = labels.append_column("labelled", pa.array(np.ones(labels.num_rows)))
    return members.join(marked, pair).join(found, pair)


def _sampled(members: pa.Table, quarters: Mapping[Quarter, float], seed: int) -> pa.Table:
    share_of = {quarter.first_day: share for quarter, share in quarters.items()}
    days = members["as_of"].to_pylist()
    share = np.array([share_of[day] for day in days], dtype=np.float64)
    seen = pc.fill_null(members["inspected"], 0.0).to_numpy() > 0.0
    weight = np.where(seen, 1.0, 1.0 / share)
    kept = seen | (_draws(members, seed) < share)
    return members.append_column("sampling_weight", pa.array(weight)).filter(pa.array(kept))


def _draws(members: pa.Table, seed: int) -> np.ndarray:
    """A number in [0, 1) per row, from seed, establishment and quarter alone."""
    days = members["as_of"].cast(pa.string())
    names = pc.binary_join_element_wise(members["establishment"].cast(pa.string()), days, " ")
    hashed = hash_array(names.to_numpy(zero_copy_only=False).astype(object), hash_key=f"{seed % 10**16:016d}")
    return np.asarray(hashed / 2.0**64)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """The 0/1 columns without nulls, by (as_of, establishment): a join keeps no order."""
    flags = {name: rows[name].fillna(0.0) for name in ("inspected", "labelled")}
    return rows.assign(**flags).sort_values(["as_of", "establishment"], ignore_index=True)
