"""The two kinds of file that are taken, told apart by what is in them, and how much of each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from api.errors import TooLargeError
from api.uploads.workbook import check_workbook
from targeting.domain import BadInputError

__all__ = ["FileKind", "kind_of"]

_BLOCK: Final = 1 << 20
_ANY: Final = ("", "application/octet-stream")
"""What a browser declares when the machine knows no better."""


class FileKind(StrEnum):
    """A kind of file, by the ending of its name."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_types(self) -> tuple[str, ...]:
        """What such a file may be declared as."""
        if self is FileKind.CSV:
            # Windows with a spreadsheet installed declares CSV as the last of these.
            return ("text/csv", "text/plain", "application/csv", "application/vnd.ms-excel", *_ANY)
        return ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", *_ANY)

    def check(self, path: Path, max_rows: int) -> None:
        """Raise when the file is larger inside than may be, or cannot be opened."""
        (_check_rows if self is FileKind.CSV else check_workbook)(path, max_rows)


def kind_of(path: Path) -> FileKind | None:
    """What the file is: XLSX by its first bytes, CSV when it is UTF-8 text; None when neither."""
    with path.open("rb") as file:
        start = file.read(_BLOCK)
    if start.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    return None if b"\0" in start or not start else FileKind.CSV


def _check_rows(path: Path, max_rows: int) -> None:
    rows = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            rows += max(block.count(b"\n"), block.count(b"\r"))
            if rows > max_rows + 1:
                raise TooLargeError(expected=f"at most {max_rows} rows", got="more", do="send the filled-in export")
            if b"\0" in block:
                raise BadInputError(expected="text", got="a byte that is none", where="the file")
