"""What must hold before a freshly trained model becomes champion. Each check has a code, a title and an outcome."""

from __future__ import annotations

from typing import NamedTuple

from targeting.evaluation.backtest import Backtest
from targeting.evaluation.selection import Choice
from targeting.modelling.specification import Specification

__all__ = ["GateResult", "check_gates", "passed"]


class GateResult(NamedTuple):
    """A check: its code, title, severity ("block" or "warn"), outcome ("pass", "fail", "not applicable"), detail."""

    code: str
    title: str
    severity: str
    outcome: str
    detail: str


def check_gates(result: Backtest, choice: Choice, specification: Specification) -> tuple[GateResult, ...]:
    """The checks of this issue's models; `passed` says whether the model may serve."""
    return (_tested(result), _beats_rule(result, choice), _calibrated(result, choice, specification))


def passed(gates: tuple[GateResult, ...]) -> bool:
    """Whether no blocking gate failed."""
    return not any(gate.severity == "block" and gate.outcome == "fail" for gate in gates)


def _tested(result: Backtest) -> GateResult:
    windows = len(result.splits)
    outcome = "pass" if windows else "fail"
    return GateResult("TGT001", "tested forward in time", "warn", outcome, f"{windows} test windows")


def _beats_rule(result: Backtest, choice: Choice) -> GateResult:
    title = "a learned model beats the best rule"
    if not result.splits or choice.baseline:
        return GateResult("TGT002", title, "block", "not applicable", "a rule is released")
    return GateResult("TGT002", title, "block", "pass", choice.why)


def _calibrated(result: Backtest, choice: Choice, specification: Specification) -> GateResult:
    title, most = "forward probabilities are calibrated", specification.gates.max_ece
    if not result.splits:
        return GateResult("TGT003", title, "warn", "not applicable", "no test window")
    ece = result.summaries[choice.candidate].metrics.ece
    outcome = "pass" if ece <= most else "fail"
    return GateResult(
        "TGT003", title, "warn", outcome, f"ECE {ece:.3f} pooled over the later windows, at most {most:.3f}"
    )
