"""Publishing a run: all or nothing. A crash anywhere leaves the last published run in service."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import RefusedError, Target
from targeting.published.checking import check_files
from targeting.published.flushing import flush
from targeting.published.ranked_rows import ranked_batches, write_ranked_rows
from targeting.published.row_files import write_rows
from targeting.published.run import FileSeal, PublishedTables, Run
from targeting.published.schemas import (
    AREA_RESULTS,
    AREA_RESULTS_FILE,
    ESTABLISHMENTS,
    HOLDINGS,
    HOLDINGS_FILE,
    SCORES,
    SECTORS,
    conform,
)
from targeting.published.seals import sha256_of

__all__ = [
    "CURRENT",
    "DRAFT",
    "FOLDER",
    "publish_folder",
    "write_lists",
    "write_parquet",
    "write_run",
    "write_text",
]

FOLDER: Final = "published"
CURRENT: Final = "CURRENT"
DRAFT: Final = ".draft-"


def write_run(home: Path, run: Run, tables: PublishedTables, *, current: bool = True) -> str:
    """Publish `tables`, which fit in memory, as `run` under `home`; see `publish_folder`."""
    root = home / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=root))
    try:
        for name, (table, schema) in _files(tables).items():
            write_rows(draft / name, schema, conform(table, schema, Path(name).stem).to_batches())
        check_files(draft, run)
        return publish_folder(home, run, draft, write_lists(draft, tables.establishments, tables.scores), current)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def publish_folder(home: Path, run: Run, folder: Path, lists: Mapping[str, FileSeal], current: bool = True) -> str:
    """Publish the Parquet files of `folder`, which must have passed `check_files`, and `lists` in it; the run's id.

    The folder, on the file system of `home`, becomes the run's own in one rename; with `current` the run is then the
    one served. Publishing the same content again changes nothing and leaves the folder; other content under the same
    id raises `RefusedError`, because a run is identified by its inputs.
    """
    root = home / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    sealed = replace(run, files={path.name: _sealed(path) for path in sorted(folder.glob("*.parquet"))} | dict(lists))
    write_text(folder / "run.json", sealed.to_json())
    _settle(folder, root / run.run, sealed)
    if current:
        _point(root, run.run)
    return run.run


def _files(tables: PublishedTables) -> dict[str, tuple[pa.Table, pa.Schema]]:
    files = {"establishments.parquet": (tables.establishments, ESTABLISHMENTS)}
    files["sectors.parquet"] = (tables.sectors, SECTORS)
    files |= {f"scores_{target}.parquet": (table, SCORES) for target, table in tables.scores.items()}
    files |= {} if tables.holdings is None else {HOLDINGS_FILE: (tables.holdings, HOLDINGS)}
    files |= {} if tables.area_results is None else {AREA_RESULTS_FILE: (tables.area_results, AREA_RESULTS)}
    return files


def write_lists(folder: Path, establishments: pa.Table, scores: Mapping[Target, pa.Table]) -> dict[str, FileSeal]:
    """Write what each target's list is served from into `folder` for good; the files' seals by name."""
    seals: dict[str, FileSeal] = {}
    for target, rows in scores.items():
        seals |= write_ranked_rows(folder, target, ranked_batches(establishments, rows))
    return seals


def write_parquet(path: Path, table: pa.Table) -> FileSeal:
    """Write one file to disk for good; its seal."""
    write_rows(path, table.schema, table.to_batches())
    return _sealed(path)


def _sealed(path: Path) -> FileSeal:
    flush(path)
    return FileSeal(sha256_of(path), pq.ParquetFile(path).metadata.num_rows)


def _settle(draft: Path, final: Path, sealed: Run) -> None:
    if final.exists():
        if (final / "run.json").read_text("utf-8") != sealed.to_json():
            raise RefusedError(
                expected=f"the content already published as run {sealed.run}",
                got="other content from the same inputs",
                where=str(final.name),
                do="find what is not reproducible; a published run is never replaced",
            )
        return
    draft.chmod(0o755)  # mkdtemp makes folders private to their owner; the web process may be another user
    flush(draft)
    draft.rename(final)
    flush(final.parent)


def _point(root: Path, run_id: str) -> None:
    draft = root / f".{CURRENT}-{run_id}"
    write_text(draft, run_id + "\n")
    draft.replace(root / CURRENT)
    flush(root)


def write_text(path: Path, text: str) -> None:
    """Write one text to disk for good."""
    path.write_text(text, "utf-8")
    flush(path)
