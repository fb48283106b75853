"""The pages of one ranking. What was found for one planner serves the next: a published list never changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

import orjson

from api.cursor import read_cursor, write_cursor
from api.fragments import Rows
from api.ranked_list import RankedList
from api.schemas.rankings import RankingFilters

__all__ = ["Page", "RankingPages"]

_FOUND: Final = 4096
"""Pages whose row numbers are remembered, at eight bytes a row. Their text is not: copying it again takes no longer."""


class Page(NamedTuple):
    """Which rows a page has, how many pass the filters in all, and the cursor of the next page; null on the last."""

    rows: Rows
    total: int
    next: str | None


@dataclass(frozen=True, eq=False)
class RankingPages:
    """The pages of `ranked` in the run `run`; `head` is what every page says of itself before its rows."""

    run: str
    ranked: RankedList
    head: Mapping[str, Any]

    @cached_property
    def page(self) -> Callable[[RankingFilters, str | None, int], Page]:
        """`page(filters, cursor, limit)`: the first `limit` rows behind the cursor that pass every filter.

        Raises `GoneError` when the cursor is of another run, `BadInputError` when it is of another question.
        """
        return lru_cache(_FOUND)(self._page)

    def body(self, page: Page) -> bytes:
        """A page as a `RankingPage` in JSON."""
        head = orjson.dumps({**self.head, "total": page.total, "next": page.next})
        return b"".join((head[:-1], b',"rows":[', self.ranked.fragments.joined(page.rows), b"]}"))

    def _page(self, filters: RankingFilters, cursor: str | None, limit: int) -> Page:
        ranked = self.ranked
        after = read_cursor(cursor, self.run, ranked.target, filters) if cursor else 0
        passing = ranked.passing(filters)
        found = passing.first(limit + 1, ranked.after(after))  # one more, to know whether there is a next page
        rows = found[:limit]
        more = len(found) > len(rows)
        # The next page begins after the last rank shown, so nothing comes twice.
        following = write_cursor(self.run, ranked.target, filters, ranked.rank(int(rows[-1]))) if more else None
        return Page(rows, len(passing), following)
