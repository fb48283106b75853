"""The append-only store: Parquet files that only a finished load adds, named by one manifest.

    snapshots/manifest.jsonl            one line a load
    snapshots/<table>/<load id>.parquet rows in key order, no clock time inside
    quarantine/<load id>.jsonl          what the load could not read

A load writes into a staging folder. When it ends well its files are flushed, renamed into place and then named by one
appended line; until that line is there no reader sees anything, and whatever a crash left is removed by the next load.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from targeting.domain import RefusedError
from targeting.snapshots.commit import publish
from targeting.snapshots.lock import exclusive
from targeting.snapshots.manifest import Manifest, read_manifest
from targeting.snapshots.staging import Load
from targeting.tables import Table

__all__ = ["Store"]

_STAGING = ".loading-"


@dataclass(frozen=True, slots=True)
class Store:
    """The store under `home` (TARGETING_HOME). Opening it touches nothing; the first load makes the folders."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where the manifest and the tables' folders are."""
        return self.home / "snapshots"

    def manifest(self) -> Manifest:
        """What was loaded so far."""
        return read_manifest(self.folder / "manifest.jsonl")

    def known(self, sha256: str) -> bool:
        """Whether a file of this content was loaded before, under whatever name."""
        return self.manifest().knows(sha256)

    def paths(self, table: type[Table]) -> tuple[Path, ...]:
        """The files that hold `table`'s rows now, oldest load first."""
        name = table.about.name
        return tuple(self.folder / name / each.name for each in self.manifest().files(name))

    @contextmanager
    def begin(
        self, source_kind: str, file: str, sha256: str, received_on: date, *, complete: bool = False
    ) -> Iterator[Load]:
        """One load, all or nothing: published when the block ends, without a trace when it raises.

        `complete` says that the file lists every living unit of the tables it feeds, so that a stored unit it lacks
        is deleted from that day; not where rows of the file were quarantined. Raises `RefusedError` when the content
        is already loaded or another load is running.
        """
        with exclusive(self.folder):
            self._check_new(sha256, file)
            self._sweep()
            with TemporaryDirectory(prefix=_STAGING, dir=self.folder) as staging:
                with Load(_load_id(source_kind, sha256), Path(staging)) as load:
                    yield load
                # A quarantined row may be a living unit: a file with such rows deletes nobody.
                whole = complete and not load.quarantined
                publish(self, load, source_kind, file, sha256, received_on, complete=whole)
            self._sweep()

    def _check_new(self, sha256: str, file: str) -> None:
        if self.known(sha256):
            raise RefusedError(
                expected="a file that is not in the store",
                got="content that was loaded before",
                where=file,
                do="nothing: loading it again would change nothing",
            )

    def _sweep(self) -> None:
        """Remove what no manifest line names: leftovers of a crash, and files a purge has replaced."""
        manifest = self.manifest()
        for left in self.folder.glob(f"{_STAGING}*"):
            shutil.rmtree(left)
        for table in (folder for folder in self.folder.iterdir() if folder.is_dir()):
            named = {each.name for each in manifest.files(table.name)}
            for path in table.glob("*.parquet"):
                if path.name not in named:
                    path.unlink()


def _load_id(source_kind: str, sha256: str) -> str:
    return hashlib.sha256(f"{source_kind}\n{sha256}".encode()).hexdigest()[:16]
