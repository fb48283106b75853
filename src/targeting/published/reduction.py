"""Taking out of a run whoever may no longer be kept. The one way in which a published run ever changes.

Three steps, so that the deletion can be recorded before it happens: `reduce_run` (retention) or `remove_from_run` (a
purge) writes the run that is left beside the old one, `settle_run` puts it in its place, `recover_runs` finishes what a
crash interrupted. The rows that stay are unchanged, the id too; `run.json` seals the new files.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.domain import Target
from targeting.published.flushing import flush
from targeting.published.reading import PublishedRun
from targeting.published.schemas import AGGREGATES, AREA_RESULTS_FILE, HOLDINGS_FILE, aggregates_file, conform
from targeting.published.writing import FOLDER, write_lists, write_parquet, write_text

__all__ = [
    "EXPIRED",
    "REDUCED",
    "Reduced",
    "establishments_of",
    "recover_runs",
    "reduce_run",
    "remove_from_run",
    "settle_run",
]

REDUCED: Final = ".reduced-"
"""How a run is called that waits to take another's place."""

EXPIRED: Final = ".expired-"
"""How a run is called while what is left of it takes its place."""


class Reduced(NamedTuple):
    """A reduced run, written but not yet in its place. `seal` is the sha256 of its `run.json`."""

    folder: Path
    final: Path
    seal: str


def reduce_run(
    run: PublishedRun, kept: Mapping[Target, frozenset[str]], aggregates: Mapping[Target, pa.Table]
) -> Reduced:
    """Write `run` with the scores of `kept` alone, the establishments these name, and `aggregates` of everybody.

    Equal arguments give equal bytes. Aggregates that the run has already stay as they are: they were made of more.
    """
    scores = {target: _only(run.scores(target), kept[target]) for target in run.about.targets}
    told = {aggregates_file(target): _aggregates(run, target, aggregates) for target in run.about.targets}
    return _staged(run, _only(run.establishments, frozenset().union(*kept.values())), scores, told)


def establishments_of(run: PublishedRun, number: str) -> frozenset[str]:
    """Which establishments of `run` are `number`, or belong to the enterprise `number`."""
    known = run.establishments
    meant = pc.or_(pc.equal(known.column("establishment"), number), pc.equal(known.column("enterprise"), number))
    return frozenset(known.filter(meant).column("establishment").to_pylist())


def remove_from_run(run: PublishedRun, number: str) -> Reduced:
    """Write `run` without `number`: no row is about it, and none names it as whom it belongs to.

    An enterprise takes its establishments with it. What the run says of many together was counted with it, and stays;
    ranks get a gap.
    """
    gone = establishments_of(run, number)
    scores = {target: _without(run.scores(target), "establishment", gone) for target in run.about.targets}
    told = {
        name: _read(run, name)
        for name in (aggregates_file(one) for one in run.about.targets)
        if name in run.about.files
    }
    if HOLDINGS_FILE in run.about.files:
        told[HOLDINGS_FILE] = _without(_read(run, HOLDINGS_FILE), "number", gone | {number})
    return _staged(run, _ownerless(_without(run.establishments, "establishment", gone), number), scores, told)


def _staged(
    run: PublishedRun, establishments: pa.Table, scores: Mapping[Target, pa.Table], told: Mapping[str, pa.Table]
) -> Reduced:
    """Write what is left of `run` beside it; what it says of areas stays as it is."""
    final = run.folder
    folder = final.with_name(f"{REDUCED}{final.name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tables = {f"scores_{target}.parquet": table for target, table in scores.items()} | dict(told)
    tables |= {"establishments.parquet": establishments, "sectors.parquet": run.sectors}
    if AREA_RESULTS_FILE in run.about.files:
        tables[AREA_RESULTS_FILE] = _read(run, AREA_RESULTS_FILE)
    files = {name: write_parquet(folder / name, tables[name]) for name in sorted(tables)}
    files |= write_lists(folder, establishments, scores)
    sealed = replace(run.about, files=files)
    write_text(folder / "run.json", sealed.to_json())
    folder.chmod(0o755)
    flush(folder)
    return Reduced(folder, final, hashlib.sha256(sealed.to_json().encode()).hexdigest())


def settle_run(reduced: Reduced) -> None:
    """Put a reduced run in the place of the whole one, which is deleted."""
    old = reduced.final.with_name(f"{EXPIRED}{reduced.final.name}")
    reduced.final.rename(old)
    reduced.folder.rename(reduced.final)
    flush(reduced.final.parent)
    shutil.rmtree(old)


def recover_runs(home: Path) -> None:
    """Finish what a crash interrupted among the published runs; a reduced run not yet settled is dropped."""
    published = home / FOLDER
    for old in published.glob(f"{EXPIRED}*"):
        name = old.name.removeprefix(EXPIRED)
        if not (published / name).exists():
            (published / f"{REDUCED}{name}").rename(published / name)
            flush(published)
        shutil.rmtree(old)
    for staged in published.glob(f"{REDUCED}*"):
        shutil.rmtree(staged)


def _only(table: pa.Table, kept: frozenset[str]) -> pa.Table:
    wanted = pa.array(sorted(kept), pa.string())
    return table.filter(pc.is_in(table.column("establishment"), value_set=wanted)).combine_chunks()


def _without(table: pa.Table, column: str, gone: frozenset[str]) -> pa.Table:
    named = pc.is_in(table.column(column), value_set=pa.array(sorted(gone), pa.string()))
    return table.filter(pc.invert(named)).combine_chunks()


def _ownerless(establishments: pa.Table, number: str) -> pa.Table:
    """Where `number` is only the top of a group, the group is not known any more."""
    owners = establishments.column("owner_group")
    left = pc.if_else(pc.equal(owners, number), pa.scalar(None, pa.string()), owners)
    return establishments.set_column(establishments.column_names.index("owner_group"), "owner_group", left)


def _read(run: PublishedRun, name: str) -> pa.Table:
    return pq.read_table(run.folder / name, partitioning=None)


def _aggregates(run: PublishedRun, target: Target, made: Mapping[Target, pa.Table]) -> pa.Table:
    if aggregates_file(target) in run.about.files:
        return run.aggregates(target)
    return conform(made[target], AGGREGATES, aggregates_file(target))
