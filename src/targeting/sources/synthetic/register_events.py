"""Which units the change feed names in a quarter, why, and on which day: one entry a unit and quarter at most."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints
from targeting.sources.synthetic.register import Register
from targeting.sources.synthetic.timeline import SN2025

__all__ = [
    "CHANGED",
    "DELETED",
    "KINDS",
    "NEW",
    "REMOVED",
    "SWITCH_DAY",
    "Events",
    "enterprise_events",
    "event_days",
    "place_events",
    "shown",
]

KINDS: Final = ("Ny", "Endring", "Sletting", "Fjernet")
NEW, CHANGED, DELETED, REMOVED = range(len(KINDS))
SWITCH_DAY: Final = 20_332
"""2025-09-01: register entries carry SN2025 from then on [FIA]."""


class Events(NamedTuple):
    """One quarter's feed of one register, in order of the day."""

    rows: Ints
    kind: Ints
    day: Ints


def shown(count: Ints) -> Ints:
    """What the register shows of a count: 0, 1 (for 1-4) or the number.

    >>> shown(np.array([0, 3, 5, 12])).tolist()
    [0, 1, 5, 12]
    """
    return np.where(count >= 5, count, np.minimum(count, 1))


def event_days(register: Register, places: Ints, q: int) -> Ints:
    """A fixed day of quarter `q` for each establishment (and its enterprise); in 2025Q3 a day of September."""
    spread = (places * 7919 + q * 104_729) % 97
    return int(register.starts[q]) + (62 + spread % 29 if q == SN2025 else 1 + spread % 88)


def place_events(register: Register, q: int) -> Events:
    """Establishments: births, deaths, and changes of count band or number, owner, name, address or industry."""
    places, changes = register.places, register.changes
    coded = ~places.no_code & ~places.code_not_stated
    moved = (changes.ownership == q) | (changes.name == q) | (changes.move == q) | ((changes.recode == q) & coded)
    recount = np.zeros(len(places.born), dtype=bool)
    recount[: places.workplaces] = shown(register.count(q - 1)) != shown(register.count(q))
    recount &= ~places.count_unknown
    gone = places.died == q
    removed = gone & (register.failures.removed[places.enterprise] == q)
    changed = register.living(q) & (moved | recount | (coded & (q == SN2025)))
    rows, kind = _kinds(places.born == q, removed, gone, changed)
    return _ordered(rows, kind, event_days(register, rows, q), places.registered_on[rows])


def enterprise_events(register: Register, q: int) -> Events:
    """Enterprises: births, deaths, proceedings, and changes of their only establishment or of their employees."""
    enterprises, failures, changes = register.enterprises, register.failures, register.changes
    child = np.maximum(enterprises.only_child, 0)
    places = register.places
    coded = ~places.no_code & ~places.code_not_stated
    followed = ((changes.name == q) | (changes.move == q) | ((changes.recode == q) & coded))[child] & ~enterprises.group
    failed = (failures.bankrupt == q) | (failures.compulsory == q) | (failures.winding_up == q)
    recount = shown(register.enterprise_count(q - 1)) != shown(register.enterprise_count(q))
    recount &= enterprises.group | ~places.count_unknown[child]
    gone = enterprises.died == q
    changed = register.enterprise_living(q) & (
        followed | failed | recount | ((coded[child] | enterprises.group) & (q == SN2025))
    )
    rows, kind = _kinds(enterprises.born == q, gone & (failures.removed == q), gone, changed)
    day = event_days(register, np.where(enterprises.group, np.arange(len(child)), child)[rows], q)
    return _ordered(rows, kind, day, enterprises.registered_on[rows])


def _kinds(born: Flags, removed: Flags, gone: Flags, changed: Flags) -> tuple[Ints, Ints]:
    kind = np.select([born, removed, gone, changed], [NEW, REMOVED, DELETED, CHANGED], -1)
    rows = np.flatnonzero(kind >= 0)
    return rows, kind[rows]


def _ordered(rows: Ints, kind: Ints, day: Ints, registered_on: Ints) -> Events:
    """A newborn is told of after its registration."""
    day = np.where(kind == NEW, np.maximum(registered_on + 1, np.where(_september(day), day, 0)), day)
    order = np.lexsort((rows, day))
    return Events(rows[order], kind[order], day[order])


def _september(day: Ints) -> Flags:
    """Days of September 2025: a code is in SN2025 from then on, so a newborn of that quarter is told of then."""
    return (day >= SWITCH_DAY) & (day < SWITCH_DAY + 30)
