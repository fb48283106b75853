"""Two runs from the same rows are the same bytes, however the rows were cut into chunks or carried metadata."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.domain import AsOf, Quarter, Target
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, TargetRun, ranked, write_run

ABOUT = TargetRun("v1", "0" * 64, "rules", ("f",), trained_until="2026-01-01")
RUN = Run(AsOf(date(2026, 4, 1)), Quarter(2026, 2), 3, "c" * 64, {Target.BHT_USE: ABOUT})
DEFAULTS = {pa.string(): "x", pa.bool_(): False}


def _tables(values: list[float], cut: int) -> PublishedTables:
    numbers = [f"{311_000_000 + row}" for row in range(len(values))]
    defaults = {field.name: DEFAULTS.get(field.type) for field in ESTABLISHMENTS}
    people = [
        defaults | {"establishment": n, "priority_areas": [], "quality_flags": [], "approvals_missing": []}
        for n in numbers
    ]
    scores = [
        {"rank": place + 1, "establishment": numbers[row], "score": values[row], "low": 0.0, "high": 1.0, "reasons": []}
        for place, row in enumerate(ranked(numbers, values, RUN.seed))
    ]
    halves = [pa.Table.from_pylist(part, schema=SCORES) for part in (scores[:cut], scores[cut:])]
    joined = pa.concat_tables(halves).replace_schema_metadata({"cut": str(cut)})
    return PublishedTables(
        pa.Table.from_pylist(people, schema=ESTABLISHMENTS), SECTORS.empty_table(), {Target.BHT_USE: joined}
    )


def _digest(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=30), data=st.data())
def test_same_rows_same_bytes(values: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(values)))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        write_run(Path(one), RUN, _tables(values, 0))
        write_run(Path(two), RUN, _tables(values, cut))
        assert _digest(Path(one)) == _digest(Path(two))
