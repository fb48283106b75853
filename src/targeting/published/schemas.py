"""The columns of the published files. Nullability is part of the promise: a column not marked null never is."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from targeting.domain import BadInputError, Target

__all__ = [
    "AGGREGATES",
    "AREA_RESULTS",
    "AREA_RESULTS_FILE",
    "COARSE",
    "ESTABLISHMENTS",
    "HOLDINGS",
    "HOLDINGS_FILE",
    "LEAST_SHOWN",
    "REASON",
    "SCORES",
    "SECTORS",
    "SIZE_CLASSES",
    "aggregates_file",
    "conform",
]

COARSE: Final = 0.25
"""What contributions are rounded to beside bands, in log-odds: about six percentage points at even odds."""

SIZE_CLASSES: Final = ("1-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250+")


def _column(name: str, kind: pa.DataType, *, null: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=null)


_TEXT, _FLAG, _DAY, _WHOLE, _REAL = pa.string(), pa.bool_(), pa.date32(), pa.int64(), pa.float64()
_TEXTS: Final = pa.list_(pa.field("element", _TEXT, nullable=False))

#: One reason of one score; `contribution` in log-odds, positive = raises the probability. Beside bands it is
#: rounded to `COARSE`, so that no digit finer than the band can be added up from it.
REASON: Final = pa.struct(
    [
        _column("feature", _TEXT),
        _column("theme", _TEXT),
        _column("value", _TEXT),
        _column("contribution", _REAL),
        _column("text_nb", _TEXT),
        _column("text_en", _TEXT),
    ]
)

#: One row per establishment in any cohort of the run, sorted by number. Nulls: not registered, or not known.
ESTABLISHMENTS: Final = pa.schema(
    [
        _column("establishment", _TEXT),
        _column("enterprise", _TEXT),
        _column("name", _TEXT),
        _column("form", _TEXT, null=True),  # organisation form of the enterprise (AS, ENK, NUF, ...)
        _column("industry_code", _TEXT, null=True),
        _column("industry_standard", _TEXT, null=True),
        _column("industry", _TEXT, null=True),  # harmonised: SN2007 where known or inferable
        _column("county", _TEXT, null=True),
        _column("municipality", _TEXT, null=True),
        _column("postal_code", _TEXT, null=True),
        _column("address_key", _TEXT, null=True),
        _column("employees_low", _WHOLE, null=True),  # 0, 1 (the band 1-4), or the exact count; null unknown
        _column("employees", _TEXT),  # "0", "1-4", "12" or "unknown"
        _column("size_class", _TEXT, null=True),  # null: no employees, or unknown
        _column("bht_duty", _TEXT),  # yes | conditional | no
        _column("bht_clause", _TEXT, null=True),
        _column("bht_dispensation", _TEXT),  # none | partial | full
        _column("living", _FLAG),
        _column("bankrupt", _FLAG),
        _column("winding_up", _FLAG),
        _column("sole_proprietor", _FLAG),
        _column("foreign", _FLAG),
        _column("age_months", _WHOLE, null=True),
        _column("priority_areas", _TEXTS),
        _column("last_inspected_on", _DAY, null=True),
        _column("last_bht_inspected_on", _DAY, null=True),
        _column("open_case", _FLAG),
        _column("other_authority_on", _DAY, null=True),  # planned or open control by another authority
        _column("quality_flags", _TEXTS),
        _column("last_incident_on", _DAY, null=True),  # newest accident, tip or concern notice
        _column("missed_on", _DAY, null=True),  # a planned inspection could not be made, and none was made since
        _column("missed_because", _TEXT, null=True),
        _column("approvals_missing", _TEXTS),  # registers it must be in, by its industry, and is not approved in
        _column("owner_group", _TEXT, null=True),  # top of the enterprise's public hierarchy, else the enterprise
    ]
)

#: One row per establishment in the target's cohort, sorted by rank (1..n): by the model's full order, bands or not.
#: With bands, `score`, `low` and `high` are those of the whole band.
SCORES: Final = pa.schema(
    [
        _column("rank", _WHOLE),
        _column("establishment", _TEXT),
        _column("score", _REAL),
        _column("low", _REAL),
        _column("high", _REAL),
        _column("band", _WHOLE, null=True),  # 1 is the highest; null: the score is a probability
        _column("listing_probability", _REAL, null=True),  # of being among the first k, over refits; null: no refits
        _column("reasons", pa.list_(pa.field("element", REASON, nullable=False))),
    ]
)

#: One row per (priority area, target), sorted by target and rank. Rates are model estimates for the cohort in the
#: area, never rates among the inspected.
SECTORS: Final = pa.schema(
    [
        _column("area", _TEXT),
        _column("title_nb", _TEXT),
        _column("title_en", _TEXT),
        _column("target", _TEXT),
        _column("establishments", _WHOLE),
        _column("employees", _WHOLE),  # a lower bound: the band 1-4 counts as one, unknown as none
        _column("expected_rate", _REAL),
        _column("low", _REAL),
        _column("high", _REAL),
        _column("expected_breaches", _REAL),
        _column("inspected_share", _REAL),  # share of the area's establishments inspected in the last three years
        _column("rank", _WHOLE),
    ]
)

#: One row per (priority area, target), sorted by target and area: inspections of the last three years that checked the
#: target, and those that found its breach. Among the inspected, who were chosen: never a prevalence.
AREA_RESULTS: Final = pa.schema(
    [
        _column("area", _TEXT),
        _column("target", _TEXT),
        _column("inspections_3y", _WHOLE),
        _column("breaches_3y", _WHOLE, null=True),  # null: fewer than `LEAST_SHOWN` inspections
    ]
)

AREA_RESULTS_FILE: Final = "area_results.parquet"

LEAST_SHOWN: Final = 5
"""Fewer inspected than this, and a breach could be traced to one of them."""

#: What the Authority held on the as-of day, one row per (number, table), sorted: of every unit of the registers, scored
#: or not, so that nothing in it tells who is in which cohort. `number` is whom the rows are about. A reduced run has
#: none.
HOLDINGS: Final = pa.schema(
    [
        _column("number", _TEXT),
        _column("table_name", _TEXT),
        _column("rows", _WHOLE),
        _column("first_known_on", _DAY),
        _column("last_known_on", _DAY),
    ]
)

HOLDINGS_FILE: Final = "holdings.parquet"

#: What retention leaves of a target's whole cohort: one row per (per, value), `per` being all, section, county, area
#: or score (in tenths). Cells of few establishments are left out.
AGGREGATES: Final = pa.schema(
    [
        _column("per", _TEXT),
        _column("value", _TEXT),
        _column("establishments", _WHOLE),
        _column("mean_score", _REAL),
    ]
)


def aggregates_file(target: Target) -> str:
    """The name of a target's aggregates in the folder of a reduced run."""
    return f"aggregates_{target}.parquet"


def conform(table: pa.Table, schema: pa.Schema, where: str) -> pa.Table:
    """`table` with exactly `schema`'s columns, types and order, in one chunk, without metadata.

    Raises `BadInputError` naming the column that is absent, of another type, or null where it may not be.
    """
    if absent := [name for name in schema.names if name not in table.column_names]:
        raise BadInputError(expected=f"a column {absent[0]}", got="none", where=where, do="add the column")
    if surplus := [name for name in table.column_names if name not in schema.names]:
        raise BadInputError(expected="no column beyond the schema", got=surplus[0], where=where, do="drop the column")
    columns = [_conform_column(table.column(field.name), field, f"{where}.{field.name}") for field in schema]
    return pa.Table.from_arrays(columns, schema=schema).combine_chunks()


def _conform_column(values: pa.ChunkedArray, field: pa.Field, where: str) -> pa.ChunkedArray:
    if not field.nullable and values.null_count:
        raise BadInputError(expected="a value in every row", got=f"{values.null_count} nulls", where=where)
    if values.type == field.type:
        return values
    try:
        return values.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        raise BadInputError(expected=str(field.type), got=str(values.type), where=where) from cause
