"""The list as it stands: what was proposed, with the overrides applied in order, and its content hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from targeting.domain import Arm
from targeting.ledger import PlanRecord, SlotChange, SlotChangeKind

__all__ = ["CurrentSlot", "How", "content_hash", "current_slots", "next_standby"]


class How(StrEnum):
    """How an establishment came to be in the list."""

    PROPOSED = "proposed"
    STANDBY = "standby"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class CurrentSlot:
    """One establishment of the list as it stands.

    `inclusion_probability` and `arm` are what was fixed at the draw. A standby or an addition has neither draw nor
    place in an estimate: its arm is `ranked`, its probability null, whichever arm it stands in for.
    """

    establishment: str
    arm: Arm
    inclusion_probability: float | None
    score: float | None
    how: How
    replaces: str | None = None
    cells: tuple[str, ...] = ()


def current_slots(plan: PlanRecord, changes: Iterable[SlotChange]) -> tuple[CurrentSlot, ...]:
    """The list after `changes`, in the proposed order; a standby takes the place of whom it replaces."""
    listed = {
        one.slot.establishment: CurrentSlot(
            one.slot.establishment,
            one.slot.arm,
            one.slot.inclusion_probability,
            one.slot.score,
            How.PROPOSED,
            cells=one.slot.constraint_cells,
        )
        for one in plan.slots
    }
    for change in changes:
        listed = _applied(listed, change)
    return tuple(listed.values())


def _applied(listed: dict[str, CurrentSlot], change: SlotChange) -> dict[str, CurrentSlot]:
    name = change.establishment
    if change.kind is SlotChangeKind.ADD:
        return {**listed, name: CurrentSlot(name, Arm.RANKED, None, change.score, How.ADDED)}
    if change.kind is SlotChangeKind.REMOVE or change.taken is None:
        return {key: slot for key, slot in listed.items() if key != name}
    stepping = CurrentSlot(change.taken, Arm.RANKED, None, change.score, How.STANDBY, name)
    return {(change.taken if key == name else key): (stepping if key == name else slot) for key, slot in listed.items()}


def next_standby(plan: PlanRecord, changes: Iterable[SlotChange], establishment: str) -> tuple[str, float] | None:
    """Who is called when `establishment` falls out, with the score: the first unused alternate of its strata.

    A standby falls back on the strata of whom it replaced. Null when the strata are used up, or none is known.
    """
    made = tuple(changes)
    used = {one.taken for one in made} | {one.establishment for one in made}
    used |= {one.slot.establishment for one in plan.slots}
    strata = {one.slot.establishment: one.strata for one in plan.slots}
    came_for = {one.taken: one.establishment for one in made if one.taken}
    proposed = establishment
    while proposed in came_for:
        proposed = came_for[proposed]
    for per, value in strata.get(proposed, ()):
        waiting = sorted((one for one in plan.standbys if (one.per, one.value) == (per, value)), key=lambda o: o.place)
        for one in waiting:
            if one.establishment not in used:
                return one.establishment, one.score
    return None


def content_hash(plan: PlanRecord, slots: Iterable[CurrentSlot]) -> str:
    """The sha256 of what is approved: the plan's identity and every slot of the list as it stands."""
    listed = [
        [one.establishment, str(one.arm), one.inclusion_probability, one.score, str(one.how), one.replaces]
        for one in slots
    ]
    text = json.dumps([plan.id, plan.run, plan.target, listed], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
