"""The folder a run is made in: named by everything that goes into it, so that what is there is never made twice.

    work/KEY/rows/    members, features and labels of the day, one file each, cut into partitions
    work/KEY/parts/   scored partitions, one file each
    work/KEY/run/     the files of the run that is being put together

Every file appears when it is whole, so a crash leaves whole files, partial ones and nothing in between; a start with
the same inputs finds its own folder and makes what is missing. Folders of other inputs are what a crash left behind.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import AsOf, Target
from targeting.features import load_families
from targeting.modelling.registry import ReleasedModel, version_folder
from targeting.modelling.releases import Release
from targeting.published.writing import DRAFT, FOLDER
from targeting.snapshots import Store
from targeting.snapshots.lock import exclusive

__all__ = ["Scoring", "Work", "opened_work", "scorings"]

_WORK: Final = "work"
_SCRATCH: Final = "scratch"


class Scoring(NamedTuple):
    """One model that scores a target: the one that serves, or a shadow, which nobody is shown and needs no reasons."""

    target: Target
    version: str
    shadow: bool

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.target}_{self.version}"


@dataclass(frozen=True, slots=True)
class Work:
    """The folder of one run in the making, of `home`, and who scores."""

    home: Path
    folder: Path
    as_of: AsOf
    scorings: tuple[Scoring, ...]
    partition_rows: int

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the run."""
        return tuple(one.target for one in self.scorings if not one.shadow)

    @property
    def rows(self) -> Path:
        """Members, features and labels."""
        return self.folder / "rows"

    @property
    def run(self) -> Path:
        """What will be published."""
        return self.folder / "run"

    @property
    def establishments(self) -> Path:
        """Who is in the run, as it will be published."""
        return self.run / "establishments.parquet"

    def labels(self, target: Target) -> Path:
        """What the inspections known on the day had found, of one target."""
        return self.rows / f"labels_{target}.parquet"

    def scores(self, target: Target) -> Path:
        """The scores of one target, as they will be published."""
        return self.run / f"scores_{target}.parquet"

    def part(self, scoring: Scoring, place: int) -> Path:
        """The scored partition `place`."""
        return self.folder / "parts" / scoring.name / f"{place:06d}.parquet"

    @contextmanager
    def scratch(self, name: str = "one") -> Iterator[Path]:
        """An empty folder for the engine, gone when the block ends. What goes on at once must differ in `name`."""
        folder = self.folder / _SCRATCH / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def scorings(
    home: Path, models: Mapping[Target, ReleasedModel], releases: Mapping[Target, Release]
) -> tuple[Scoring, ...]:
    """Who scores: what serves each target, then the declared shadows that were trained here."""
    shadows = (Scoring(target, name, shadow=True) for target in models for name in releases[target].shadows)
    trained = (one for one in shadows if version_folder(home, one.target, one.version).exists())
    return (*(Scoring(target, model.version, shadow=False) for target, model in models.items()), *trained)


@contextmanager
def opened_work(home: Path, as_of: AsOf, scoring: tuple[Scoring, ...], partition_rows: int) -> Iterator[Work]:
    """The folder of these inputs, whatever an earlier start left in it; gone when the block ends well.

    Holds the only right to make a run in `home`, and clears away what crashes left: `RefusedError` when another process
    is making one.
    """
    root = home / _WORK
    with exclusive(root, "run"):
        work = Work(home, root / _key(home, as_of, scoring, partition_rows), as_of, scoring, partition_rows)
        _sweep(home, work.folder)
        for folder in (work.rows, work.run, *(work.part(one, 0).parent for one in scoring)):
            folder.mkdir(parents=True, exist_ok=True)
        yield work
        shutil.rmtree(work.folder)


def _key(home: Path, as_of: AsOf, scoring: tuple[Scoring, ...], partition_rows: int) -> str:
    inputs = {
        "as_of": str(as_of),
        "software": version("targeting"),
        "store": [load.to_line() for load in Store(home).manifest().loads],
        "families": hashlib.sha256(repr(load_families()).encode()).hexdigest(),
        "models": [one.name for one in scoring],
        "partition_rows": partition_rows,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


def _sweep(home: Path, own: Path) -> None:
    """Remove what a killed process left: other work, unfinished files and engines' scratch, drafts of runs."""
    for path in own.parent.iterdir() if own.parent.is_dir() else ():
        if path.is_dir() and path != own:
            shutil.rmtree(path)
    for partial in own.rglob("*.partial"):
        partial.unlink()
    shutil.rmtree(own / _SCRATCH, ignore_errors=True)
    for draft in (home / FOLDER).glob(f"{DRAFT}*"):
        shutil.rmtree(draft)
    for pointer in (home / FOLDER).glob(".CURRENT-*"):
        pointer.unlink()
