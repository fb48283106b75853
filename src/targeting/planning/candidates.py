"""Who may be planned: a checked candidates table, and every excluded row with its reason.

Grain: one row per establishment. Rows are sorted by organisation number, so that the order of a file decides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import BadInputError
from targeting.planning.arrays import Flags, Places, Reals
from targeting.planning.problem import Exclusion, Objective, ObjectiveKind, Problem, Value, Where

__all__ = ["Candidates", "Eligibility", "eligibility", "read_candidates", "tie_numbers", "ties"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """A table with unique, sorted `establishment`; `names` holds that column as Python strings."""

    rows: pa.Table

    @cached_property
    def names(self) -> list[str]:
        """The organisation numbers, in row order."""
        listed: list[str] = self.rows.column("establishment").to_pylist()
        return listed

    def __len__(self) -> int:
        count: int = self.rows.num_rows
        return count

    def take(self, places: Places) -> Candidates:
        """Only the rows at `places`, which must be ascending."""
        return Candidates(self.rows.take(pa.array(places)))

    def column(self, name: str) -> pa.ChunkedArray:
        """A column by name, or `BadInputError` listing what there is."""
        if name not in self.rows.column_names:
            raise BadInputError(
                expected=f"a candidates column {name}, which the problem names",
                got=f"the columns {', '.join(self.rows.column_names)}",
                where="candidates",
                do="add the column, or change the problem",
            )
        return self.rows.column(name)

    def numbers(self, name: str) -> Reals:
        """A numeric column without nulls, or `BadInputError`."""
        try:
            values = self.column(name).cast(pa.float64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
            raise _bad(name, "numbers", str(cause)) from cause
        array: Reals = values.to_numpy().astype(np.float64)
        if values.null_count or not np.isfinite(array).all():
            raise _bad(name, "a finite number in every row", "one that is empty or not finite")
        return array

    def chances(self, name: str) -> Reals:
        """A column of probabilities, or `BadInputError`: sums of them are expected breaches."""
        array = self.numbers(name)
        outside = array[(array < 0) | (array > 1)]
        if outside.size:
            raise _bad(
                name, "a probability from 0 to 1 in every row", f"{outside.size} outside, such as {outside[0]:g}"
            )
        return array

    def holds(self, column: str, values: tuple[Value, ...]) -> Flags:
        """Per row, whether `column` holds one of `values` (a list column: contains one). Missing: false."""
        found = self.column(column).combine_chunks()
        if pa.types.is_list(found.type) or pa.types.is_large_list(found.type):
            return self._contains(found, column, values)
        if pa.types.is_null(found.type):
            return np.zeros(len(self), dtype=bool)
        return _is_in(found, column, values)

    def where(self, rule: Where) -> Flags:
        """Per row, whether every condition of `rule` holds."""
        flags = np.ones(len(self), dtype=bool)
        for column, values in rule.conditions:
            flags &= self.holds(column, values)
        return flags

    def values(self, objective: Objective) -> Reals:
        """What each row is worth under `objective`, in expected breaches, severity or employees."""
        score = self.numbers(objective.score)
        worth = np.zeros(len(self))
        for kind, weight in objective.weights:
            worth += weight * score * self._exposure(kind, objective)
        return worth

    def _exposure(self, kind: ObjectiveKind, objective: Objective) -> Reals | float:
        if kind is ObjectiveKind.SEVERITY:
            return self.numbers(objective.severity)
        return self.numbers(objective.employees) if kind is ObjectiveKind.EMPLOYEES else 1.0

    def _contains(self, found: pa.Array, column: str, values: tuple[Value, ...]) -> Flags:
        flags = np.zeros(len(self), dtype=bool)
        parents = pc.list_parent_indices(found).to_numpy(zero_copy_only=False)
        flags[parents[_is_in(pc.list_flatten(found), column, values)]] = True
        return flags


def _is_in(found: pa.ChunkedArray | pa.Array, column: str, values: tuple[Value, ...]) -> Flags:
    coded = pa.types.is_dictionary(found.type)
    among = found.dictionary if coded else found
    try:
        wanted = pa.array(list(values)).cast(among.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as cause:
        raise _bad(column, f"values of the column's type {among.type}", repr(list(values))) from cause
    flags: Flags = pc.is_in(among, value_set=wanted).to_numpy(zero_copy_only=False).astype(bool)
    if not coded:
        return flags
    codes = found.indices.fill_null(flags.size).to_numpy(zero_copy_only=False)  # no value: the false at the end
    return np.asarray(np.r_[flags, False][codes])


def _bad(column: str, expected: str, got: str) -> BadInputError:
    return BadInputError(expected=expected, got=got, where=f"candidates.{column}", do="correct the column")


def read_candidates(rows: pa.Table) -> Candidates:
    """Check and sort a candidates table; texts are coded, as every rule compares them again and again.

    Raises `BadInputError` on missing or repeated establishments.
    """
    found = Candidates(rows)
    numbers = found.column("establishment").cast(pa.string())
    if numbers.null_count:
        raise _bad("establishment", "a number in every row", f"{numbers.null_count} empty")
    if (distinct := pc.count_distinct(numbers).as_py()) != len(found):
        raise _bad("establishment", "each establishment once", f"{len(found) - distinct} repeated")
    rows = rows.set_column(rows.column_names.index("establishment"), "establishment", numbers)
    rows = rows.take(pc.sort_indices(numbers)).combine_chunks()
    for place, column in enumerate(rows.schema):
        if pa.types.is_string(column.type) and column.name != "establishment":
            rows = rows.set_column(place, column.name, pc.dictionary_encode(rows.column(place)).combine_chunks())
    return Candidates(rows)


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Per row the number of the first rule that excludes it (-1: eligible), and how many rows each rule took."""

    rule: Places
    reasons: tuple[str, ...]

    @property
    def eligible(self) -> Places:
        """Positions of the rows that may be planned."""
        return np.flatnonzero(self.rule < 0).astype(np.int64)

    @property
    def counts(self) -> dict[str, int]:
        """Excluded rows by reason; they add up, because a row keeps the first reason that holds."""
        return {name: int((self.rule == number).sum()) for number, name in enumerate(self.reasons)}


