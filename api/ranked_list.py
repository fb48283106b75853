"""One target's ranking, ready to filter and to send, without an object for any row that is not sent.

Its columns are NumPy arrays over the mapped file, block by block. A filter is a comparison of such an array, whose
outcome is kept as bits.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial, reduce
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from api.fragments import Column, Fragments, Rows, gathered
from api.schemas.rankings import RankingFilters, RankingRow
from targeting.domain import AsOf, OrganisationNumber, Target
from targeting.published import PublishedRun
from targeting.published.list_columns import AREA, NEVER, UNKNOWN, WORDS

__all__ = ["Passing", "RankedList", "months_before", "ranked_list"]

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Bits = np.ndarray[tuple[int], np.dtype[np.uint8]]

_MOST: Final = 2**31 - 1
_WORD: Final = 8
_WORD_BITS: Final = 64
_KEPT: Final = 128
"""Tests whose bits are kept: at most 15 MB where a list has 950 000 rows."""
_EPOCH: Final = date(1970, 1, 1)
_NUMBERS: Final = ("rank", "establishment", "employees_low", "employees_high", "last_inspected_on")


class _Within(NamedTuple):
    """Passed by values of a column from `low` to `high`, both included."""

    column: str
    low: int
    high: int

    def passed(self, values: Column) -> Mask:
        if self.low == self.high:
            return np.equal(values, self.low)
        if self.high >= _MOST:
            return np.greater_equal(values, self.low)
        if self.low <= NEVER:
            return np.less_equal(values, self.high)
        return np.greater_equal(values, self.low) & np.less_equal(values, self.high)


_NONE: Final = _Within("rank", UNKNOWN, UNKNOWN)  # no rank is negative
_ALL: Final = _Within("rank", 0, _MOST)


@dataclass(frozen=True)
class Passing:
    """Which rows of a list pass: one bit each, the highest of a byte first.

    Not as row indices: a page needs few of them, and finding all takes longer than combining all filters.
    """

    bits: Bits

    def __len__(self) -> int:
        return int(np.bitwise_count(self.bits.view(np.uint64)).sum(dtype=np.int64))

    def rows(self) -> Rows:
        """All of them, in rank order."""
        return np.flatnonzero(np.unpackbits(self.bits))

    def first(self, count: int, begin: int) -> Rows:
        """The first `count` of them, or as many as there are, from row `begin` on."""
        words = np.flatnonzero(self.bits.view(np.uint64)[begin // _WORD_BITS :]) + begin // _WORD_BITS
        words = words[: count + 1]  # each has a row; those of the first one may all lie before `begin`
        places, bits = np.divmod(
            np.flatnonzero(np.unpackbits(self.bits.reshape(-1, _WORD)[words]).view(np.bool_)), _WORD_BITS
        )
        rows = words[places] * _WORD_BITS + bits
        return rows[np.searchsorted(rows, begin) :][:count]


@dataclass(frozen=True)
class RankedList:
    """One target's rows in rank order. `fragments[i]` is the JSON object of row i (a `RankingRow`).

    `words` holds the distinct values of each coded column, `blocks` the columns of each block as arrays, `bits` who
    passes one test. `content` is equal for equal lists.
    """

    target: Target
    release: str
    as_of: AsOf
    content: str
    fragments: Fragments
    words: Mapping[str, Sequence[str | None]]
    blocks: tuple[Mapping[str, Column], ...]
    bits: Callable[[_Within], Bits]

    def __len__(self) -> int:
        return len(self.fragments)

    def passing(self, filters: RankingFilters) -> Passing:
        """The rows that pass every filter."""
        return Passing(reduce(np.bitwise_and, map(self.bits, self._tests(filters)), self.bits(_ALL)))

    def values(self, column: str, rows: Rows) -> Rows:
        """The numbers of a column at these rows, in this order: see `list_columns` for what stands for null."""
        return gathered([block[column] for block in self.blocks], self.fragments.block, rows)

    def rank(self, row: int) -> int:
        """The rank of a row. Not its index: where rows were taken out of a run, ranks have gaps."""
        block, inside = divmod(row, self.fragments.block)
        return int(self.blocks[block]["rank"][inside])

    def after(self, rank: int) -> int:
        """The first row that comes after `rank`."""
        sought = np.int32(min(max(rank, 0), _MOST))  # of the column's own type, or the whole column is converted first
        return sum(int(np.searchsorted(block["rank"], sought, "right")) for block in self.blocks)

    def row_of(self, number: OrganisationNumber) -> RankingRow | None:
        """The row of an establishment; None outside the cohort."""
        for place, block in enumerate(self.blocks):
            found = np.flatnonzero(block["establishment"] == int(number.value))
            if len(found):
                return RankingRow.model_validate_json(self.fragments[int(found[0]) + place * self.fragments.block])
        return None

    def columns(self, names: Sequence[str], rows: Rows) -> pa.Table:
        """Columns of the list at these rows, in this order; see `list_columns` for what stands for null."""
        listed = pa.Table.from_batches([block.select(names) for block in self.fragments.mapped.blocks])
        return listed.take(pa.array(rows))

    def _tests(self, filters: RankingFilters) -> Iterator[_Within]:
        equal = {
            "municipality": filters.municipality,
            "county": filters.county,
            "industry_standard": filters.standard,
            "bht_duty": filters.duty,
        }
        for column, wanted in equal.items():
            if wanted is not None:
                yield self._words_from(column, wanted, _is)
        if filters.industry is not None:
            yield self._words_from("industry_code", filters.industry, str.startswith)
        if filters.area is not None:
            column = f"{AREA}{filters.area}"
            yield _Within(column, 1, 1) if column in self.blocks[0] else _NONE
        if filters.employees_max is not None:
            yield _Within("employees_high", 0, filters.employees_max)
        if filters.employees_min is not None:
            yield _Within("employees_low", filters.employees_min, _MOST)
        if filters.cool_off_months is not None:
            since = months_before(self.as_of.day, filters.cool_off_months)
            yield _Within("last_inspected_on", NEVER, (since - _EPOCH).days - 1)

    def _words_from(self, column: str, wanted: str, passes: Callable[[str, str], bool]) -> _Within:
        """Decided once per distinct word. Words are sorted, so those of one beginning lie side by side."""
        codes = [code for code, word in enumerate(self.words[column]) if word is not None and passes(word, wanted)]
        return _Within(column, codes[0], codes[-1]) if codes else _NONE


def _is(word: str, wanted: str) -> bool:
    return word == wanted


def _bits(blocks: Sequence[Mapping[str, Column]], test: _Within) -> Bits:
    """Who passes `test`, filled up with zeros to whole words of 64. Blocks but the last are whole bytes long."""
    packed = np.concatenate([np.packbits(test.passed(block[test.column])) for block in blocks])
    return np.pad(packed, (0, -len(packed) % _WORD))


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or that month's last day when it is shorter.

    >>> months_before(date(2027, 1, 1), 24), months_before(date(2027, 3, 31), 1)
    (datetime.date(2025, 1, 1), datetime.date(2027, 2, 28))
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def ranked_list(run: PublishedRun, target: Target) -> RankedList:
    """The ranking of `target` in `run`, mapped.

    Raises `NotFoundError` when the run did not score the target, `BadInputError` when its list is not as published.
    """
    mapped = run.ranked_list(target)
    blocks = tuple(_arrays(block) for block in mapped.blocks)
    return RankedList(
        target=target,
        release=run.about.targets[target].release,
        as_of=run.about.as_of,
        content=mapped.content,
        fragments=Fragments.of(mapped),
        words={name: mapped.dictionary(name) for name in WORDS},
        blocks=blocks,
        # Planners ask for the same counties and industries again and again: an eighth of a byte a row is kept of each.
        bits=lru_cache(_KEPT)(partial(_bits, blocks)),
    )


def _arrays(block: pa.RecordBatch) -> dict[str, Column]:
    codes = {name: block.column(name).indices.to_numpy() for name in WORDS}
    areas = [name for name in block.schema.names if name.startswith(AREA)]
    return codes | {name: block.column(name).to_numpy() for name in (*_NUMBERS, *areas)}
