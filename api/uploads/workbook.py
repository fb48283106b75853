"""Is this workbook safe to open? Asked of its table of contents, and then of a process that may die of it.

A few hundred bytes can claim a cell in the last row and column, or four thousand million strings: the reader sets
that much aside and the whole process aborts, which no `except` catches. So it is opened first where memory and time
are bounded by the operating system; only one that survives there is opened here.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from api.errors import TooLargeError
from targeting.domain import BadInputError

__all__ = ["check_workbook"]

_UNPACKED_BYTES: Final = 100_000_000
_RATIO: Final = 100
_SMALL_BYTES: Final = 5_000_000
_PARTS: Final = 1_000
_SECONDS: Final = 20
_OPENING: Final = Path(__file__).with_name("opening.py")
_TOO_MANY_ROWS: Final = 3


def check_workbook(path: Path, max_rows: int) -> None:
    """Raise `TooLargeError` when it unpacks to too much, `BadInputError` when it cannot be opened in bounds."""
    _check_contents(path)
    try:
        opened = subprocess.run(
            [sys.executable, "-I", str(_OPENING), str(path), str(max_rows)],
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode
    except subprocess.TimeoutExpired as cause:
        raise _not_opened() from cause
    if opened == _TOO_MANY_ROWS:
        raise TooLargeError(expected=f"at most {max_rows} rows", got="more", do="send the filled-in export")
    if opened != 0:
        raise _not_opened()


def _check_contents(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as cause:
        raise _not_opened() from cause
    unpacked = sum(part.file_size for part in parts)
    dense = unpacked > _SMALL_BYTES and unpacked > _RATIO * path.stat().st_size
    if unpacked > _UNPACKED_BYTES or len(parts) > _PARTS or dense:
        raise TooLargeError(
            expected=f"at most {_UNPACKED_BYTES // 1_000_000} MB unpacked, {_RATIO} times its size",
            got="more",
            do="send the filled-in export",
        )


def _not_opened() -> BadInputError:
    return BadInputError(
        expected="a workbook that can be opened", got="another file", where="the file", do="send the filled-in export"
    )
