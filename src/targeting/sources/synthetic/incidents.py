"""Accidents, tips and concern notices: more where quality is bad, and never a full count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import industries, rate
from targeting.sources.synthetic.changes import EXPOSED
from targeting.sources.synthetic.latent import chain
from targeting.sources.synthetic.terms import State

__all__ = [
    "ACCIDENT",
    "CONCERN",
    "TIP",
    "Incidents",
    "Reports",
    "draw_incidents",
    "joined_incidents",
    "known_share",
    "tilt",
]

ACCIDENT, TIP, CONCERN = range(3)


@dataclass(frozen=True)
class Reports:
    """Expected reports of a quarter at quality 0, one entry a workplace."""

    accidents: Reals
    tips: Reals


@dataclass(frozen=True)
class Incidents:
    """One entry an incident, in order of the day it came."""

    workplace: Ints
    kind: Ints
    day: Ints
    known: Ints
    serious: Flags


def draw_incidents(
    random: np.random.Generator, state: State, level: Reals, start: int, end: int
) -> tuple[Incidents, Reports]:
    """The incidents of one quarter (days `start` to `end`, half-open), and the rates they were drawn with."""
    living = state.employing.astype(np.float64)
    exposed = np.where(np.isin(state.section, EXPOSED), 1.7, 0.8)
    size = np.maximum(state.employees, 1) / 8
    reports = Reports(
        accidents=living * industries().accidents[state.section] * state.employees / 4,
        tips=living * rate("incidents.tips") / 4 * exposed * size ** rate("incidents.tips_size"),
    )
    drawn = (
        random.poisson(reports.accidents * np.exp(rate("incidents.accidents_latent") * level)),
        random.poisson(reports.tips * np.exp(rate("incidents.tips_latent") * level)),
        random.poisson(living * rate("incidents.concerns") / 4),
    )
    workplace = np.concatenate([np.repeat(np.arange(len(level)), n) for n in drawn])
    kind = np.repeat(np.arange(3), [n.sum() for n in drawn])
    day = random.integers(start, end, len(kind))
    low, high = _delays(kind)
    order = np.lexsort((workplace, kind, day))
    return (
        Incidents(
            workplace=workplace[order],
            kind=kind[order],
            day=day[order],
            known=(day + random.integers(low, high + 1))[order],
            serious=(kind == ACCIDENT)[order] & (random.random(len(kind)) < rate("incidents.serious_accidents")),
        ),
        reports,
    )


def _delays(kind: Ints) -> tuple[Ints, Ints]:
    accident = kind == ACCIDENT
    shortest = np.where(accident, rate("incidents.accident_delay_min"), 0).astype(np.int64)
    longest = np.where(accident, rate("incidents.accident_delay_max"), rate("incidents.tip_delay_max")).astype(np.int64)
    return shortest, longest


def known_share(kind: int, start: int, end: int) -> float:
    """The share of a quarter's reports that are known before its end: day and delay are both uniform.

    >>> known_share(TIP, 0, 90) > 0.9 > known_share(ACCIDENT, 0, 90)
    True
    """
    low, high = _delays(np.array([kind]))
    delays = np.arange(low[0], high[0] + 1)
    return float(np.clip(end - start - delays, 0, None).mean() / (end - start))


def tilt(kind: int) -> Reals:
    """Log push on the rate at each level of quality."""
    return rate("incidents.accidents_latent" if kind == ACCIDENT else "incidents.tips_latent") * chain().level


_FIELDS: Final = ("workplace", "kind", "day", "known", "serious")


def joined_incidents(parts: list[Incidents]) -> Incidents:
    """All parts one after another."""
    return Incidents(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS})
