"""A trial: the model against today's rule against chance. Assigned by stratum, hashed, and frozen before any visit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa
from scipy import stats

from targeting.domain import BadInputError, NotFoundError
from targeting.ledger import Asked, Event, EventKind, record_trial, trial_of, whole_trail
from targeting.planning.life import By
from targeting.planning.permissions import check_can_plan

__all__ = [
    "METRIC",
    "Assignment",
    "Frozen",
    "Trial",
    "TrialArm",
    "TrialCandidate",
    "design_trial",
    "freeze",
    "frozen_trial",
    "power",
    "slots_needed",
]

METRIC: Final = "share of assigned inspections that find a breach, model arm less rule arm, stratified by block"
"""The one metric, declared before the first visit."""

_LEVEL: Final = 0.05


class TrialArm(StrEnum):
    """Who chose the establishment."""

    MODEL = "model"
    RULE = "rule"
    RANDOM = "random"


class TrialCandidate(NamedTuple):
    """One establishment with the block it belongs to, the model's score and the value of today's rule."""

    establishment: str
    block: str
    model: float
    rule: float


class Assignment(NamedTuple):
    """One inspection of the trial."""

    establishment: str
    block: str
    arm: TrialArm


@dataclass(frozen=True, slots=True)
class Trial:
    """A designed trial. `id` is the sha256 of all of it: another assignment is another trial.

    `run` names the scores the model arm chose by, `rule` what today's rule was taken to be.
    """

    name: str
    target: str
    run: str
    rule: str
    metric: str
    seed: int
    assignments: tuple[Assignment, ...]

    def as_json(self) -> dict[str, Any]:
        """The design as plain values, as the ledger keeps it."""
        return {
            "name": self.name,
            "target": self.target,
            "run": self.run,
            "rule": self.rule,
            "metric": self.metric,
            "seed": self.seed,
            "assignments": [[one.establishment, one.block, str(one.arm)] for one in self.assignments],
        }

    @property
    def id(self) -> str:
        """The content hash."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Trial:
        """Read what `as_json` gave. Raises `BadInputError` on anything else."""
        try:
            assigned = tuple(Assignment(name, block, TrialArm(arm)) for name, block, arm in document["assignments"])
            name, target, run, rule, metric = (
                str(document[key]) for key in ("name", "target", "run", "rule", "metric")
            )
            return cls(name, target, run, rule, metric, int(document["seed"]), assigned)
        except (KeyError, TypeError, ValueError) as cause:
            raise BadInputError(expected="a trial's design", got=str(cause), where="the trial") from cause


class Frozen(NamedTuple):
    """A trial as frozen, and the event that says by whom and when."""

    trial: Trial
    event: Event


def design_trial(
    name: str,
    target: str,
    candidates: Sequence[TrialCandidate],
    per_arm: Mapping[str, int],
    seed: int,
    *,
    run: str,
    rule: str,
) -> Trial:
    """Assign `per_arm[block]` establishments of each block to each arm.

    Within a block the candidates are first split at random into three equal pools, one an arm; the model takes its
    pool's best by score, the rule its pool's best by rule, chance a random few. So the arms choose from alike pools and
    never for the same establishment, which a shared pool would let the first chooser take from the others. Raises
    `BadInputError` when a pool is too small.
    """
    rng = np.random.default_rng(seed)
    assigned: list[Assignment] = []
    for block in sorted(per_arm):
        members = sorted((one for one in candidates if one.block == block), key=lambda one: one.establishment)
        pool = len(members) // len(TrialArm)
        if pool < per_arm[block]:
            raise BadInputError(
                expected=f"at least {per_arm[block] * len(TrialArm)} candidates",
                got=str(len(members)),
                where=f"block {block}",
                do="join blocks, or assign fewer",
            )
        order = rng.permutation(len(members))
        for number, arm in enumerate(TrialArm):
            inside = [members[place] for place in order[number * pool : (number + 1) * pool]]
            assigned += [Assignment(one.establishment, block, arm) for one in _chosen(arm, inside, per_arm[block])]
    return Trial(name, target, run, rule, METRIC, seed, tuple(sorted(assigned)))


