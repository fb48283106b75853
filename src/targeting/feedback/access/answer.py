"""An answer to an access request as one value: what is held, why, what was scored, what was planned, who saw it.

Texts stand in both languages. Nothing in it tells whether there is anything behind an exemption.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

__all__ = [
    "AccessAnswer",
    "CorrectionTold",
    "Exemption",
    "Fact",
    "Holding",
    "PlanTold",
    "ReasonTold",
    "ScoreTold",
    "Seen",
    "Words",
]


class Words(NamedTuple):
    """One text in both languages."""

    nb: str
    en: str


@dataclass(frozen=True, slots=True)
class Holding:
    """What one register told about one number: how many rows, the first and last day known, and by what law.

    `values` are the rows themselves, superseded ones too; null where only the index is at hand.
    """

    number: str
    table: str
    title: Words
    holds: Words
    keeper: Words
    basis: Words
    rows: int
    first_known_on: date
    last_known_on: date
    values: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One published fact of the run in service, as it is published and in words.

    `known_on` is the newest day of its register's rows, if told.
    """

    establishment: str
    field: str
    title: Words
    value: Any
    said: Words
    table: str
    known_on: date | None


@dataclass(frozen=True, slots=True)
class ReasonTold:
    """One reason of a score; `raises` says which way it pushes, `contribution` how hard, in log-odds."""

    text: Words
    raises: bool
    contribution: float


@dataclass(frozen=True, slots=True)
class ScoreTold:
    """One score of one run. With a `band`, `score`, `low` and `high` are those of the whole band.

    `rank` is the place among `among`; `listing_probability` that of being among the first when the model is fitted to
    other samples; null where nobody asked that.
    """

    establishment: str
    run: str
    as_of: date
    target: str
    title: Words
    asks: Words
    basis: Words
    score: float
    low: float
    high: float
    band: Words | None
    rank: int
    among: int | None
    listing_probability: float | None
    release: str
    trained_until: str
    reasons: tuple[ReasonTold, ...]


@dataclass(frozen=True, slots=True)
class PlanTold:
    """A plan that listed the establishment and is over for it. `breach` is null where nobody inspected."""

    establishment: str
    plan: str
    target: str
    title: Words
    proposed_on: date
    state: Words
    part: Words
    breach: bool | None
    inspected_on: date | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: the moment, whose (numbered within this answer, or by name where that was decided), and what for."""

    at: str
    who: Words
    purpose: Words


@dataclass(frozen=True, slots=True)
class CorrectionTold:
    """A value that was corrected, and the runs that were the first to contain the correction."""

    number: str
    table: str
    field: str
    known_on: date
    disputed: str | None
    value: str | None
    why: str
    rescored_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exemption:
    """What is withheld, by which clause, and why. Stated in every answer, whatever there is."""

    id: str
    what: Words
    clause: Words
    why: Words


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """The whole answer. `kind` is establishment, enterprise or unknown; `complete`: rows are told, not only counted."""

    number: str
    kind: str
    on: date
    complete: bool
    right: Words
    establishments: tuple[str, ...]
    holdings: tuple[Holding, ...]
    facts: tuple[Fact, ...]
    scores: tuple[ScoreTold, ...]
    plans: tuple[PlanTold, ...]
    seen: tuple[Seen, ...]
    corrections: tuple[CorrectionTold, ...]
    exemptions: tuple[Exemption, ...]

    def to_value(self) -> dict[str, Any]:
        """The answer as plain JSON values: days as text, pairs of texts as {nb, en}."""
        plain: dict[str, Any] = _plain(_with_words(self))
        return plain

    def to_json(self) -> str:
        """The answer as JSON text, the same for the same answer."""
        return json.dumps(self.to_value(), ensure_ascii=False, indent=2) + "\n"


def _with_words(value: object) -> object:
    """Dataclasses as mappings; `asdict` would make lists of the pairs."""
    if isinstance(value, Words):
        return value._asdict()
    if hasattr(value, "__dataclass_fields__"):
        return {name: _with_words(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple | list):
        return [_with_words(one) for one in value]
    return value


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
