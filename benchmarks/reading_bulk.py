"""Reading the bulk register files into checked tables, against gunzip and a plain JSON parse of the same files."""

from __future__ import annotations

import gzip
import json
import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.quarter_country import Country
from benchmarks.quarter_figures import Row, interleaved, timed
from pipelines.found_files import SourceFile, find_files
from pipelines.readers import BULK_KINDS, Context, batches_of

__all__ = ["reading"]


def reading(country: Country) -> Iterator[Row]:
    """One row a bulk file of the country's register files; none where there are no such files."""
    if country.registers is None:
        return
    found = find_files([country.registers], country.as_of.day).files
    for file in (one for one in found if one.kind in BULK_KINDS and one.path.name.endswith(".json.gz")):
        ours, plain = interleaved([partial(_apart, _read, file), partial(_apart, _parse, file)], country.repeats)
        size = file.path.stat().st_size / 1e6
        yield Row(
            "reading", file.kind.value, ours, plain, note=f"{size:.1f} MB packed; floor: gunzip and json.loads whole"
        )


def _apart(work: Callable[[SourceFile], object], file: SourceFile) -> float:
    """Seconds in a process of its own: a whole register parsed at once is gigabytes, and they go with the process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return float(pool.apply(_timed, (work, file)))


def _timed(work: Callable[[SourceFile], object], file: SourceFile) -> float:
    return timed(lambda: work(file))


def _read(file: SourceFile) -> int:
    """Stream, recognise, check and quarantine; the rows taken in."""
    return sum(len(batch.rows) for batch in batches_of(file.kind, file.path, Context(file.known_on, {})))


def _parse(file: SourceFile) -> int:
    return len(json.loads(gzip.decompress(Path(file.path).read_bytes())))