def _chosen(arm: TrialArm, pool: Sequence[TrialCandidate], count: int) -> Sequence[TrialCandidate]:
    """The pool stands in random order, which also breaks ties."""
    if arm is TrialArm.RANDOM:
        return pool[:count]
    return sorted(pool, key=lambda one: -(one.model if arm is TrialArm.MODEL else one.rule))[:count]


def freeze(connection: sa.Connection, by: By, trial: Trial) -> str:
    """Keep the design in the ledger before the first visit; its id. Assignment and metric cannot change afterwards.

    Raises `BadInputError` for a design that `trial_result` could not read: another metric, or somebody in two arms.
    """
    check_can_plan(by.person, trial.target)
    _check_sound(trial)
    act = by.event(EventKind.TRIAL_FROZEN, None, trial=trial.id, metric=trial.metric)
    record_trial(connection, replace(act, target=trial.target), trial.id, trial.as_json())
    return trial.id


def _check_sound(trial: Trial) -> None:
    assigned = [one.establishment for one in trial.assignments]
    if trial.metric != METRIC:
        raise BadInputError(expected=f"the metric {METRIC}", got=repr(trial.metric), where="the trial")
    if not assigned or len(set(assigned)) != len(assigned):
        raise BadInputError(
            expected="every establishment in one arm",
            got=f"{len(assigned)} places for {len(set(assigned))}",
            where="the trial",
            do="design it again",
        )


def frozen_trial(connection: sa.Connection, identifier: str) -> Frozen:
    """The frozen trial whose id begins with `identifier`, or `NotFoundError`."""
    frozen = whole_trail(connection, Asked(kinds=[EventKind.TRIAL_FROZEN]))
    found = [one for one in frozen if one.payload["trial"].startswith(identifier)]
    if len(found) != 1 or not identifier:
        raise NotFoundError(
            expected="the id of one frozen trial, or its beginning",
            got=f"{identifier!r}, with which {len(found)} begin",
            where="the ledger",
            do="freeze the trial first",
        )
    return Frozen(Trial.from_json(trial_of(connection, found[0].payload["trial"])), found[0])


def power(rule: float, model: float, per_arm: int) -> float:
    """The chance that a two-sided 5 % test of two proportions sees a true difference of `model` from `rule`.

    Blocking is left out: equal allocation within blocks can only lessen the variance, so this is a lower bound.

    >>> round(power(0.45, 0.60, 173), 2), round(power(0.5, 0.5, 100), 2)
    (0.8, 0.05)
    """
    _check_shares(rule, model)
    pooled = (rule + model) / 2
    under_none = np.sqrt(2 * pooled * (1 - pooled) / per_arm)
    under_true = np.sqrt((rule * (1 - rule) + model * (1 - model)) / per_arm)
    reach = stats.norm.ppf(1 - _LEVEL / 2) * under_none
    above, below = ((sign * (model - rule) - reach) / under_true for sign in (1, -1))
    return float(stats.norm.cdf(above) + stats.norm.cdf(below))


def slots_needed(rule: float, model: float, wanted: float = 0.8) -> int:
    """The smallest number per arm with at least the `wanted` power.

    >>> slots_needed(0.45, 0.60)
    173
    """
    _check_shares(rule, model)
    if rule == model:
        raise BadInputError(expected="two different shares", got=f"{rule} twice", where="power")
    low, high = 1, 2
    while power(rule, model, high) < wanted:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(rule, model, middle) >= wanted else (middle, high)
    return high


def _check_shares(*shares: float) -> None:
    if not all(0 < share < 1 for share in shares):
        raise BadInputError(expected="shares between 0 and 1", got=str(shares), where="power")
