"""Run as a process of its own by `workbook`: open PATH within bounds; exit 3 when a sheet has over MAX_ROWS rows."""

from __future__ import annotations

import resource
import sys

from python_calamine import CalamineWorkbook

_BYTES = 768 * 1024 * 1024
_SECONDS = 10
_TOO_MANY_ROWS = 3


def main(path: str, max_rows: int) -> int:
    """Read every sheet. Whoever asks for more memory or time than there is does not come back."""
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        if len(book.get_sheet_by_name(name).to_python()) > max_rows + 1:
            return _TOO_MANY_ROWS
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
