"""A small plan with two arms and standbys, and the people around it, for tests of the plan's life."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from targeting.domain import Arm, Slot
from targeting.ledger import Ledger, Outcome, OutcomeResult, PlanRecord, ProposedSlot, Standby, open_ledger, url_of
from targeting.planning.life import By
from targeting.planning.permissions import Person, Role
from tests.lib.small_country import number

__all__ = [
    "APPROVER",
    "PLAN",
    "PLANNER",
    "at",
    "by",
    "found",
    "missed",
    "new_ledger",
    "plan_record",
]

PLAN = "c0ffee" + "0" * 58
PLANNER = Person("ada", frozenset({Role.PLANNER, Role.APPROVER}))
APPROVER = Person("bo", frozenset({Role.APPROVER}))


def at(minutes: int = 0) -> datetime:
    return datetime(2027, 1, 4, 9, tzinfo=UTC) + timedelta(minutes=minutes)


def by(person: Person = PLANNER, reason_code: str = "", text: str = "", minutes: int = 0) -> By:
    return By(person, at(minutes), reason_code, text)


def new_ledger(home: Path) -> Ledger:
    return open_ledger(url_of(home))


def plan_record(target: str = "bht_use", ranked: int = 4, explored: int = 2) -> PlanRecord:
    """Slots 0.. in two counties by turns; two standbys in each, numbered from 20 (county 03) and 30 (county 46)."""
    slots = tuple(
        ProposedSlot(
            Slot(
                number(i),
                Arm.RANKED if i < ranked else Arm.EXPLORATION,
                1.0 if i < ranked else 0.125,
                round(0.9 - 0.05 * i, 4),
                (f"county={'03' if i % 2 == 0 else '46'}",),
            ),
            (("county", "03" if i % 2 == 0 else "46"),),
        )
        for i in range(ranked + explored)
    )
    standbys = tuple(
        Standby("county", county, place, number(base + place - 1), 0.4)
        for county, base in (("03", 20), ("46", 30))
        for place in (1, 2)
    )
    return PlanRecord(PLAN, "1" * 16, target, {"capacity": ranked + explored}, slots, standbys)


def found(index: int, breach: bool) -> Outcome:
    return Outcome(number(index), OutcomeResult.INSPECTED, breach, None, date(2027, 2, 1), date(2027, 3, 1))


def missed(index: int, reason: str = "closed_down") -> Outcome:
    return Outcome(number(index), OutcomeResult.NOT_INSPECTED, None, reason, None, date(2027, 3, 1))
