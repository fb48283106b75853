"""One way to open DuckDB: offline, bounded threads, nothing installed at run time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

__all__ = ["SCRATCH_MEMORY", "SHARED_MEMORY", "SPILL_MEMORY", "connect", "quoted"]

SCRATCH_MEMORY: Final = "1500MB"
SHARED_MEMORY: Final = "500MB"
"""For an engine that has others beside it."""
SPILL_MEMORY: Final = "6GB"
"""For an engine that works on many days at once: ten years of inspections of a whole country take 16 GB where nothing
stops it, and no longer with this; with 4 GB a quarter longer."""


def connect(threads: int = 2, scratch: Path | None = None, memory: str = SCRATCH_MEMORY) -> duckdb.DuckDBPyConnection:
    """A connection that never reaches for an extension outside the wheel and shows no progress bar.

    With `scratch`, a folder, the engine keeps `memory` at most and puts there what it cannot hold: how much a country
    takes does not depend on its size.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if scratch is not None:
        config |= {"memory_limit": memory, "temp_directory": str(scratch)}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection


def quoted(text: str) -> str:
    """`text` as an SQL string literal.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
