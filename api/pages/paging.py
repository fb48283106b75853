"""Pages of a list by number."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Pages", "pages_of"]


class Pages(NamedTuple):
    """Page `page` of `pages` holds the rows `first` to `last` of `total`, counted from 1; an empty list has one."""

    page: int
    pages: int
    first: int
    last: int
    total: int


def pages_of(total: int, page: int, size: int) -> Pages:
    """The page asked for, or the last one when there are not so many.

    >>> tuple(pages_of(120, 3, 50)), tuple(pages_of(0, 1, 50)), tuple(pages_of(50, 9, 50))
    ((3, 3, 101, 120, 120), (1, 1, 1, 0, 0), (1, 1, 1, 50, 50))
    """
    pages = max(1, -(-total // size))
    shown = min(page, pages)
    return Pages(shown, pages, (shown - 1) * size + 1, min(shown * size, total), total)
