"""Everybody in any cohort of one day, once, on disk: the rows a quarter is scored by, in equal row groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from targeting.cohort.members import candidates_sql, members_sql
from targeting.cohort.rules import register_rules
from targeting.domain import Target
from targeting.snapshots import AsOfView
from targeting.snapshots.row_groups import write_in_groups

__all__ = ["choose_union", "write_union"]

_TEXTS: Final = ("industry", "county", "size_class", "legal_form")
_MEMBERS: Final = pa.schema(
    [
        ("establishment", pa.string()),
        ("enterprise", pa.string()),
        ("as_of", pa.date32()),
        *((name, pa.string()) for name in _TEXTS),
        ("targets", pa.list_(pa.string())),
    ]
)


def choose_union(view: AsOfView, targets: Sequence[Target]) -> None:
    """Define the table `members` of `view`, and make its rows the cohort.

    One row per (as_of, establishment) in the cohort of at least one of `targets`, with `targets`, sorted, and the
    columns of `cohort_members`.
    """
    register_rules(view)
    view.connection.execute(f"""
        CREATE OR REPLACE TABLE members AS
        WITH candidates AS ({candidates_sql("establishments_asof")})
        SELECT establishment, enterprise, as_of, {", ".join(_TEXTS)}, list_sort(list(target)) AS targets
        FROM ({members_sql(targets, "candidates")}) GROUP BY ALL""")
    view.choose_from("members")


def write_union(view: AsOfView, path: Path, rows: int) -> None:
    """Write the table `members` to `path`, sorted by (as_of, establishment), `rows` a row group.

    The file appears when it is whole; one that is there already is not made again.
    """
    if not path.exists():
        found = view.connection.sql("FROM members ORDER BY as_of, establishment").to_arrow_reader(rows)
        write_in_groups(path, _MEMBERS, found, rows)
