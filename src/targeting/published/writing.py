"""Publishing a run: all or nothing. A crash anywhere leaves the last published run in service."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.domain import RefusedError
from targeting.published.checking import checked
from targeting.published.run import FileSeal, PublishedTables, Run
from targeting.published.schemas import AREA_RESULTS_FILE, HOLDINGS_FILE

__all__ = ["CURRENT", "FOLDER", "flush", "write_parquet", "write_run", "write_text"]

FOLDER: Final = "published"
CURRENT: Final = "CURRENT"
_ROW_GROUP: Final = 131_072


def write_run(home: Path, run: Run, tables: PublishedTables, *, current: bool = True) -> str:
    """Publish `tables` as `run` under `home` and return the run's id; with `current` it is the one now served.

    The files appear under their final name in one rename. Publishing the same content again changes nothing;
    other content under the same id raises `RefusedError`, because a run is identified by its inputs.
    """
    root = home / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    sound = checked(tables, run)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=root))
    try:
        sealed = replace(run, files=_write_files(draft, sound))
        write_text(draft / "run.json", sealed.to_json())
        _settle(draft, root / run.run, sealed)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if current:
        _point(root, run.run)
    return run.run


def _write_files(folder: Path, tables: PublishedTables) -> Mapping[str, FileSeal]:
    files = {"establishments.parquet": tables.establishments, "sectors.parquet": tables.sectors}
    files |= {f"scores_{target}.parquet": table for target, table in tables.scores.items()}
    files |= {} if tables.holdings is None else {HOLDINGS_FILE: tables.holdings}
    files |= {} if tables.area_results is None else {AREA_RESULTS_FILE: tables.area_results}
    return {name: write_parquet(folder / name, files[name]) for name in sorted(files)}


def write_parquet(path: Path, table: pa.Table) -> FileSeal:
    """Write one file to disk for good; its seal."""
    # Fixed row groups, codec and format version: the bytes depend on the rows alone.
    pq.write_table(table, path, compression="zstd", row_group_size=_ROW_GROUP, version="2.6", store_schema=False)
    flush(path)
    return FileSeal(hashlib.sha256(path.read_bytes()).hexdigest(), table.num_rows)


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


def flush(path: Path) -> None:
    """Have the system write a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
