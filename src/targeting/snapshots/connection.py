"""One way to open DuckDB: offline, bounded threads, nothing installed at run time."""

from __future__ import annotations

import duckdb

__all__ = ["connect", "quoted"]


def connect(threads: int = 2) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that never reaches for an extension outside the wheel and shows no progress bar."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    connection.execute("SET enable_progress_bar = false")
    return connection


def quoted(text: str) -> str:
    """`text` as an SQL string literal.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
