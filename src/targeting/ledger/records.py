"""What goes into the ledger and comes out of it, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from targeting.domain import BadInputError, Slot

__all__ = [
    "Event",
    "Outcome",
    "OutcomeResult",
    "PlanRecord",
    "ProposedSlot",
    "SlotChange",
    "SlotChangeKind",
    "Standby",
]

Stratum = tuple[str, str]


class SlotChangeKind(StrEnum):
    """What a planner did to a slot. Nothing of it deletes what was proposed."""

    ADD = "add"
    REMOVE = "remove"
    SWAP = "swap"


class OutcomeResult(StrEnum):
    """Whether the inspection took place."""

    INSPECTED = "inspected"
    NOT_INSPECTED = "not_inspected"


@dataclass(frozen=True, slots=True)
class ProposedSlot:
    """A slot as proposed, with the (column, value) of the standby lists that can replace it, most specific first."""

    slot: Slot
    strata: tuple[Stratum, ...] = ()


@dataclass(frozen=True, slots=True)
class Standby:
    """One named alternate of the stratum `per` = `value`; place 1 is called first."""

    per: str
    value: str
    place: int
    establishment: str
    score: float


@dataclass(frozen=True, slots=True)
class SlotChange:
    """An override. `taken` is who steps in at a swap; `score` the newcomer's, null when none was published."""

    kind: SlotChangeKind
    establishment: str
    planner: str
    reason_code: str
    text: str
    taken: str | None = None
    score: float | None = None

    def __post_init__(self) -> None:
        if (self.taken is not None) != (self.kind is SlotChangeKind.SWAP):
            raise BadInputError(expected="somebody who steps in at a swap, and only there", got=str(self.taken))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a slot. Inspected: `breach` is set, `reason` null. Not inspected: the other way round."""

    establishment: str
    result: OutcomeResult
    breach: bool | None
    reason: str | None
    occurred_on: date | None
    known_on: date


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as it was proposed. `problem` and `summary` are plain JSON values; grain of `slots`: one establishment."""

    id: str
    run: str
    target: str
    problem: Mapping[str, Any]
    slots: tuple[ProposedSlot, ...]
    standbys: tuple[Standby, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    author: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as read back, with its place in the chain and in its plan."""

    number: int
    plan: str | None
    sequence: int | None
    at: str
    kind: str
    actor: str
    reason_code: str
    text: str
    payload: Mapping[str, Any]
    hash: str
    establishment: str | None = None
    target: str | None = None
