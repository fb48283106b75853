"""The streamed path and the one in memory say the same, however the country is cut and wherever it is worked on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targeting.domain import AsOf, RefusedError, Target
from targeting.features import load_families, write_family
from targeting.matrix import Partitions, scoring_matrices, write_partitions
from targeting.modelling.refits import among_first
from targeting.scoring.listing import cuts
from targeting.snapshots import AsOfView
from targeting.snapshots.row_groups import whole_file
from tests.lib.small_country import small_country, store_of

AS_OF = AsOf(date(2026, 7, 1))


@pytest.mark.parametrize("rows", [7, 16, 10_000])
def test_the_partitions_hold_the_very_matrices_of_the_path_in_memory(rows: int, tmp_path: Path) -> None:
    store = store_of(small_country(31, 150), tmp_path / "home")
    scratch, folder = tmp_path / "scratch", tmp_path / "rows"
    scratch.mkdir()
    folder.mkdir()
    with AsOfView.open(store, None, [AS_OF], scratch=scratch) as view:
        assert list(write_partitions(view, tuple(Target), folder, rows=rows))
    partitions = Partitions.open(folder, tuple(Target))
    cut = [partitions.part(place).matrices() for place in range(partitions.number)]
    assert len(cut) == -(-partitions.rows // rows)

    for target, whole in scoring_matrices(store, tuple(Target), AS_OF).items():
        joined = pd.concat([part[target].frame for part in cut], ignore_index=True)
        pd.testing.assert_frame_equal(joined, whole.frame.reset_index(drop=True), check_exact=True)
        assert cut[0][target].features == whole.features
        assert [part[target].frame.dtypes.tolist() for part in cut] == [whole.frame.dtypes.tolist()] * len(cut)


def test_a_family_that_loses_or_doubles_a_row_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    from dataclasses import replace

    store = store_of(small_country(32, 40), tmp_path / "home")
    family = load_families()[0]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with AsOfView.open(store, None, [AS_OF], scratch=scratch) as view:
        list(write_partitions(view, (Target.WORKING_ENVIRONMENT,), tmp_path, families=[family], rows=8))
        made = {path.name for path in tmp_path.iterdir()}
        for name, sql in {
            "loses": f"FROM ({family.sql}) LIMIT 5",
            "doubles": f"FROM ({family.sql}) UNION ALL FROM ({family.sql})",
        }.items():
            wrong = replace(family, name=name, sql=sql)
            with pytest.raises(RefusedError, match="exactly one row per cohort row"):
                write_family(view, wrong, tmp_path / "members.parquet", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == made


@given(
    st.integers(1, 30),
    st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, -3.5]), max_size=9), min_size=1, max_size=6),
)
def test_the_cuts_of_a_cohort_in_parts_are_those_of_the_whole(k: int, parts: list[list[float]]) -> None:
    arrays = [np.array([part, [-value for value in part]], dtype=np.float64).reshape(2, len(part)) for part in parts]
    whole = np.concatenate(arrays, axis=1)
    found = cuts(lambda: arrays, k)
    assert found is not None
    expected = np.mean([among_first(row, k) for row in whole], axis=0) if whole.size else np.empty(0)
    assert np.concatenate([found.chances(part) for part in arrays]) == pytest.approx(expected)


def test_a_file_is_there_when_it_is_whole_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"

    def written(fails: bool) -> None:
        with whole_file(path) as partial:
            pq.write_table(pa.table({"x": [1]}), partial)
            if fails:
                raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        written(fails=True)
    assert list(tmp_path.iterdir()) == []
    written(fails=False)
    assert [one.name for one in tmp_path.iterdir()] == ["a.parquet"]
