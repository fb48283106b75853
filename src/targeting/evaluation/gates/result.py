"""A gate and its answer: the same value for a training, an evaluation and a benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

__all__ = ["Gate", "GateResult", "Outcome", "Severity", "passed"]

Severity = Literal["block", "warn"]
Outcome = Literal["pass", "fail", "not applicable"]


class GateResult(NamedTuple):
    """A check's answer: its code, title, severity, outcome, and in words what was found."""

    code: str
    title: str
    severity: Severity
    outcome: Outcome
    detail: str


class Gate(NamedTuple):
    """A check's code, its title, and what its failure means: "block" keeps a model from serving, "warn" does not."""

    code: str
    title: str
    severity: Severity

    def judged(self, holds: bool, detail: str) -> GateResult:
        """The answer of a check that could be made."""
        return GateResult(*self, "pass" if holds else "fail", detail)

    def not_applicable(self, why: str) -> GateResult:
        """The answer of one that could not, or need not."""
        return GateResult(*self, "not applicable", why)


def passed(gates: Iterable[GateResult]) -> bool:
    """Whether no blocking gate failed.

    >>> passed([Gate("T1", "a title", "warn").judged(False, "so it is")])
    True
    """
    return not any(gate.severity == "block" and gate.outcome == "fail" for gate in gates)
