"""TGT003: are forward probabilities as often right as they say? Where not, scores are published as bands only."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from targeting.evaluation.backtest import Backtest
from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult
from targeting.evaluation.metrics import calibration_error
from targeting.modelling.columns import Reals

__all__ = ["ChanceError", "chance_error", "check", "pooled_forward"]

_GATE = Gate("TGT003", "forward probabilities are calibrated", "warn")
_CONSEQUENCE: Final = "scores are published as bands only"
_DRAWS: Final = 200


class ChanceError(NamedTuple):
    """The ECE of a perfectly calibrated model on as many rows: its mean, and what one draw in twenty exceeds."""

    expected: float
    high: float


def check(evidence: Evidence) -> GateResult:
    """ECE pooled forward, at most `max_ece` on at least `min_ece_rows`, beside the one chance alone would show."""
    result, choice, gates = evidence.result, evidence.choice, evidence.specification.gates
    if result is None or choice is None or not result.splits:
        return _GATE.not_applicable("no forward test to calibrate against")
    ece = result.summaries[choice.candidate].metrics.ece
    probabilities = pooled_forward(result, choice.candidate)
    chance = chance_error(probabilities, evidence.specification.seed)
    detail = (
        f"ECE {ece:.3f} pooled over the {len(probabilities)} rows of the later windows (at least "
        f"{gates.min_ece_rows} are needed), at most {gates.max_ece:.3f}; "
        f"a perfectly calibrated model would show {chance.expected:.3f} by chance, and one time in twenty more than "
        f"{chance.high:.3f}"
    )
    holds = ece <= gates.max_ece and len(probabilities) >= gates.min_ece_rows
    return _GATE.judged(holds, detail if holds else f"{detail}; {_CONSEQUENCE}")


def pooled_forward(result: Backtest, candidate: str) -> Reals:
    """The calibrated forward probabilities that the pooled error is of: those of the later half of the windows.

    The first windows had no earlier ones to be calibrated on. Needs at least one split.
    """
    later = slice(len(result.splits) // 2, None)
    return np.concatenate([part.probability for part in result.forward[candidate][later]])


def chance_error(probabilities: Reals, seed: int, draws: int = _DRAWS) -> ChanceError:
    """Draw labels from the probabilities themselves: whatever error remains is chance."""
    generator = np.random.default_rng(seed)
    ordered = np.sort(probabilities)
    errors = [
        calibration_error(ordered, (generator.random(len(ordered)) < ordered).astype(np.float64)) for _ in range(draws)
    ]
    return ChanceError(float(np.mean(errors)), float(np.quantile(errors, 0.95)))