def eligibility(problem: Problem, candidates: Candidates) -> Eligibility:
    """Apply the problem's exclusions in their written order."""
    rule = np.full(len(candidates), -1, dtype=np.int64)
    for number, exclusion in enumerate(problem.exclude):
        rule[(rule < 0) & _excluded(exclusion, candidates)] = number
    return Eligibility(rule, tuple(exclusion.name for exclusion in problem.exclude))


def _excluded(exclusion: Exclusion, candidates: Candidates) -> Flags:
    flags = _barred(exclusion, candidates)
    return flags & ~candidates.where(exclusion.unless) if exclusion.unless else flags


def _barred(exclusion: Exclusion, candidates: Candidates) -> Flags:
    if exclusion.values:
        return candidates.holds(exclusion.column, exclusion.values)
    try:
        numbers = candidates.column(exclusion.column).cast(pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        raise _bad(exclusion.column, "numbers, to compare with a bound", str(cause)) from cause
    below = numbers < exclusion.below if exclusion.below is not None else np.zeros(len(numbers), dtype=bool)
    above = numbers > exclusion.above if exclusion.above is not None else np.zeros(len(numbers), dtype=bool)
    flags: Flags = np.asarray(below | above)  # a missing value compares false both ways
    return flags


def tie_numbers(seed: int, candidates: Candidates) -> Reals:
    """What breaks ties, smaller first: the numbers of `ties`, dealt in the order of the column `rank` if there is one.

    A published score may be that of a whole band, inside which the rank goes on telling better from worse. The rank
    itself would not do: many sums of ranks are equal, hardly any sums of these numbers are.
    """
    drawn = ties(seed, candidates.names)
    if "rank" not in candidates.rows.column_names:
        return drawn
    dealt = np.empty_like(drawn)
    dealt[np.lexsort((drawn, candidates.numbers("rank")))] = np.sort(drawn)
    return dealt


def ties(seed: int, establishments: Iterable[str]) -> Reals:
    """The tie-break as numbers in [0, 1): the first 52 bits of sha256 of `seed:establishment`; smaller comes first.

    >>> ties(7, ["312902168"]) == int("8181077", 16) / 16**7
    array([False])
    >>> round(float(ties(7, ["312902168"])[0]), 4)
    0.5059
    """
    return np.array(
        [int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:7], "big") >> 4 for name in establishments],
        dtype=np.float64,
    ) / float(1 << 52)
