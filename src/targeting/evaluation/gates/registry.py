"""Every release gate, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from targeting.evaluation.gates import (
    beats_rule,
    calibration,
    forward_test,
    group_limits,
    leakage,
    legal_basis,
    list_stability,
    staleness,
)
from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import GateResult

__all__ = ["CHECKS", "Check", "check_gates"]

Check = Callable[[Evidence], GateResult]

CHECKS: Final[tuple[Check, ...]] = (
    forward_test.check,
    beats_rule.check,
    calibration.check,
    leakage.check,
    list_stability.check,
    group_limits.check,
    legal_basis.check,
    staleness.check,
)


def check_gates(evidence: Evidence) -> tuple[GateResult, ...]:
    """Every gate's answer; one whose part of the evidence is missing is not applicable."""
    return tuple(check(evidence) for check in CHECKS)
