"""Reading published runs. Every file is checked against its seal when the run is opened."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.domain import BadInputError, NotFoundError, Target
from targeting.published.run import Run
from targeting.published.schemas import AGGREGATES, ESTABLISHMENTS, SCORES, SECTORS, aggregates_file
from targeting.published.writing import CURRENT, FOLDER

__all__ = ["PublishedRun", "open_current", "open_run", "run_ids"]

_ID: Final = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class PublishedRun:
    """One published run. Tables are read at first use and kept; they have the columns of `schemas`."""

    folder: Path
    about: Run

    @cached_property
    def establishments(self) -> pa.Table:
        """One row per establishment in any cohort, sorted by number."""
        return self._read("establishments.parquet", ESTABLISHMENTS)

    @cached_property
    def sectors(self) -> pa.Table:
        """One row per (priority area, target)."""
        return self._read("sectors.parquet", SECTORS)

    @cached_property
    def _scores(self) -> dict[Target, pa.Table]:
        return {}

    def scores(self, target: Target) -> pa.Table:
        """The target's cohort in rank order; `NotFoundError` when the run did not score the target."""
        if target not in self.about.targets:
            raise NotFoundError(
                expected=f"scores for {target}",
                got=f"scores for {', '.join(sorted(self.about.targets)) or 'nothing'}",
                where=f"run {self.about.run}",
                do="train the target and score again",
            )
        if target not in self._scores:
            self._scores[target] = self._read(f"scores_{target}.parquet", SCORES)
        return self._scores[target]

    @property
    def reduced(self) -> bool:
        """Whether establishments that were not selected are gone from it (retention): its ranks then have gaps."""
        return any((self.folder / aggregates_file(target)).is_file() for target in self.about.targets)

    def aggregates(self, target: Target) -> pa.Table:
        """What is left of everybody, one row per (per, value); `NotFoundError` where the run is not reduced."""
        name = aggregates_file(target)
        if target not in self.about.targets or not (self.folder / name).is_file():
            raise NotFoundError(expected=f"aggregates of {target}", got="none", where=f"run {self.about.run}")
        return self._read(name, AGGREGATES)

    def open_part(self) -> PublishedRun:
        """The run for people who may not know of closed targets: nothing in it tells whether there are any."""
        return self if self.about.open_inputs is None else _OpenPart(self.folder, self.about.open_part())

    def _read(self, name: str, schema: pa.Schema) -> pa.Table:
        return pq.read_table(self.folder / name, partitioning=None).cast(schema)


class _OpenPart(PublishedRun):
    """Without closed targets, their sectors, and the establishments that are in no other cohort."""

    @cached_property
    def establishments(self) -> pa.Table:
        known = self._read("establishments.parquet", ESTABLISHMENTS)
        chunks = [one for target in self.about.targets for one in self.scores(target).column("establishment").chunks]
        listed = pa.chunked_array(chunks, pa.string())
        return known.filter(pc.is_in(known.column("establishment"), value_set=listed.combine_chunks()))

    @cached_property
    def sectors(self) -> pa.Table:
        known = self._read("sectors.parquet", SECTORS)
        return known.filter(
            pc.is_in(known.column("target"), value_set=pa.array(sorted(self.about.targets), pa.string()))
        )


def open_current(home: Path) -> PublishedRun:
    """The run in service, or `NotFoundError` when none was published yet."""
    pointer = home / FOLDER / CURRENT
    if not pointer.is_file():
        raise NotFoundError(
            expected="a published run", got="none", where=FOLDER, do="run `python -m pipelines score` first"
        )
    return open_run(home, pointer.read_text("utf-8").strip())


def open_run(home: Path, run_id: str) -> PublishedRun:
    """The run `run_id` with its files checked; `NotFoundError` when absent, `BadInputError` when a file changed.

    The id of a run's open part opens that part; several runs may share it, and then theirs are equal.
    """
    folder = home / FOLDER / run_id
    if not _ID.fullmatch(run_id) or not (folder / "run.json").is_file():
        return _open_part_named(home, run_id)
    about = Run.from_json((folder / "run.json").read_text("utf-8"), where=f"{run_id}/run.json")
    for name, seal in about.files.items():
        _check_seal(folder / name, seal.sha256)
    return PublishedRun(folder, about)


def run_ids(home: Path) -> tuple[str, ...]:
    """The ids of all published runs, sorted by as-of day and then id."""
    return tuple(run.run for run in _runs(home))


def _runs(home: Path) -> list[Run]:
    found = [path for path in (home / FOLDER).glob("*") if _ID.fullmatch(path.name)]
    runs = [Run.from_json((path / "run.json").read_text("utf-8")) for path in found]
    return sorted(runs, key=lambda run: (run.as_of, run.run))


def _open_part_named(home: Path, run_id: str) -> PublishedRun:
    for run in _runs(home):
        if run.open_part().run == run_id:
            return open_run(home, run.run).open_part()
    raise NotFoundError(expected="the id of a published run", got=repr(run_id), where=FOLDER)


def _check_seal(path: Path, sha256: str) -> None:
    got = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    if got != sha256:
        raise BadInputError(
            expected=f"the bytes that were published (sha256 {sha256[:12]})",
            got=got[:12],
            where=f"{path.parent.name}/{path.name}",
            do="restore the folder from a backup, or score again",
        )
