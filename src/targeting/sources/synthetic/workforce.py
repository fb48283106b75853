"""Employees by quarter, and the pay facts that are counted inside the Authority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from targeting.sources.synthetic.arrays import Flags, Reals
from targeting.sources.synthetic.assumptions import SECTIONS, industries, rate
from targeting.sources.synthetic.population import Establishments
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["Pay", "build_employees", "build_pay"]

_SEASON: Final = {"I": (0.0, 0.10, 0.14, -0.06), "A": (-0.08, 0.12, 0.12, -0.08), "F": (-0.06, 0.04, 0.05, 0.0)}
"""Log swing by quarter of the year (A)."""
CARD_CODES: Final = ("41", "42", "43", "81.2", "45.2")
"""Industries with a duty of HMS cards [DOMAIN 3.1 flag 15]."""
RATE_CODES: Final = ("41", "42", "43", "81.2", "55", "56", "10.2", "49.41", "49.39", "30.11", "01")
"""Industries with a generally applied minimum rate [L-ALLM]."""


@dataclass(frozen=True)
class Pay:
    """One entry a workplace: what `sysselsetting` reports, by year 2016 to 2026."""

    with_cards: Flags
    with_rate: Flags
    card_ratio: Reals  # cards per employee, a fixed habit
    below_rate: npt.NDArray[np.float32]  # workplaces x 11 years: share of hours


def build_employees(places: Establishments, seed: int) -> npt.NDArray[np.int32]:
    """Employees at the end of each quarter: workplaces x 45, the first column being 2015-12-31.

    A count moves by a persistent log step and a season, and only when the quarter brings a new report; a few places
    lose all employees for a while.
    """
    random = stream(seed, "employees")
    count = places.workplaces
    season = _season_table()
    base = np.log(places.size[:count])
    counts = np.zeros((count, QUARTERS + 1), dtype=np.int32)
    drift = random.normal(0, 0.15, count)
    empty = np.zeros(count, dtype=bool)
    born, died = places.born[:count], places.died[:count]
    opens = born + (
        (born >= 0) & (random.random(count) < 0.5)
    )  # the first report often comes a quarter after registration
    now = np.maximum(np.round(np.exp(base)), 1)
    for q in range(-1, QUARTERS):
        drift = rate("change.employees_persistence") * drift + random.normal(
            0, rate("change.employees_sd_quarter"), count
        )
        swing = season[places.section[:count], q % 4]
        fresh = (random.random(count) < rate("change.employees_update_quarter")) | (q == opens) | (q == -1)
        now = np.where(fresh, np.maximum(np.round(np.exp(base + drift + swing)), 1), now)
        empty = np.where(empty, random.random(count) < rate("change.zero_stays_quarter"), _empties(random, now))
        counts[:, q + 1] = np.where((q >= opens) & (q < died) & ~empty, now, 0)
    return counts


def _empties(random: np.random.Generator, now: Reals) -> Flags:
    """Small places lose all their employees more often."""
    return random.random(len(now)) < rate("change.to_zero_quarter") * np.where(now < 5, 1.5, 0.2)


def _season_table() -> Reals:
    table = np.zeros((len(SECTIONS), 4))
    for section, swing in _SEASON.items():
        table[SECTIONS.index(section)] = swing
    return table


def build_pay(places: Establishments, seed: int) -> Pay:
    """Habits of pay: most places are near zero below the rate, a few far above."""
    random = stream(seed, "pay")
    count = places.workplaces
    code = places.code[:count]
    habit = np.minimum(random.gamma(0.35, rate("pay.below_rate_mean") / 0.35, count), 0.9)
    yearly = np.clip(habit[:, None] * np.exp(random.normal(0, 0.25, (count, QUARTERS // 4))), 0, 1)
    short = random.random(count) < rate("pay.cards_missing")
    return Pay(
        with_cards=industries().where(*CARD_CODES)[code],
        with_rate=industries().where(*RATE_CODES)[code],
        card_ratio=np.where(short, random.uniform(0.0, 0.35, count), random.uniform(0.75, 1.25, count)),
        below_rate=np.round(yearly, 3).astype(np.float32),
    )
