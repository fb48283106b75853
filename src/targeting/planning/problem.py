"""The planning problem as a frozen value: what to maximise, under which rules, with which share drawn at random.

Grain: one problem describes one plan. It holds no candidate and no score; the same problem can be solved again on
next quarter's scores. `problem_reading` builds it from TOML or JSON.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

__all__ = [
    "AtLeast",
    "AtMost",
    "AtMostPer",
    "Exclusion",
    "Exploration",
    "Objective",
    "ObjectiveKind",
    "Problem",
    "Standby",
    "Total",
    "Value",
    "Where",
]

Value = str | int | float | bool
Condition = tuple[str, tuple[Value, ...]]


class ObjectiveKind(StrEnum):
    """What a slot is worth.

    `breaches`: the score; `severity`: score times a severity column; `employees`: score times employees (employees
    expected to work where there is a breach); `mix`: a declared weighted sum of the three.
    """

    BREACHES = "breaches"
    SEVERITY = "severity"
    EMPLOYEES = "employees"
    MIX = "mix"


@dataclass(frozen=True, slots=True)
class Objective:
    """What the plan maximises. `weights` holds one weight per kind; only a mix has more than one."""

    kind: ObjectiveKind = ObjectiveKind.BREACHES
    score: str = "score"
    severity: str = "severity"
    employees: str = "employees"
    weights: tuple[tuple[ObjectiveKind, float], ...] = ((ObjectiveKind.BREACHES, 1.0),)


@dataclass(frozen=True, slots=True)
class Where:
    """Which candidates a rule is about: every column holds one of its values (a list column: holds any of them).

    >>> Where((("county", ("03", "11")), ("size_class", ("1-4",)))).name
    'county=03|11 & size_class=1-4'
    """

    conditions: tuple[Condition, ...]

    @property
    def name(self) -> str:
        """The rule's subject in words a planner reads."""
        return " & ".join(f"{column}={'|'.join(_text(v) for v in values)}" for column, values in self.conditions)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` slots among `where`."""

    where: Where
    count: int

    @property
    def name(self) -> str:
        """How the rule is called in prices and refusals."""
        return f"at least {self.count} where {self.where.name}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most `count` slots among `where`."""

    where: Where
    count: int

    @property
    def name(self) -> str:
        """How the rule is called in prices and refusals."""
        return f"at most {self.count} where {self.where.name}"


@dataclass(frozen=True, slots=True)
class AtMostPer:
    """At most `count` slots for each value of `column`; a missing value is a group of its own for every row."""

    column: str
    count: int

    @property
    def name(self) -> str:
        """How the rule is called in prices and refusals."""
        return f"at most {self.count} per {self.column}"


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of `column` over all slots is at most `at_most` (inspector hours).

    `weights` says what each value of the column stands for (hours by size class); without it the column holds numbers.
    The value `missing` stands for rows without one.
    """

    column: str
    at_most: float
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """How the rule is called in prices and refusals."""
        return f"total {self.column} at most {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows that may not be planned: `column` holds one of `values`, or lies strictly below or above a bound.

    A missing value is never excluded: absence of knowledge is no ground for it. `unless` waives the rule where it
    holds (a tip or an accident ends a cool-down); there a missing value waives nothing.
    """

    column: str
    values: tuple[Value, ...] = ()
    below: float | None = None
    above: float | None = None
    unless: Where | None = None

    @property
    def name(self) -> str:
        """The reason an excluded row keeps."""
        return f"{self.column} {self._bounds}" + (f" unless {self.unless.name}" if self.unless else "")

    @property
    def _bounds(self) -> str:
        if self.values:
            return f"= {'|'.join(_text(v) for v in self.values)}"
        bounds = [f"below {self.below:g}"] if self.below is not None else []
        return " or ".join(bounds + ([f"above {self.above:g}"] if self.above is not None else []))


@dataclass(frozen=True, slots=True)
class Exploration:
    """The share of the capacity drawn with known probabilities, and in how many score bins.

    Three bins already take most of what the scores know; more of them leave fewer drawn in each to tell a variance by
    (decision 0014 holds the figures).
    """

    share: float = 0.0
    bins: int = 3


@dataclass(frozen=True, slots=True)
class Standby:
    """The best `count` candidates left over in each value of `per`."""

    per: str
    count: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One planning problem. Ties are broken by published rank if known, then sha256 of `seed:establishment`."""

    capacity: int
    seed: int = 0
    objective: Objective = Objective()
    exploration: Exploration = Exploration()
    at_least: tuple[AtLeast, ...] = ()
    at_most: tuple[AtMost, ...] = ()
    at_most_per: tuple[AtMostPer, ...] = ()
    total: tuple[Total, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    standby: tuple[Standby, ...] = ()

    @property
    def explored(self) -> int:
        """Slots drawn at random: the share of the capacity, rounded half to even.

        >>> Problem(capacity=300, exploration=Exploration(share=0.1)).explored
        30
        """
        return round(self.exploration.share * self.capacity)

    def as_json(self) -> dict[str, Any]:
        """The problem as plain values, for the plan's record."""
        document: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return document

    def digest(self, *, with_seed: bool = True) -> str:
        """The problem's sha256. Without the seed it names the exploration deck, which no seed may touch."""
        subject = self if with_seed else replace(self, seed=0)
        return hashlib.sha256(json.dumps(subject.as_json(), sort_keys=True).encode()).hexdigest()


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
