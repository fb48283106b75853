"""Files that are on disk for good: what is not flushed may be gone after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["flush", "keep_file"]


def flush(path: Path) -> None:
    """Have the system write a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` for good: whole or not at all, whatever ends the process or the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    flush(partial)
    partial.replace(path)
    flush(path.parent)
