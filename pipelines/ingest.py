"""Register files into the store, one at a time: recognised, read in batches, all of a file or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.found_files import Refused, SourceFile, find_files
from pipelines.ingest_report import FileReport, IngestReport, render
from pipelines.known_inspections import StartedInspections
from pipelines.progress import Bar, Progress
from pipelines.readers import BULK_KINDS, Context
from pipelines.reading_ahead import ReadAhead
from targeting.domain import AsOf, TargetingError
from targeting.snapshots import Load, LoadRecord, Store
from targeting.sources.reading import Batch, Quarantined

if TYPE_CHECKING:
    from targeting.watching import Check, Guard

__all__ = ["FileReport", "IngestReport", "Refused", "ingest", "render"]

_REASONS_KEPT = 5


def ingest(
    paths: Sequence[Path],
    home: Path,
    known_on: date | None,
    complete: bool,
    progress: Progress,
    *,
    guard: bool = False,
) -> IngestReport:
    """Read `paths` (files, or folders of them) into the store under `home`.

    `known_on` dates files whose names hold no date (default: today). `complete` says that the bulk files list every
    living unit. A file that cannot be read as a whole leaves nothing behind and does not stop the others; the caller
    sees it in `refused`. Content that was read before is skipped, whatever the file is called. With `guard` a file that
    is unlike the last of its kind (a third of its rows gone, a new code standard) is refused as well; what else was
    looked at is in `checks`.
    """
    store = Store(home)
    found = find_files(paths, known_on or date.today())
    reports: list[FileReport] = []
    checks: list[Check] = []
    refused = list(found.refused)
    ahead = ReadAhead(found.files)
    with progress.bar("reading") as bar:
        for file in found.files:
            try:
                watched = _guard(file, store) if guard else None
                reports.append(_ingest_file(file, store, ahead, complete, bar, watched))
                checks += watched.checks if watched else ()
            except TargetingError as error:
                refused.append(Refused(file.path.name, str(error)))
    return IngestReport(tuple(reports), tuple(refused), found.left_out, tuple(checks))


def _guard(file: SourceFile, store: Store) -> Guard:
    from targeting.watching import Guard  # statistics take seconds to import: only where they are asked for

    return Guard(file.kind, file.path.name, store.manifest(), AsOf(file.known_on))


def _ingest_file(
    file: SourceFile, store: Store, ahead: ReadAhead, complete: bool, bar: Bar, guard: Guard | None
) -> FileReport:
    sha256 = _sha256(file.path)
    report = FileReport(file.path.name, file.kind)
    if store.known(sha256):
        ahead.skip(file)
        return replace(report, skipped=True)
    counts = _Counts()
    whole = complete and file.kind in BULK_KINDS
    with store.begin(file.kind, file.path.name, sha256, file.known_on, complete=whole) as load:
        for batch in ahead.batches(file, Context(file.known_on, StartedInspections(store))):
            counts.take(batch)
            _put(batch, load)
            if guard is not None:
                guard.take(batch.table, batch.rows)
            bar.advance(batch.read)
        if guard is not None:
            guard.settle(load)
    return counts.report(report, store.manifest().loads[-1])


def _put(batch: Batch, load: Load) -> None:
    load.add(batch.table, batch.rows, read=batch.read)
    load.purge(batch.purge)
    load.quarantine(asdict(refusal) for refusal in batch.quarantined)


@dataclass(slots=True)
class _Counts:
    """What the batches of one file add up to."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    purged: int = 0
    reasons: list[Quarantined] = field(default_factory=list)

    def take(self, batch: Batch) -> None:
        self.read += batch.read
        self.accepted += len(batch.rows)
        self.quarantined += len(batch.quarantined)
        self.purged += len(batch.purge)
        self.reasons += islice(batch.quarantined, _REASONS_KEPT - len(self.reasons))

    def report(self, about: FileReport, load: LoadRecord) -> FileReport:
        new = sum(table.stored for table in load.counts)
        withheld = sum(table.purged for table in load.counts)
        return replace(
            about,
            load=load.id,
            read=self.read,
            accepted=self.accepted,
            quarantined=self.quarantined,
            purged=self.purged,
            new=new,
            unchanged=self.accepted - new - withheld,
            withheld=withheld,
            deleted=sum(table.vanished for table in load.counts),
            corrected=sum(table.corrected for table in load.counts),
            reasons=tuple(self.reasons),
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
