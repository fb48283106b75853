"""When establishments open, how old the opening stock is, and when each closes."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.sources.synthetic.arrays import NEVER, Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import rate
from targeting.sources.synthetic.timeline import BULK_DAY, QUARTERS, first_days

__all__ = ["Lifetimes", "draw_lifetimes"]

_OLDEST: Final = 160  # quarters
_KINDS: Final = ("idle_as", "idle_enk", "employing")


class Lifetimes(NamedTuple):
    """One entry an establishment."""

    born: Ints  # quarter of registration, -1 for the opening stock
    died: Ints  # quarter of deletion, NEVER if it lives on
    registered_on: Ints  # day
    started_on: Ints  # day, -1 not stated


def _hazards(kind: str) -> Reals:
    """Chance of closing in each quarter of age."""
    yearly = np.full(_OLDEST + QUARTERS + 2, rate(f"survival.{kind}_old"))
    yearly[4:20] = rate(f"survival.{kind}_middle")
    yearly[:4] = rate(f"survival.{kind}_young")
    return 1 - (1 - yearly) ** 0.25


def _closing_ages(random: np.random.Generator, hazards: Reals, age: Ints) -> Ints:
    """The age in quarters at which each unit closes, given that it reached `age`."""
    burden = np.concatenate([[0.0], np.cumsum(-np.log1p(-hazards))])
    due = burden[age] + random.exponential(size=len(age))
    closing = np.searchsorted(burden, due)
    return np.where(closing >= len(burden), NEVER, closing)


def _opening_ages(random: np.random.Generator, hazards: Reals, how_many: int) -> Ints:
    """Ages of a stock in balance: proportional to survival."""
    alive = np.exp(-np.concatenate([[0.0], np.cumsum(-np.log1p(-hazards[: _OLDEST - 1]))]))
    return np.searchsorted(np.cumsum(alive / alive.sum()), random.random(how_many)).clip(max=_OLDEST - 1)


def draw_lifetimes(random: np.random.Generator, born: Ints, employing: Flags, sole: Flags, steady: Flags) -> Lifetimes:
    """Ages of the opening stock, closing quarters and dates. `steady` units belong to groups and seldom close."""
    count = len(born)
    age, closing = np.zeros(count, dtype=np.int64), np.full(count, NEVER, dtype=np.int64)
    kind = np.where(employing, 2, np.where(sole, 1, 0))
    for place, name in enumerate(_KINDS):
        members = np.flatnonzero(kind == place)
        hazards = _hazards(name)
        age[members] = np.where(born[members] < 0, _opening_ages(random, hazards, len(members)), 0)
        closing[members] = _closing_ages(random, hazards, age[members])
    steady_closing = age + 1 + np.floor(random.exponential(4 / rate("survival.group"), count)).astype(np.int64)
    closing = np.where(steady, steady_closing, closing)
    died = np.maximum(born, -1) + np.maximum(closing - age, 1)
    registered_on = np.where(
        born < 0,
        BULK_DAY - 1 - age * 91 - random.integers(0, 91, count),
        first_days()[np.maximum(born, 0)] + random.integers(0, 60, count),
    )
    died = np.where(died >= QUARTERS + 5, NEVER, died)  # a little beyond the end, so that proceedings still open
    return Lifetimes(born, died, registered_on, _started(random, registered_on))


def _started(random: np.random.Generator, registered_on: Ints) -> Ints:
    late = random.random(len(registered_on)) < rate("population.late_start")
    delay = np.where(late, random.integers(180, 900, len(late)), random.integers(0, 75, len(late)))
    unstated = random.random(len(late)) < rate("population.no_start_date")
    return np.where(unstated, -1, registered_on - delay)
