"""What must hold between and inside the files of a run before it may be published, read a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.domain import RefusedError, Target
from targeting.published.order import tie_break
from targeting.published.run import Run, TargetRun
from targeting.published.schemas import (
    AREA_RESULTS,
    AREA_RESULTS_FILE,
    COARSE,
    ESTABLISHMENTS,
    HOLDINGS,
    HOLDINGS_FILE,
    LEAST_SHOWN,
    SCORES,
    SECTORS,
    conform,
)

__all__ = ["check_files"]

_Numbers = np.ndarray[tuple[int], np.dtype[np.bytes_]]


def check_files(folder: Path, run: Run) -> None:
    """Raise `BadInputError` or `RefusedError` at the first promise that a Parquet file in `folder` breaks.

    Promised: the columns of `schemas`; establishments sorted and unique; per target of `run` ranks 1..n in the recorded
    order, every establishment known and listed once, 0 <= low <= score <= high <= 1. Where the run declares bands,
    every row says exactly what its band says and no band stands above a higher one; elsewhere no row has a band.
    """
    known = _checked_numbers(folder / "establishments.parquet")
    scored = {path.name for path in folder.glob("scores_*.parquet")}
    if scored != {f"scores_{target}.parquet" for target in run.targets}:
        raise RefusedError(expected="scores for the targets of the run", got="others", where="scores")
    for target in sorted(run.targets):
        _check_scores(folder / f"scores_{target}.parquet", target, known, run)
    for name, schema in (("sectors.parquet", SECTORS), (HOLDINGS_FILE, HOLDINGS), (AREA_RESULTS_FILE, AREA_RESULTS)):
        for part in _parts(folder / name, schema) if (folder / name).exists() else ():
            if name == AREA_RESULTS_FILE:
                _check_results(part)


def _parts(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """The row groups of a file, each of exactly `schema`."""
    file = pq.ParquetFile(path)
    if file.num_row_groups == 0:
        conform(file.schema_arrow.empty_table(), schema, path.stem)
    for place in range(file.num_row_groups):
        yield conform(file.read_row_group(place), schema, path.stem)


def _checked_numbers(path: Path) -> _Numbers:
    parts = [part.column("establishment").to_numpy().astype("S9") for part in _parts(path, ESTABLISHMENTS)]
    numbers: _Numbers = np.concatenate([*parts, np.empty(0, "S9")])
    if not (numbers[:-1] < numbers[1:]).all():
        raise RefusedError(expected="establishments sorted and unique", got="another order", where="establishments")
    return numbers


def _check_results(results: pa.Table) -> None:
    few = pc.less(results.column("inspections_3y"), LEAST_SHOWN)
    if pc.any(pc.and_(few, pc.is_valid(results.column("breaches_3y")))).as_py():
        raise RefusedError(expected="no breaches of so few inspections", got="some", where="area_results")


def _check_scores(path: Path, target: Target, known: _Numbers, run: Run) -> None:
    about, where = run.targets[target], f"scores_{target}"
    _check_band_table(about, where)
    seen = np.zeros(len(known), dtype=np.bool_)
    rank, last = 1, None
    for part in _parts(path, SCORES):
        _check_bounds(part, where)
        _check_bands(part, about, where)
        _check_listed(part, known, seen, where)
        last = _checked_order(part, rank, last, about, run.seed, where)
        rank += part.num_rows


def _check_listed(scores: pa.Table, known: _Numbers, seen: np.ndarray, where: str) -> None:
    """Every establishment is of the run, and none comes twice; marks those that came in `seen`."""
    listed = scores.column("establishment").to_numpy().astype("S9")
    places = np.searchsorted(known, listed)
    if len(listed) and (not len(known) or (known[np.minimum(places, len(known) - 1)] != listed).any()):
        raise RefusedError(expected="only establishments of the run", got="an unknown one", where=where)
    if seen[places].any() or len(np.unique(places)) != len(places):
        raise RefusedError(expected="each establishment once", got="a duplicate", where=where)
    seen[places] = True


_Row = tuple[float, str]


def _checked_order(
    scores: pa.Table, rank: int, last: _Row | None, about: TargetRun, seed: int, where: str
) -> _Row | None:
    """Ranks from `rank` on by falling score, the first row after `last`; the last row.

    Inside a band the order is the model's own, which the scores no longer show.
    """
    rows: list[_Row] = list(
        zip(scores.column("score").to_pylist(), scores.column("establishment").to_pylist(), strict=True)
    )
    counted = scores.column("rank").to_numpy()
    pairs = pairwise(rows if last is None else [last, *rows])
    drawn = about.bands or all(
        before[0] != after[0] or tie_break(seed, before[1]) < tie_break(seed, after[1]) for before, after in pairs
    )
    values = np.array([row[0] for row in ([] if last is None else [last]) + rows])
    if not ((counted == np.arange(rank, rank + len(rows))).all() and (values[:-1] >= values[1:]).all() and drawn):
        raise RefusedError(expected="ranks 1..n in the recorded order", got="another order", where=where)
    return rows[-1] if rows else last


def _check_bounds(scores: pa.Table, where: str) -> None:
    low, score, high = (scores.column(name) for name in ("low", "score", "high"))
    ordered = pc.and_(pc.less_equal(low, score), pc.less_equal(score, high))
    inside = pc.and_(pc.greater_equal(low, 0.0), pc.less_equal(high, 1.0))
    if not pc.all(pc.and_(ordered, inside), min_count=0).as_py():
        raise RefusedError(expected="0 <= low <= score <= high <= 1", got="a row outside", where=where)
    listing = scores.column("listing_probability")
    if not pc.all(pc.and_(pc.greater_equal(listing, 0.0), pc.less_equal(listing, 1.0)), min_count=0).as_py():
        raise RefusedError(expected="listing probabilities from 0 to 1", got="one outside", where=where)


def _check_band_table(about: TargetRun, where: str) -> None:
    rates = [one.rate for one in about.bands]
    if [one.band for one in about.bands] != list(range(1, len(rates) + 1)) or rates != sorted(set(rates), reverse=True):
        raise RefusedError(expected="bands 1..n of falling rates", got="others", where=where)


def _check_bands(scores: pa.Table, about: TargetRun, where: str) -> None:
    if not about.bands:
        if scores.column("band").null_count != scores.num_rows:
            raise RefusedError(expected="no band beside a probability", got="a band", where=where)
        return
    columns = [scores.column(name).to_pylist() for name in ("band", "score", "low", "high")]
    if not set(zip(*columns, strict=True)) <= {(one.band, one.rate, one.low, one.high) for one in about.bands}:
        raise RefusedError(expected="in every row what its band says", got="another number", where=where)
    pushes = pc.struct_field(pc.list_flatten(scores.column("reasons")), "contribution")
    if not pc.all(pc.equal(pc.round_to_multiple(pushes, COARSE), pushes), min_count=0).as_py():
        raise RefusedError(expected="contributions as coarse as the bands", got="a finer one", where=where)
