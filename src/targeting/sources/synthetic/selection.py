"""How the Authority chose: a biased policy with a small random arm, and the probability it gave everyone.

It follows past results, tips, accidents, campaigns by industry, the region's capacity and a crude risk tool of its own.
It never sees the truth; everything it uses was known before the quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints, Reals
from targeting.sources.synthetic.assumptions import SECTIONS, geography, industries, rate
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.terms import TERMS, State
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["ORIGINS", "CaseFile", "Choice", "Policy", "build_policy", "choose", "empty_case_file", "propensities"]

ORIGINS: Final = ("risiko", "kampanje", "tips", "ulykke", "oppfoelging", "tilfeldig")
_CAMPAIGNS_A_QUARTER: Final = 4
_PUSH: Final = {"campaign": 0.9, "tip": 2.3, "accident": 1.2, "follow_up": 0.9}
_TOOL: Final = {
    "young": 0.45,
    "settled": -0.30,
    "thin": 0.40,
    "accounts_missing": 0.40,
    "manager_churn": 0.20,
    "chain": -0.40,
    "public": -0.30,
}
"""The crude tool's weights on what a first look at the registers shows (A)."""
_LONG_AGO: Final = -1000


@dataclass(frozen=True)
class CaseFile:
    """What the Authority knows of each workplace on a quarter's first day; quarters are those it became known in."""

    last_inspected: Ints
    last_serious: Ints
    breaches: Ints  # in the newest known result
    last_tip: Ints
    last_accident: Ints  # a serious one


@dataclass(frozen=True)
class Policy:
    """Habits of the Authority."""

    industry: Reals  # its own crude idea of risk, by code
    county: Reals
    campaigns: Ints  # quarters x campaigns: sections


class Choice(NamedTuple):
    """A quarter's selection, one entry a workplace."""

    propensity: Reals  # probability of being inspected this quarter, all arms together
    chosen: Flags
    random_arm: Flags
    origin: Ints


def empty_case_file(workplaces: int) -> CaseFile:
    """Nothing known of anybody."""
    never = np.full(workplaces, _LONG_AGO, dtype=np.int64)
    return CaseFile(never, never, np.zeros(workplaces, dtype=np.int64), never, never)


def build_policy(seed: int) -> Policy:
    """Draw the habits: the crude idea of risk is half right."""
    random, table = stream(seed, "policy"), industries()
    mean_push = np.array([table.push[table.section == s, 1].mean() for s in range(len(SECTIONS))])
    focus = np.flatnonzero(mean_push > -0.3)
    return Policy(
        industry=0.9 * table.push[:, :2].mean(axis=1) + random.normal(0, 0.25, len(SECTIONS))[table.section],
        county=random.normal(0, 0.25, len(geography().counties)),
        campaigns=random.choice(focus, (QUARTERS + 1, _CAMPAIGNS_A_QUARTER)),
    )


def propensities(policy: Policy, state: State, known: CaseFile) -> tuple[Reals, Reals]:
    """The chance of the directed arm, and that of the random arm, for every workplace this quarter."""
    score = (
        policy.industry[state.code]
        + policy.county[state.county]
        + 0.06 * np.log(np.maximum(state.employees, 1))
        + state.terms[:, [TERMS.index(name) for name in _TOOL]] @ np.array(list(_TOOL.values()))
        + 0.10 * np.minimum(known.breaches, 6)
        - 1.1 * (known.last_inspected >= state.q - 4)
        + sum(_PUSH[name] * flag for name, flag in _reasons(policy, state, known).items())
    )
    employing = int(state.employing.sum())
    wanted = rate("inspections.coverage") / 4 * employing
    directed = _scaled(np.where(state.employing, np.exp(score), 0.0), wanted * (1 - rate("inspections.random")))
    return directed, np.where(state.employing, rate("inspections.random") * wanted / max(employing, 1), 0.0)


def choose(random: np.random.Generator, policy: Policy, state: State, known: CaseFile) -> Choice:
    """The selection of one quarter: independent draws with the probabilities of the policy, and a uniform arm."""
    directed, arm = propensities(policy, state, known)
    count = len(directed)
    drawn = random.random(count) < directed
    random_arm = (random.random(count) < arm) & ~drawn
    origin = _origins(random, _reasons(policy, state, known), count)
    return Choice(
        propensity=1 - (1 - directed) * (1 - arm),
        chosen=drawn | random_arm,
        random_arm=random_arm,
        origin=np.where(random_arm, ORIGINS.index("tilfeldig"), origin),
    )


def _reasons(policy: Policy, state: State, known: CaseFile) -> dict[str, Flags]:
    q = state.q
    return {
        "campaign": np.isin(state.section, policy.campaigns[q]),
        "tip": known.last_tip >= q - 2,
        "accident": known.last_accident >= q - 2,
        "follow_up": (known.last_serious >= q - 5) & (known.last_serious >= known.last_inspected),
    }


def _scaled(weight: Reals, wanted: float) -> Reals:
    """Probabilities proportional to `weight`, none above 0.9, that add up to `wanted`."""
    factor = wanted / max(float(weight.sum()), 1e-9)
    for _ in range(6):
        reached = np.minimum(weight * factor, 0.9)
        factor *= wanted / max(float(reached.sum()), 1e-9)
    return np.asarray(np.minimum(weight * factor, 0.9))


def _origins(random: np.random.Generator, reasons: dict[str, Flags], count: int) -> Ints:
    """The stated reason, in proportion to how far each pushed."""
    shares = np.stack([np.ones(count), *(np.expm1(_PUSH[name]) * flag for name, flag in reasons.items())], axis=1)
    edges = np.cumsum(shares, axis=1)
    return np.asarray((random.random(count)[:, None] * edges[:, -1:] > edges).sum(axis=1))
