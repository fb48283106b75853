"""Reading published runs. Every file is checked against its seal when the run is opened, those of a list with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.domain import NotFoundError, Target
from targeting.published.mapped_list import MappedList, open_list
from targeting.published.ranked_rows import list_file, rows_file
from targeting.published.run import FileSeal, Run
from targeting.published.schemas import AGGREGATES, ESTABLISHMENTS, SCORES, SECTORS, aggregates_file
from targeting.published.seals import check_seal
from targeting.published.writing import CURRENT, FOLDER

__all__ = ["PublishedRun", "open_current", "open_run", "run_ids"]

_ID: Final = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class PublishedRun:
    """One published run. Tables are read at first use and kept; they have the columns of `schemas`.

    `sealed` are the files in its folder; those of the whole run also where this is its open part.
    """

    folder: Path
    about: Run
    sealed: Mapping[str, FileSeal] = field(default_factory=dict, repr=False)

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
        self._check_scored(target)
        if target not in self._scores:
            self._scores[target] = self._read(f"scores_{target}.parquet", SCORES)
        return self._scores[target]

    def score_columns(self, target: Target, columns: Sequence[str]) -> pa.Table:
        """`scores` with these columns alone, read anew: reasons, which most readers can do without, are most of it."""
        self._check_scored(target)
        wanted = pa.schema([SCORES.field(name) for name in columns])
        return self._read(f"scores_{target}.parquet", wanted)

    def listed(self, numbers: Collection[str]) -> frozenset[str]:
        """Those of `numbers` of which the run may say anything: nobody whom only closed targets list, in an open part.

        Of a whole run it is all of them, in a cohort or not.
        """
        return frozenset(numbers)

    def ranked_list(self, target: Target) -> MappedList:
        """The target's list as it is served, mapped anew; `NotFoundError` when the run did not score the target.

        `BadInputError` when its files changed, or when the run was published before runs had them.
        """
        self._check_scored(target)
        return open_list(self.folder, target, self.sealed)

    def _check_scored(self, target: Target) -> None:
        if target not in self.about.targets:
            raise NotFoundError(
                expected=f"scores for {target}",
                got=f"scores for {', '.join(sorted(self.about.targets)) or 'nothing'}",
                where=f"run {self.about.run}",
                do="train the target and score again",
            )

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
        return self if self.about.open_inputs is None else _OpenPart(self.folder, self.about.open_part(), self.sealed)

    def _read(self, name: str, schema: pa.Schema) -> pa.Table:
        return pq.read_table(self.folder / name, columns=schema.names, partitioning=None).cast(schema)


class _OpenPart(PublishedRun):
    """Without closed targets, their sectors, and the establishments that are in no other cohort."""

    @cached_property
    def establishments(self) -> pa.Table:
        known = self._read("establishments.parquet", ESTABLISHMENTS)
        return known.filter(pc.is_in(known.column("establishment"), value_set=self._everybody().combine_chunks()))

    def listed(self, numbers: Collection[str]) -> frozenset[str]:
        asked = pa.array(sorted(numbers), pa.string())
        return frozenset(asked.filter(pc.is_in(asked, value_set=self._everybody().combine_chunks())).to_pylist())

    def _everybody(self) -> pa.ChunkedArray:
        """Whom any of the shown targets lists."""
        columns = [self.score_columns(target, ["establishment"]).column(0) for target in self.about.targets]
        return pa.chunked_array([one for column in columns for one in column.chunks], pa.string())

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
    lists = {name for target in about.targets for name in (rows_file(target), list_file(target))}
    for name in sorted(
        about.files.keys() - lists
    ):  # a list's are checked when it is mapped: they are big, few read them
        check_seal(folder / name, about.files[name].sha256)
    return PublishedRun(folder, about, about.files)


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
