"""The rules of a problem laid out over its candidates: rows (quotas, totals, the capacity) and groups (at most per).

Every declared rule keeps a name and a number, so that a price or a refusal can speak of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from targeting.domain import BadInputError
from targeting.planning.arrays import Flags, Places, Reals
from targeting.planning.candidates import Candidates
from targeting.planning.problem import Problem, Total

__all__ = ["CAPACITY", "Rules", "cell_of_each", "lay_out"]

CAPACITY: Final = "capacity"
_MISSING: Final = "missing"
_QUOTA_SIZE: Final = 20
"""A column whose values hold this many candidates on average is a quota (county), not a kinship (enterprise)."""


@dataclass(frozen=True, eq=False)
class Rules:
    """`lower <= rows @ x <= upper`, and per grouping at most `caps[g][k]` in group k. Row 0 is the capacity.

    `row_rule` and `group_rule` give the number of the declared rule in `names`; `names[0]` is the capacity.
    """

    names: tuple[str, ...]
    rows: csr_array
    lower: Reals
    upper: Reals
    row_rule: Places
    row_names: tuple[str, ...]
    groups: tuple[Places, ...]
    caps: tuple[Reals, ...]
    group_rule: tuple[int, ...]

    @property
    def capacity(self) -> int:
        """How many slots there are (every candidate, once the capacity is lifted)."""
        return int(min(self.upper[0], self.rows.shape[1]))

    def take(self, places: Places) -> Rules:
        """The same rules over a subset of the candidates."""
        return replace(self, rows=self.rows[:, places], groups=tuple(group[places] for group in self.groups))

    def after(self, chosen: Places) -> Rules:
        """What is left of every bound once `chosen` are in the plan; the candidates stay the same."""
        used = np.asarray(self.rows[:, chosen].sum(axis=1)).ravel()
        taken = tuple(np.bincount(g[chosen], minlength=len(c)) for g, c in zip(self.groups, self.caps, strict=True))
        caps = tuple(cap - count for cap, count in zip(self.caps, taken, strict=True))
        return replace(self, lower=self.lower - used, upper=self.upper - used, caps=caps)

    def without(self, rule: int) -> Rules:
        """The same problem with one declared rule lifted."""
        lifted = self.row_rule == rule
        caps = tuple(
            np.full_like(cap, np.inf) if number == rule else cap
            for cap, number in zip(self.caps, self.group_rule, strict=True)
        )
        lower, upper = np.where(lifted, -np.inf, self.lower), np.where(lifted, np.inf, self.upper)
        return replace(self, lower=lower, upper=upper, caps=caps)

    def open_places(self) -> Places:
        """Candidates that no group cap and no upper bound, taken alone, shuts out."""
        shut = np.zeros(self.rows.shape[1], dtype=bool)
        for group, cap in zip(self.groups, self.caps, strict=True):
            shut |= cap[group] < 1
        columns = self.rows.tocsc()
        over = columns.data > self.upper[columns.indices] + 1e-9
        shut[np.repeat(np.arange(shut.size), np.diff(columns.indptr))[over]] = True
        return np.flatnonzero(~shut).astype(np.int64)

    def broken_by(self, chosen: Places) -> tuple[str, ...]:
        """The names of the rules that a plan of `chosen` would break; empty when it respects all."""
        left = self.after(chosen)
        rows = self.row_rule[(left.lower > 1e-6) | (left.upper < -1e-6)]
        grouped = [rule for rule, cap in zip(self.group_rule, left.caps, strict=True) if (cap < 0).any()]
        return tuple(self.names[rule] for rule in sorted({*rows.tolist(), *grouped}))


class _Row(NamedTuple):
    name: str
    weights: Reals
    lower: float
    upper: float


class _Grouping(NamedTuple):
    codes: Places
    labels: tuple[str, ...]


def lay_out(problem: Problem, candidates: Candidates) -> Rules:
    """The rules of `problem` over exactly these candidates. Raises `BadInputError` on a column that is not there."""
    names = [CAPACITY]
    rows = [(0, _Row(CAPACITY, np.ones(len(candidates)), -np.inf, problem.capacity))]
    groups: list[tuple[int, Places, Reals]] = []
    for row in _declared_rows(problem, candidates):
        rows.append((len(names), row))
        names.append(row.name)
    for per in problem.at_most_per:
        codes, labels = _grouping(candidates, per.column)
        if len(candidates) >= _QUOTA_SIZE * max(1, len(labels)):
            subjects = [f"at most {per.count} where {per.column}={label}" for label in labels]
            rows += [(len(names), _Row(s, 1.0 * (codes == k), -np.inf, per.count)) for k, s in enumerate(subjects)]
        else:
            groups.append((len(names), codes, np.full(len(labels), float(per.count))))
        names.append(per.name)
    return _rules(tuple(names), rows, groups)


def _declared_rows(problem: Problem, candidates: Candidates) -> list[_Row]:
    quotas = [
        _Row(rule.name, candidates.where(rule.where).astype(float), rule.count, np.inf) for rule in problem.at_least
    ]
    quotas += [
        _Row(rule.name, candidates.where(rule.where).astype(float), -np.inf, rule.count) for rule in problem.at_most
    ]
    return quotas + [_Row(rule.name, _weights(candidates, rule), -np.inf, rule.at_most) for rule in problem.total]


def _weights(candidates: Candidates, rule: Total) -> Reals:
    """What each row adds to a total, never negative; `BadInputError` for a value that the rule gives no weight."""
    if rule.weights:
        return _declared_weights(candidates, rule)
    numbers = candidates.numbers(rule.column)
    if (numbers < 0).any():
        raise BadInputError(
            expected="numbers of at least 0, as they add up to a total",
            got=f"{numbers.min():g}",
            where=f"candidates.{rule.column}",
            do="correct the column",
        )
    return numbers


def _declared_weights(candidates: Candidates, rule: Total) -> Reals:
    declared = dict(rule.weights)
    values = [_MISSING if value is None else str(value) for value in candidates.column(rule.column).to_pylist()]
    if unknown := sorted(set(values) - declared.keys()):
        raise BadInputError(
            expected=f"a weight for every value of {rule.column}",
            got=f"none for {', '.join(unknown[:5])}",
            where=f"total {rule.column}",
            do=f"add it to the weights ({_MISSING} stands for rows without a value)",
        )
    return np.array([declared[value] for value in values], dtype=float)


def _rules(names: tuple[str, ...], rows: list[tuple[int, _Row]], groups: list[tuple[int, Places, Reals]]) -> Rules:
    return Rules(
        names=names,
        rows=_matrix([row.weights for _, row in rows]),
        lower=np.array([row.lower for _, row in rows], dtype=float),
        upper=np.array([row.upper for _, row in rows], dtype=float),
        row_rule=np.array([rule for rule, _ in rows], dtype=np.int64),
        row_names=tuple(row.name for _, row in rows),
        groups=tuple(codes for _, codes, _ in groups),
        caps=tuple(caps for _, _, caps in groups),
        group_rule=tuple(rule for rule, _, _ in groups),
    )


def _matrix(weights: list[Reals]) -> csr_array:
    filled = [np.flatnonzero(row) for row in weights]
    data = np.concatenate([row[places] for row, places in zip(weights, filled, strict=True)])
    ends = np.cumsum([0, *(places.size for places in filled)])
    return csr_array((data, np.concatenate(filled), ends), shape=(len(weights), weights[0].size))


def _grouping(candidates: Candidates, column: str) -> _Grouping:
    """A code per row; rows without a value are each alone: not knowing the owner must not tie strangers together."""
    found = candidates.column(column).combine_chunks()
    if pa.types.is_nested(found.type):
        raise BadInputError(
            expected="a column with one value a row, to count by",
            got=f"{column} with {found.type}",
            where=f"candidates.{column}",
            do="write an at_most rule for each of its values",
        )
    if not pa.types.is_dictionary(found.type):
        found = pc.dictionary_encode(found)
    codes = found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    missing: Flags = codes < 0
    used, codes[~missing] = np.unique(codes[~missing], return_inverse=True)
    codes[missing] = used.size + np.arange(int(missing.sum()))
    labels = found.dictionary.take(pa.array(used)).to_pylist() + [_MISSING] * int(missing.sum())
    return _Grouping(codes, tuple(str(label) for label in labels))


def cell_of_each(rules: Rules) -> Places:
    """A cell number per candidate: same cell, same weight in every row. Cells are numbered 0, 1, 2 and on."""
    cells = np.zeros(rules.rows.shape[1], dtype=np.int64)
    for row in range(1, rules.rows.shape[0]):
        weights = np.zeros(cells.size)
        span = slice(rules.rows.indptr[row], rules.rows.indptr[row + 1])
        weights[rules.rows.indices[span]] = rules.rows.data[span]
        kinds = (weights != 0).astype(np.int64) if set(np.unique(rules.rows.data[span])) <= {1.0} else _codes(weights)
        cells = cells * (int(kinds.max(initial=0)) + 1) + kinds
        if cells.size and cells.max() > 1 << 40:
            cells = _codes(cells)
    return _codes(cells)


def _codes(values: Reals | Places) -> Places:
    codes: Places = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return codes
