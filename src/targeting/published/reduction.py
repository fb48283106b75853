"""Taking out of an old run whoever may no longer be kept. The one way in which a published run ever changes.

Three steps, so that the deletion can be recorded before it happens: `reduce_run` writes the reduced run beside the old
one, `settle_run` puts it in its place, `recover_runs` finishes what a crash interrupted. The rows that stay are
unchanged, the id too; `run.json` seals the new files.
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
from targeting.published.reading import PublishedRun
from targeting.published.schemas import AGGREGATES, AREA_RESULTS_FILE, aggregates_file, conform
from targeting.published.writing import flush, write_parquet, write_text

__all__ = ["Reduced", "recover_runs", "reduce_run", "settle_run"]

_STAGED: Final = ".reduced-"
_OLD: Final = ".expired-"


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
    final = run.folder
    folder = final.with_name(f"{_STAGED}{final.name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tables = {f"scores_{target}.parquet": _only(run.scores(target), kept[target]) for target in run.about.targets}
    tables |= {aggregates_file(target): _aggregates(run, target, aggregates) for target in run.about.targets}
    tables["establishments.parquet"] = _only(run.establishments, frozenset().union(*kept.values()))
    tables["sectors.parquet"] = run.sectors
    if AREA_RESULTS_FILE in run.about.files:
        tables[AREA_RESULTS_FILE] = pq.read_table(run.folder / AREA_RESULTS_FILE, partitioning=None)
    sealed = replace(run.about, files={name: write_parquet(folder / name, tables[name]) for name in sorted(tables)})
    write_text(folder / "run.json", sealed.to_json())
    folder.chmod(0o755)
    flush(folder)
    return Reduced(folder, final, hashlib.sha256(sealed.to_json().encode()).hexdigest())


def settle_run(reduced: Reduced) -> None:
    """Put a reduced run in the place of the whole one, which is deleted."""
    old = reduced.final.with_name(f"{_OLD}{reduced.final.name}")
    reduced.final.rename(old)
    reduced.folder.rename(reduced.final)
    flush(reduced.final.parent)
    shutil.rmtree(old)


def recover_runs(published: Path) -> None:
    """Finish what a crash interrupted in the folder of published runs; a reduced run not yet settled is dropped."""
    for old in published.glob(f"{_OLD}*"):
        name = old.name.removeprefix(_OLD)
        if not (published / name).exists():
            (published / f"{_STAGED}{name}").rename(published / name)
            flush(published)
        shutil.rmtree(old)
    for staged in published.glob(f"{_STAGED}*"):
        shutil.rmtree(staged)


def _only(table: pa.Table, kept: frozenset[str]) -> pa.Table:
    wanted = pa.array(sorted(kept), pa.string())
    return table.filter(pc.is_in(table.column("establishment"), value_set=wanted)).combine_chunks()


def _aggregates(run: PublishedRun, target: Target, made: Mapping[Target, pa.Table]) -> pa.Table:
    if aggregates_file(target) in run.about.files:
        return run.aggregates(target)
    return conform(made[target], AGGREGATES, aggregates_file(target))
