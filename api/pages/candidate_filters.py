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

from api.pages.languages import Language
from api.ranked_list import RankedList
from api.schemas.rankings import RankingFilters
from api.served_run import ServedRun
from targeting.domain import IndustryCode, Standard, Target
from targeting.parameters import sections
from targeting.parameters.sections import Section
from targeting.published import SIZE_CLASSES

__all__ = ["AskedCandidates", "CandidateQuery", "SizeClass", "chosen_rows", "sections_in"]

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
SizeClass = Literal["1-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250+"]

_MONTHS: Final = 12


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
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    lang: Language | None = None

    @property
    def filters(self) -> RankingFilters:
        """The filters that every ranking has."""
        return RankingFilters(**self.model_dump(include=set(RankingFilters.model_fields)))

    @property
    def narrowed(self) -> dict[str, object]:
        """Which filters are set, as they stand in the address."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"target", "page", "lang"})

    def address(self, path: str, page: int | None = None) -> str:
        """`path` with these filters, at `page`; the language is remembered and need not be in it."""
        asked = {"target": self.target.value, **self.narrowed, **({"page": page} if page and page > 1 else {})}
        return f"{path}?{urlencode(asked)}"


AskedCandidates = Annotated[CandidateQuery, Query()]


def chosen_rows(run: ServedRun, query: CandidateQuery) -> Rows:
    """The rows of the ranking that pass every filter, in rank order."""
    ranked = run.ranking(query.target)
    rows = ranked.matching(query.filters)
    if all(one is None for one in (query.section, query.size, query.age_years_min, query.text)):
        return rows
    facts = _facts(run, ranked, rows)
    kept = np.ones(len(rows), dtype=np.bool_)
    for mask in _masks(facts, query):
        kept &= mask.fill_null(False).to_numpy(zero_copy_only=False)  # what is not known passes no filter
    return rows[kept]


def _facts(run: ServedRun, ranked: RankedList, rows: Rows) -> pa.Table:
    names = ["establishment", "name", "industry", "size_class", "age_months", "sole_proprietor"]
    return run.published.establishments.select(names).take(pa.array(ranked.position[rows]))


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
    named = pc.match_substring(_flat(facts, "name"), text, ignore_case=True)
    numbered = pc.starts_with(_flat(facts, "establishment"), text.replace(" ", "") or "-")
    return pc.or_(pc.and_not(named, _flat(facts, "sole_proprietor")), numbered)


def _flat(facts: pa.Table, name: str) -> pa.Array:
    return facts.column(name).combine_chunks()


def _divisions(letter: str) -> pa.Array:
    return pa.array([division for division, section in _SECTIONS.items() if section.letter == letter], pa.string())


def sections_in(run: ServedRun) -> list[Section]:
    """The sections (SN2007, which the harmonised code is written in) that the run has establishments of."""
    divisions = pc.unique(pc.utf8_slice_codeunits(run.published.establishments.column("industry"), 0, 2)).to_pylist()
    found = {_SECTIONS[one].letter: _SECTIONS[one] for one in divisions if one in _SECTIONS}
    return [found[letter] for letter in sorted(found)]


def _known_sections() -> dict[str, Section]:
    """Every division of SN2007 with its section."""
    codes = (IndustryCode(f"{division:02d}.000", Standard.SN2007) for division in range(1, 100))
    found = ((code.division, sections.section_of(code)) for code in codes)
    return {division: section for division, section in found if section is not None}


_SECTIONS: Final = _known_sections()

assert set(get_args(SizeClass)) == set(SIZE_CLASSES)
