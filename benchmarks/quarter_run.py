"""The whole quarterly run, in a process of its own as at night, against the sum of the floors of what it has to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.floors_models import Floor
from benchmarks.floors_sql import sql_floor
from benchmarks.memory_peak import Ran, run
from benchmarks.quarter_country import Country, sharing
from benchmarks.quarter_figures import Row, timed
from benchmarks.quarter_matrices import matrices, write_matrices
from targeting.published import open_current

__all__ = ["Night", "night", "once", "quarter"]

_SCORING: Final = ("as-of view", "features", "scores", "assembly", "publish")
_PIECE: Final = 2**24


class Night(NamedTuple):
    """One quarterly run: seconds and memory of the process, seconds by step, and how many establishments it scored."""

    ran: Ran
    steps: Mapping[str, float]
    rows: int

    @property
    def scoring(self) -> float:
        """Seconds from the store to the published run: without looking at inputs, watching and reporting."""
        return sum(self.steps.get(name, 0.0) for name in _SCORING)


class _Floors(NamedTuple):
    """Seconds of each floor."""

    sql: float
    predict: float
    refits: float
    explain: float
    parquet: float


def night(country: Country, home: Path) -> Night:
    """Run `python -m pipelines quarterly` in `home`, which has a store and models and no new files to take in."""
    command = [
        sys.executable,
        "-m",
        "pipelines",
        "quarterly",
        "--as-of",
        str(country.as_of),
        "--jobs",
        str(country.jobs),
    ]
    ran = run(command, {"TARGETING_HOME": str(home)})
    told = json.loads((home / "quarterly" / f"{country.as_of}.steps.json").read_text("utf-8"))
    steps = {one["name"]: float(one["seconds"]) for one in told["steps"]}
    return Night(ran, steps, open_current(home).establishments.num_rows)


@cache
def once(country: Country) -> tuple[Night, float]:
    """The run of the country as it is, made once whoever asks; and seconds to write its Parquet files again."""
    _warm(country)
    with sharing(country) as home:
        return night(country, home), _writing(home)


def _warm(country: Country) -> None:
    """Read every file of the store once: neither the run nor its floors shall wait for the disk where the other did."""
    for path in country.store.folder.rglob("*.parquet"):
        with path.open("rb") as file:
            while file.read(_PIECE):
                pass


def quarter(country: Country) -> Iterator[Row]:
    """The run against its floors, whole and scoring alone; each step and each floor by itself; its memory."""
    found, parquet = once(country)
    floors = _floors(country, parquet)
    every, known = sum(floors), sum(floors) - floors.refits
    cohort = f"{found.rows} establishments, {country.jobs} processes, floors with as many threads"
    yield Row("quarter", "whole run", found.ran.seconds, every, note=cohort)
    yield Row(
        "quarter", "from store to publication", found.scoring, every, note="without input checks, watching, report"
    )
    yield Row(
        "quarter", "the same, floor without refits", found.scoring, known, note="refits: who else would be listed"
    )
    yield from (Row("quarter", f"step {name}", seconds, None) for name, seconds in found.steps.items())
    yield from (Row("quarter", f"floor {name}", seconds, None) for name, seconds in floors._asdict().items())
    limit = 4096.0
    yield Row("quarter", "peak memory of all processes", found.ran.peak, limit, "MiB", "floor: the promise, 4 GiB")
    yield Row("quarter", "peak memory of the largest", found.ran.largest, limit, "MiB", "high-water mark of a process")


def _floors(country: Country, parquet: float) -> _Floors:
    serving, refits = Floor(country.jobs), Floor(country.jobs)
    with country.folder() as folder:
        partitions = write_matrices(country, folder)
        plain = sql_floor(country.store, country.as_of, partitions.files[0], threads=2)
        for target, matrix in matrices(partitions):
            trained = country.models[target].trained
            serving.predict(trained.model, matrix.frame)
            serving.explain(trained.model, matrix.frame)
            for refit in trained.refits.models:
                refits.predict(refit, matrix.frame)
    return _Floors(plain.seconds, serving.predicting, refits.predicting, serving.explaining, parquet)


def _writing(home: Path) -> float:
    """Seconds to write the Parquet files of the published run again, from memory and as they are."""
    run_folder = home / "published" / (home / "published" / "CURRENT").read_text("utf-8").strip()
    copy, seconds = home / "copy.parquet", 0.0
    for path in sorted(run_folder.glob("*.parquet")):
        table = pq.read_table(path)
        seconds += timed(partial(_write, table, copy))
    return seconds


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")
