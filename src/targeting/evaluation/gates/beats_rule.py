"""TGT002: does the learned model beat every rule?"""

from __future__ import annotations

from targeting.evaluation.backtest import Backtest
from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult
from targeting.evaluation.selection import Choice, shares_by_noise, standings
from targeting.modelling.specification import Specification

__all__ = ["check"]

_GATE = Gate("TGT002", "a learned model beats the best rule", "block")


def check(evidence: Evidence) -> GateResult:
    """The composite that candidates are chosen by, of the chosen one over that of the best baseline."""
    if evidence.result is None or evidence.choice is None or not evidence.result.splits:
        return _GATE.not_applicable("no forward test to compare on")
    if evidence.choice.baseline:
        return _GATE.not_applicable("a rule is released")
    lead = _lead(evidence.result, evidence.choice, evidence.specification)
    return _GATE.judged(lead > 0.0, f"{evidence.choice.why} Lead over the best rule: {lead:+.3f}")


def _lead(result: Backtest, choice: Choice, specification: Specification) -> float:
    places = standings(result, specification, shares_by_noise(result))
    own = next(place.composite for place in places if place.candidate == choice.candidate)
    return own - max(place.composite for place in places if place.baseline)
