"""The benchmarks measure what they say: the floor asks the same, and a repeated country is that many countries."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from benchmarks.floors_pandas import pandas_floor
from benchmarks.floors_sql import sql_floor
from benchmarks.memory_peak import run
from benchmarks.memory_repeated import repeat
from benchmarks.quarter_figures import Row, interleaved, render
from pipelines.quarter.store import check_store
from targeting.domain import AsOf, Target
from targeting.matrix import Partitions, write_partitions
from targeting.snapshots import AsOfView, Store
from targeting.tables import ALL_TABLES, Corrections
from tests.lib.small_country import small_country, store_of

DAY = AsOf.parse("2026-01-01")
TARGETS = (Target.WORKING_ENVIRONMENT, Target.WORK_CRIME)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of(small_country(11, 200), tmp_path_factory.mktemp("country"))


@pytest.fixture(scope="module")
def partitions(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Partitions:
    return _written(store, tmp_path_factory.mktemp("rows"))


def _written(store: Store, rows: Path) -> Partitions:
    with AsOfView.open(store, None, [DAY]) as view:
        list(write_partitions(view, TARGETS, rows))
    return Partitions.open(rows, TARGETS)


def test_the_floor_gives_as_many_rows_and_columns_as_the_families(store: Store, partitions: Partitions) -> None:
    found = sql_floor(store, DAY, partitions.files[0], threads=1)
    told = pandas_floor(store, DAY, partitions.files[0])

    assert partitions.rows > 50
    assert found.rows == partitions.rows
    assert found.columns == pytest.approx(len(partitions.features), abs=5)
    assert told.columns == 8 + 5 + 3
    assert told.seconds > 0


def test_a_repeated_country_is_the_country_that_many_times(
    store: Store, partitions: Partitions, tmp_path: Path
) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "rows").mkdir()
    repeat(store, tmp_path, 3, tmp_path / "scratch")
    repeated = Store(tmp_path)

    # Corrections speak of the originals alone.
    told = sum(pq.read_metadata(path).num_rows for path in store.paths(Corrections))
    assert check_store(repeated) == 3 * check_store(store) - 2 * told
    for table in (one for one in ALL_TABLES if one is not Corrections):
        for old, new in zip(store.paths(table), repeated.paths(table), strict=True):
            keys = ", ".join(table.about.key)
            once, many = (
                duckdb.sql(f"SELECT count(*), count(DISTINCT ({keys})) FROM read_parquet('{path}')").fetchall()[0]
                for path in (old, new)
            )
            assert many == (3 * once[0], 3 * once[1]), table.about.name
    assert _written(repeated, tmp_path / "rows").rows == 3 * partitions.rows


def test_a_copy_has_the_features_of_its_original(store: Store, partitions: Partitions, tmp_path: Path) -> None:
    """All but what counts others of the same code or place: those are three times as many."""
    for name in ("scratch", "rows"):
        (tmp_path / name).mkdir()
    repeat(store, tmp_path, 3, tmp_path / "scratch")
    _written(Store(tmp_path), tmp_path / "rows")

    folders = (partitions.folder, tmp_path / "rows")
    for family in ("workforce", "accounts", "enterprise"):
        once, many = (pq.read_table(folder / f"{family}.features.parquet") for folder in folders)
        name = once.column_names[0]
        assert sorted(map(str, many[name].to_pylist())) == sorted(map(str, once[name].to_pylist() * 3))


def test_numbers_of_copies_stay_synthetic_and_apart(store: Store, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    repeat(store, tmp_path, 10, tmp_path / "scratch")
    paths = [str(path) for path in (tmp_path / "snapshots" / "establishments").glob("*.parquet")]
    numbers = [row[0] for row in duckdb.sql(f"SELECT DISTINCT establishment FROM read_parquet({paths})").fetchall()]
    olds = [str(path) for path in store.paths(next(one for one in ALL_TABLES if one.about.name == "establishments"))]
    before = duckdb.sql(f"SELECT count(DISTINCT establishment) FROM read_parquet({olds})").fetchall()[0][0]

    assert len(numbers) == 10 * before
    assert all(len(one) == 9 and one[0] in "23" for one in numbers)


def test_more_copies_than_there_are_numbers_for_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 to 10 times"):
        repeat(store, tmp_path, 11, tmp_path)


def test_the_peak_counts_every_process_of_a_command() -> None:
    """Two processes that hold 60 MB each at the same moment hold 120 together."""
    hold = "b = bytearray(60_000_000); import time; time.sleep(1.5)"
    code = f"import subprocess, sys; other = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; other.wait()"

    found = run([sys.executable, "-c", code], {})

    assert found.peak > 2 * 57
    assert 57 < found.largest < found.peak


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match=r"exit code 3: gone"):
        run([sys.executable, "-c", "import sys; print('gone'); sys.exit(3)"], {})


def test_ways_are_measured_in_turn_and_the_median_counts() -> None:
    order: list[str] = []
    seconds = {"ours": iter([1.0, 9.0, 2.0]), "floor": iter([4.0, 5.0, 6.0])}

    def way(name: str) -> float:
        order.append(name)
        return next(seconds[name])

    assert interleaved([lambda: way("ours"), lambda: way("floor")], 3) == [2.0, 5.0]
    assert order == ["ours", "floor"] * 3


def test_a_row_without_a_floor_has_no_ratio() -> None:
    rows = [Row("scoring", "trees", 3.0, 2.0), Row("scoring", "rule", 3.0, None, note="no trees")]

    assert [row.ratio for row in rows] == [1.5, None]
    assert render(rows).splitlines()[1].split() == ["scoring", "trees", "3.000", "2.000", "s", "1.500"]
