"""What a planner needs to recognise and filter the members of a cohort."""

from __future__ import annotations

from importlib import resources

import pyarrow as pa

from targeting.cohort.members import candidates_sql
from targeting.cohort.union import choose_union
from targeting.domain import AsOf, Target
from targeting.snapshots import AsOfView, Store

__all__ = ["cohort_rows", "identity_sql"]


def cohort_rows(store: Store, as_of: AsOf, target: Target, *, threads: int = 2) -> pa.Table:
    """The cohort of `target` on `as_of`, one row an establishment, sorted by number.

    Columns: establishment, enterprise, as_of and what the published establishments carry (priority areas apart):
    name, legal form, codes, place, size, BHT duty with clause and basis, state of the enterprise, last visits.
    """
    with AsOfView.open(store, None, [as_of], threads=threads) as view:
        choose_union(view, [target])
        return view.connection.sql(identity_sql()).to_arrow_table()


def identity_sql() -> str:
    """The same for every member that `choose_union` found, as a SELECT."""
    sql = resources.files(__package__).joinpath("identity.sql").read_text(encoding="utf-8")
    found = candidates_sql("(FROM establishments_asof SEMI JOIN members USING (as_of, establishment))")
    return f"WITH found AS ({found}) SELECT * FROM ({sql})"
