"""What the list of candidates may be asked for, and which rows of a ranking that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlencode

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import Query
from pydantic import Field

from api.fragments import Rows
from api.pages.languages import Language
from api.ranked_list import RankedList
from api.schemas.rankings import RankingFilters
from api.served_run import ServedRun
from targeting.domain import IndustryCode, Standard, Target
from targeting.parameters import sections
from targeting.parameters.sections import Section
from targeting.published import SIZE_CLASSES

__all__ = ["AskedCandidates", "CandidateQuery", "Order", "SizeClass", "chosen_rows", "sections_in"]

Order = Literal["rank", "-rank", "score", "-score", "employees", "-employees", "inspected", "-inspected"]
"""What the list is ordered by: from the lowest, the earliest, or with a minus from the highest, the latest."""
SizeClass = Literal["1-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250+"]

_MONTHS: Final = 12
_FACTS: Final = ("establishment", "name", "industry", "size_class", "age_months")


class CandidateQuery(RankingFilters):
    """The filters of a ranking and some more, which list, which page of it, and the language.

    `text` is part of a name or the beginning of a number; a sole proprietor, whose name is a person's, is found by
    number alone.
    """

    target: Target = Target.BHT_USE
    section: Annotated[str | None, Field(pattern=r"^[A-Z]$")] = None
    size: SizeClass | None = None
    age_years_min: Annotated[int | None, Field(ge=0, le=200)] = None
    text: Annotated[str | None, Field(max_length=100)] = None
    sort: Order = "rank"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    lang: Language | None = None

    @property
    def filters(self) -> RankingFilters:
        """The filters that every ranking has."""
        return RankingFilters(**self.model_dump(include=set(RankingFilters.model_fields)))

    @property
    def narrowed(self) -> dict[str, object]:
        """Which filters are set, as they stand in the address."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"target", "sort", "page", "lang"})

    def address(self, path: str, page: int | None = None, sort: Order | None = None) -> str:
        """`path` with these filters in this order, or in the order `sort`, at `page`; the language is remembered."""
        order = sort or self.sort
        ordered = {"sort": order} if order != "rank" else {}
        paged = {"page": page} if page and page > 1 else {}
        return f"{path}?{urlencode({'target': self.target.value, **self.narrowed, **ordered, **paged})}"


AskedCandidates = Annotated[CandidateQuery, Query()]


def chosen_rows(run: ServedRun, query: CandidateQuery) -> Rows:
    """The rows of the ranking that pass every filter, in the order asked for."""
    return _ordered(run.ranking(query.target), _passing(run, query), query.sort)


def _ordered(ranked: RankedList, rows: Rows, sort: Order) -> Rows:
    """`rows`, which are in rank order, in the order of `sort`; equal ones stay in rank order.

    Who was never inspected was inspected longest ago; whose number of employees is not known comes last either way.
    """
    match sort:
        case "rank" | "-score":
            return rows
        case "-rank" | "score":
            return rows[::-1]
        case "inspected" | "-inspected":
            keys = ranked.values("last_inspected_on", rows)
            return rows[np.argsort(-keys if sort.startswith("-") else keys, kind="stable")]
        case _:
            keys = ranked.values("employees_low", rows)
            signed = -keys if sort.startswith("-") else np.where(keys < 0, np.iinfo(np.int64).max, keys)
            return rows[np.argsort(signed, kind="stable")]


def _passing(run: ServedRun, query: CandidateQuery) -> Rows:
    """In rank order."""
    ranked = run.ranking(query.target)
    rows = ranked.passing(query.filters).rows()
    if all(one is None for one in (query.section, query.size, query.age_years_min, query.text)):
        return rows
    facts = ranked.columns(_FACTS, rows)
    kept = np.ones(len(rows), dtype=np.bool_)
    for mask in _masks(facts, query):
        kept &= mask.fill_null(False).to_numpy(zero_copy_only=False)  # what is not known passes no filter
    return rows[kept]


def _masks(facts: pa.Table, query: CandidateQuery) -> Iterator[pa.Array]:
    if query.section is not None:
        yield pc.is_in(pc.utf8_slice_codeunits(_flat(facts, "industry"), 0, 2), value_set=_divisions(query.section))
    if query.size is not None:
        yield pc.equal(_flat(facts, "size_class"), query.size)
    if query.age_years_min is not None:
        yield pc.greater_equal(_flat(facts, "age_months"), query.age_years_min * _MONTHS)
    if query.text:
        yield _found(facts, query.text.strip())


def _found(facts: pa.Table, text: str) -> pa.Array:
    named = pc.match_substring(_flat(facts, "name"), text, ignore_case=True).fill_null(False)
    numbered = pc.starts_with(_flat(facts, "establishment").cast(pa.string()), text.replace(" ", "") or "-")
    return pc.or_(named, numbered)


def _flat(facts: pa.Table, name: str) -> pa.Array:
    values = facts.column(name).combine_chunks()
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _divisions(letter: str) -> pa.Array:
    return pa.array([division for division, section in _SECTIONS.items() if section.letter == letter], pa.string())


def sections_in(run: ServedRun) -> list[Section]:
    """The sections (SN2007, which the harmonised code is written in) that the run has establishments of."""
    divisions = {code[:2] for ranked in run.lists.values() for code in ranked.words["industry"] if code}
    found = {_SECTIONS[one].letter: _SECTIONS[one] for one in divisions if one in _SECTIONS}
    return [found[letter] for letter in sorted(found)]


def _known_sections() -> dict[str, Section]:
    """Every division of SN2007 with its section."""
    codes = (IndustryCode(f"{division:02d}.000", Standard.SN2007) for division in range(1, 100))
    found = ((code.division, sections.section_of(code)) for code in codes)
    return {division: section for division, section in found if section is not None}


_SECTIONS: Final = _known_sections()

assert set(get_args(SizeClass)) == set(SIZE_CLASSES)
