"""Candidates from a published run: its scores for one target, joined with what was published of each establishment."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import MissedReason, Target
from targeting.planning.derived_columns import with_planning_columns
from targeting.published import PublishedRun

__all__ = ["candidates_of"]

_NEW_FIRM_MONTHS: Final = 24
_SCORED: Final = ("score", "low", "high", "band", "listing_probability", "rank")


def candidates_of(run: PublishedRun, target: Target) -> pa.Table:
    """One row per establishment in the target's cohort: its score and every published column, and as of the run

    `months_since_inspected`, `months_since_bht_inspected` (whole months, null: never), `days_to_other_authority`
    (days to or since another authority's control, null: none known), `new_firm` (younger than two years, null: age
    unknown), `incident_since_inspection` (an accident, tip or concern notice later than the last inspection, null: no
    inspection or no notice), `months_since_missed_<reason>` (whole months since a planned inspection could not be made
    for that reason, null: not so), and the columns of `derived_columns`.
    """
    scores = run.score_columns(target, ["establishment", *_SCORED])
    known = run.establishments
    rows = pc.index_in(scores.column("establishment"), value_set=known.column("establishment").combine_chunks())
    joined = known.take(rows)
    for name in _SCORED:
        joined = joined.append_column(name, scores.column(name))
    return with_planning_columns(_with_dated_facts(joined, run.about.as_of.day), run, target)


def _with_dated_facts(rows: pa.Table, as_of: date) -> pa.Table:
    away = pc.abs(_days(rows.column("other_authority_on"), as_of))
    facts = {
        "months_since_inspected": _whole_months(rows.column("last_inspected_on"), as_of),
        "months_since_bht_inspected": _whole_months(rows.column("last_bht_inspected_on"), as_of),
        "days_to_other_authority": away,
        "incident_since_inspection": pc.greater(rows.column("last_incident_on"), rows.column("last_inspected_on")),
        "new_firm": pc.less(rows.column("age_months"), _NEW_FIRM_MONTHS),
    }
    facts |= _missed(rows, as_of)
    for name, values in facts.items():
        rows = rows.append_column(name, values)
    return rows


def _missed(rows: pa.Table, as_of: date) -> dict[str, pa.ChunkedArray]:
    """One column a reason, so that each has a time of its own and whoever is left out keeps the reason."""
    months, reasons = _whole_months(rows.column("missed_on"), as_of), rows.column("missed_because")
    nothing = pa.scalar(None, pa.int64())
    return {
        f"months_since_missed_{reason}": pc.if_else(pc.equal(reasons, reason.value), months, nothing)
        for reason in MissedReason
    }


def _days(column: pa.ChunkedArray, as_of: date) -> pa.ChunkedArray:
    return pc.subtract(np.int64((as_of - date(1970, 1, 1)).days), column.cast(pa.int32()).cast(pa.int64()))


def _whole_months(column: pa.ChunkedArray, as_of: date) -> pa.ChunkedArray:
    months = pc.subtract(
        np.int64(as_of.year * 12 + as_of.month), pc.add(pc.multiply(pc.year(column), 12), pc.month(column))
    )
    unfinished = pc.greater(pc.day(column), as_of.day)
    return pc.subtract(months, unfinished.cast(pa.int64()))
