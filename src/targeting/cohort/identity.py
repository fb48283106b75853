"""What a planner needs to recognise and filter the members of a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import pyarrow as pa

from targeting.cohort.members import define_candidates, members_sql
from targeting.domain import AsOf, Target
from targeting.snapshots import AsOfView, Store

__all__ = ["cohort_rows", "cohort_rows_by_target"]


def cohort_rows(store: Store, as_of: AsOf, target: Target, *, threads: int = 2) -> pa.Table:
    """The cohort of `target` on `as_of`, one row an establishment, sorted by number.

    Columns: establishment, enterprise, as_of and what the published establishments carry (priority areas apart):
    name, legal form, codes, place, size, BHT duty with clause and basis, state of the enterprise, last visits.
    """
    return cohort_rows_by_target(store, as_of, [target], threads=threads)[target]


def cohort_rows_by_target(
    store: Store, as_of: AsOf, targets: Sequence[Target] = tuple(Target), *, threads: int = 2
) -> dict[Target, pa.Table]:
    """The same for several targets, reading the store once."""
    with AsOfView.open(store, None, [as_of], threads=threads) as view:
        define_candidates(view)
        return {target: _identity(view, target) for target in targets}


def _identity(view: AsOfView, target: Target) -> pa.Table:
    sql = resources.files(__package__).joinpath("identity.sql").read_text(encoding="utf-8")
    return view.connection.sql(f"WITH members AS ({members_sql(target)}) SELECT * FROM ({sql})").to_arrow_table()
