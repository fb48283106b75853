"""The hidden truth: log-odds of a breach for each target, from the register's state and the unobserved quality."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from targeting.domain import Target
from targeting.sources.synthetic.arrays import Flags, Reals
from targeting.sources.synthetic.assumptions import SECTIONS, geography, industries
from targeting.sources.synthetic.changes import EXPOSED
from targeting.sources.synthetic.latent import chain, mean_over
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.selection import Policy, empty_case_file, propensities
from targeting.sources.synthetic.terms import TERMS, State, World, state_at
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["MINOR", "OUTCOMES", "Truth", "build_truth", "form_push"]

OUTCOMES: Final = (*Target, "minor")
MINOR: Final = len(OUTCOMES) - 1
_HIRING: Final = OUTCOMES.index(Target.UNLAWFUL_HIRING)
_BAN: Final = TERMS.index("ban_building")
_REGIONS: Final = 5
_ANCHORS: Final = (5, 18, 30)
"""Quarters whose means are those of `truth.toml` on average: before the hiring law of 2023 pushes upward."""
_BAN_ANCHORS: Final = (30, 36, 42)
"""Quarters in which builders where hiring is banned have their mean on average."""
_SAMPLE: Final = 15_000


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    tables = tomllib.loads(files(__package__).joinpath("truth.toml").read_text("utf-8"))
    if tuple(tables["term"]) != TERMS or tuple(tables["columns"]) != OUTCOMES:
        raise KeyError("truth.toml must hold exactly the terms and columns of the code, in their order")
    return tables


def form_push(form: str) -> Reals:
    """What a form of inspection adds to the log-odds of each outcome; a document inspection adds nothing."""
    return np.array(_tables()["form"].get(form, [0.0] * len(OUTCOMES)))


@dataclass(frozen=True)
class Truth:
    """Seeded effects; every array ends in the outcomes."""

    intercept: Reals
    weights: Reals  # terms x outcomes
    code: Reals  # codes x outcomes
    region_section: Reals  # regions x sections x outcomes
    county: Reals
    county_slope: Reals
    drift: Reals  # quarters x sections x outcomes
    loading: Reals

    def logits(self, state: State) -> Reals:
        """Log-odds of each outcome at quality 0: workplaces x outcomes."""
        region = geography().region[state.county]
        return np.asarray(
            self.intercept
            + state.terms @ self.weights
            + self.code[state.code]
            + self.region_section[region, state.section]
            + self.county[state.county]
            + self.county_slope[state.county] * (state.log_size - 1.8)[:, None]
            + self.drift[state.q, state.section]
        )

    def loadings(self, state: State) -> Reals:
        """How far one level of quality moves the log-odds: workplaces x outcomes."""
        steadier = 1 - float(_tables()["latent"]["group_damping"]) * state.group
        return np.asarray(steadier[:, None] * self.loading)


def build_truth(world: World, policy: Policy) -> Truth:
    """Draw the effects, then solve the intercepts so that the means of `truth.toml` hold for the inspected."""
    random, tables = stream(world.seed, "truth"), _tables()
    noise = {name: np.array(values) for name, values in tables["noise"].items()}
    outcomes = len(OUTCOMES)
    scale = np.array(tables["spread"]["scale"])

    def effect(name: str, *shape: int) -> Reals:
        return np.asarray(random.normal(0, 1, (*shape, outcomes)) * noise[name])

    push = np.concatenate([industries().push, industries().push[:, 1:2]], axis=1) * np.array(tables["industry"]["push"])
    drift = np.cumsum(effect("drift_quarter", QUARTERS + 1, len(SECTIONS)), axis=0)
    truth = Truth(
        intercept=np.zeros(outcomes),
        weights=np.array(list(tables["term"].values())) * scale,
        code=(push + effect("code", len(push))) * scale,
        region_section=effect("region_section", _REGIONS, len(SECTIONS)) * scale,
        county=effect("county", len(geography().counties)),
        county_slope=effect("county_slope", len(geography().counties)),
        drift=drift - drift.mean(axis=0),
        loading=np.array(tables["latent"]["loading"]),
    )
    solved = replace(truth, intercept=_intercepts(world, policy, truth))
    return replace(solved, weights=_with_ban(world, policy, solved))


def _intercepts(world: World, policy: Policy, truth: Truth) -> Reals:
    return np.asarray(np.mean([_intercepts_at(world, policy, truth, q) for q in _ANCHORS], axis=0))


def _with_ban(world: World, policy: Policy, truth: Truth) -> Reals:
    """The weights, with the push of the ban at which banned builders have the mean of `truth.toml`."""
    pushes = [_ban_push_at(world, policy, truth, q) for q in _BAN_ANCHORS]
    weights = truth.weights.copy()
    weights[_BAN, _HIRING] = np.mean(pushes)
    return weights


def _ban_push_at(world: World, policy: Policy, truth: Truth, q: int) -> float:
    state, chance = _inspected_at(world, policy, q)
    members = np.flatnonzero((state.terms[:, _BAN] > 0) & state.employing)
    logits, loadings = truth.logits(state)[members, _HIRING], truth.loadings(state)[members, _HIRING]
    return _solved(logits, loadings, chance[members], float(_tables()["ban"]["mean"]))


def _inspected_at(world: World, policy: Policy, q: int) -> tuple[State, Reals]:
    """The state of quarter `q` and everybody's chance of an inspection, before anything is known of anybody."""
    nothing_known = empty_case_file(world.register.places.workplaces)
    state = state_at(world, q, nothing_known.last_inspected)
    return state, propensities(policy, state, nothing_known)[0]


def _intercepts_at(world: World, policy: Policy, truth: Truth, q: int) -> Reals:
    state, chance = _inspected_at(world, policy, q)
    logits, loadings = truth.logits(state), truth.loadings(state)
    scopes = (industries().duty_before[state.code] > 0, state.employing, _hirers(state), _crime(state), state.employing)
    means = _tables()["mean"]
    return np.array(
        [
            _solved(logits[members, k], loadings[members, k], chance[members], means[str(name)])
            for k, name in enumerate(OUTCOMES)
            for members in [np.flatnonzero(scopes[k] & state.employing)[:_SAMPLE]]
        ]
    )


def _hirers(state: State) -> Flags:
    return industries().where("41.2", "42", "43", "78.2", "10", "25", "33")[state.code]


def _crime(state: State) -> Flags:
    return np.isin(state.section, EXPOSED)


def _solved(logit: Reals, loading: Reals, weight: Reals, wanted: float) -> float:
    """The intercept at which the weighted mean probability is `wanted`, by bisection."""
    belief = np.broadcast_to(chain().stationary, (len(logit), len(chain().level)))
    low, high = -8.0, 8.0
    for _ in range(30):
        middle = (low + high) / 2
        reached = float(np.average(mean_over(belief, logit + middle, loading), weights=weight))
        low, high = (middle, high) if reached < wanted else (low, middle)
    return (low + high) / 2
