"""Whom an inspection reached in a quarter, and the first that checked a target's control points: labelled, and why."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import AsOf, Target
from targeting.labels.observation import label_rows
from targeting.snapshots import AsOfView, Store
from targeting.tables import Inspections

__all__ = ["first_labels", "inspected_quarters"]

_TOLD = ("label", "severity", "label_known_on", "inspection", "origin", "random_selection")


def inspected_quarters(store: Store, until: AsOf, *, threads: int = 2) -> pa.Table:
    """One row per (establishment, as_of) with an inspection in the quarter that begins on `as_of`.

    Only inspections known before `until`, on whatever topic, also those whose answers are not known yet.
    """
    with AsOfView.open(store, None, [until], threads=threads, tables=(Inspections,)) as view:
        return view.connection.sql("""
            SELECT DISTINCT establishment, date_trunc('quarter', occurred_on)::DATE AS as_of
            FROM inspections_asof ORDER BY as_of, establishment""").to_arrow_table()


def first_labels(store: Store, target: Target, until: AsOf, *, threads: int = 2) -> pa.Table:
    """One row per (establishment, as_of) labelled for `target` in the quarter that begins on `as_of`.

    Columns: establishment, as_of, label, severity, label_known_on, inspection, origin, random_selection, of the first
    inspection of the quarter that checked the target (the smallest number on equal days).
    """
    rows = label_rows(store, target, until, threads=threads).rename_columns({"known_on": "label_known_on"})
    quarter = pc.floor_temporal(rows["occurred_on"], unit="quarter").cast(pa.date32())
    placed = rows.append_column("as_of", quarter)
    # `label_rows` come by (occurred_on, inspection): the first of a pair is its first inspection.
    pairs = placed.select(["establishment", "as_of"]).append_column("row", pa.array(range(placed.num_rows)))
    first = pairs.group_by(["establishment", "as_of"], use_threads=False).aggregate([("row", "min")])["row_min"]
    return placed.take(first).select(["establishment", "as_of", *_TOLD])
