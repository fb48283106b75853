"""Tables a reader can check by eye: one header line, one line a row, columns parted by `|`."""

from __future__ import annotations

from datetime import date

__all__ = ["rows_of"]


def rows_of(text: str) -> list[dict[str, object]]:
    """The rows of an ASCII table. Empty is null; `yes`/`no` are flags; digits are numbers; YYYY-MM-DD is a day.

    A cell in quotes stays text.

    >>> rows_of(''' unit | known_on   | employees | bankrupt | code
    ...             E1   | 2026-01-01 |           | yes      | '0301' ''')
    [{'unit': 'E1', 'known_on': datetime.date(2026, 1, 1), 'employees': None, 'bankrupt': True, 'code': '0301'}]
    """
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], map(_value, line), strict=True)) for line in lines[1:]]


def _value(cell: str) -> object:
    if cell in ("", "yes", "no"):
        return {"": None, "yes": True, "no": False}[cell]
    if cell.startswith("'") and cell.endswith("'"):
        return cell[1:-1]
    if cell.isdigit():
        return int(cell)
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell
