"""The result of a trial: computed once, when the last outcome is in. Before that it only says what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from targeting.domain import RefusedError
from targeting.feedback.intervals import Interval, level_t, wilson
from targeting.planning.trial import Trial, TrialArm

__all__ = ["ArmRate", "TrialResult", "missing_outcomes", "trial_result"]


class ArmRate(NamedTuple):
    """One arm: assigned, inspected, with a breach, and the hit rate over the inspected."""

    arm: TrialArm
    assigned: int
    inspected: int
    hits: int
    rate: Interval | None


class TrialResult(NamedTuple):
    """The declared metric, `model_less_rule`, and beside it the model against chance.

    The estimates weight blocks by their share of the inspected; intervals are 95 %. `not_inspected` are those with a
    reason instead of a result: more of them in one arm than in another is itself a finding.
    """

    trial: str
    metric: str
    arms: tuple[ArmRate, ...]
    model_less_rule: Interval
    model_less_random: Interval
    not_inspected: int


def missing_outcomes(trial: Trial, outcomes: Mapping[str, bool | None]) -> tuple[str, ...]:
    """The assigned establishments of which nothing is known; a null outcome is known: it was not inspected."""
    return tuple(one.establishment for one in trial.assignments if one.establishment not in outcomes)


def trial_result(trial: Trial, outcomes: Mapping[str, bool | None]) -> TrialResult:
    """The result. Raises `RefusedError` saying how many outcomes are missing: no peeking, no stopping early."""
    if missing := missing_outcomes(trial, outcomes):
        raise RefusedError(
            expected="an outcome or a reason for every assigned inspection",
            got=f"{len(missing)} of {len(trial.assignments)} missing, first {missing[0]}",
            where=f"trial {trial.name}",
            do="wait for the last one; the result is computed once",
        )
    return TrialResult(
        trial.id,
        trial.metric,
        tuple(_rate(trial, arm, outcomes) for arm in TrialArm),
        _difference(trial, outcomes, TrialArm.RULE),
        _difference(trial, outcomes, TrialArm.RANDOM),
        sum(outcomes[one.establishment] is None for one in trial.assignments),
    )


def _rate(trial: Trial, arm: TrialArm, outcomes: Mapping[str, bool | None]) -> ArmRate:
    assigned = [outcomes[one.establishment] for one in trial.assignments if one.arm is arm]
    seen = [one for one in assigned if one is not None]
    return ArmRate(arm, len(assigned), len(seen), sum(seen), wilson(sum(seen), len(seen)))


def _difference(trial: Trial, outcomes: Mapping[str, bool | None], other: TrialArm) -> Interval:
    """The blocked difference. A block without two inspected in both arms has no variance and joins the rest."""
    found: dict[str, dict[TrialArm, list[float]]] = {}
    for one in trial.assignments:
        result = outcomes[one.establishment]
        if result is not None and one.arm in (TrialArm.MODEL, other):
            found.setdefault(one.block, {TrialArm.MODEL: [], other: []})[one.arm].append(float(result))
    blocks = _joined(list(found.values()), other)
    sizes = np.array([len(block[TrialArm.MODEL]) + len(block[other]) for block in blocks], dtype=float)
    weights = sizes / sizes.sum()
    gaps = np.array([np.mean(block[TrialArm.MODEL]) - np.mean(block[other]) for block in blocks])
    spread = np.array([sum(np.var(values, ddof=1) / len(values) for values in block.values()) for block in blocks])
    estimate = float(weights @ gaps)
    reach = level_t(float(sizes.sum()) - 2 * len(blocks)) * float(np.sqrt(weights**2 @ spread))
    return Interval(estimate, max(-1.0, estimate - reach), min(1.0, estimate + reach))


def _joined(blocks: list[dict[TrialArm, list[float]]], other: TrialArm) -> list[dict[TrialArm, list[float]]]:
    whole = [block for block in blocks if min(map(len, block.values())) > 1]
    thin = [block for block in blocks if min(map(len, block.values())) <= 1]
    rest = {arm: [value for block in thin for value in block[arm]] for arm in (TrialArm.MODEL, other)}
    if min(map(len, rest.values())) > 1:
        return [*whole, rest]
    if not whole:
        raise RefusedError(expected="two inspections in each arm", got="fewer", where="the trial")
    merged = {arm: [*whole[-1][arm], *rest[arm]] for arm in rest}
    return [*whole[:-1], merged]
