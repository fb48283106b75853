"""Whether memory depends on the number of rows: the quarterly run of the country, and of many such countries in one."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.memory_repeated import repeat
from benchmarks.quarter_country import Country
from benchmarks.quarter_figures import Row
from benchmarks.quarter_run import night, once

__all__ = ["memory"]


def memory(country: Country, times: int) -> Iterator[Row]:
    """The peaks of the run at `times` the rows against those at once the rows, and the seconds, which may grow."""
    single, _ = once(country)
    with country.folder() as home:
        (home / "models").symlink_to((country.home / "models").resolve(), target_is_directory=True)
        with country.folder() as scratch:
            repeat(country.store, home, times, scratch)
        many = night(country, home)
    note = f"{many.rows} establishments against {single.rows}"
    yield Row("memory", f"peak of all processes, {times} x", many.ran.peak, single.ran.peak, "MiB", note)
    yield Row("memory", f"peak of the largest process, {times} x", many.ran.largest, single.ran.largest, "MiB", note)
    yield Row("memory", f"whole run, {times} x", many.ran.seconds, single.ran.seconds, "s", note)
    yield Row("memory", "peak of all processes against 4 GiB", many.ran.peak, 4096.0, "MiB", "floor: the promise")
