"""TGT001: was anything tested forward in time?"""

from __future__ import annotations

from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult

__all__ = ["check"]

_GATE = Gate("TGT001", "tested forward in time", "warn")


def check(evidence: Evidence) -> GateResult:
    """At least one test window, ranked by what was known before it. Without any, only the fallback may be chosen."""
    if evidence.result is None:
        return _GATE.not_applicable("no forward test in this run")
    windows = len(evidence.result.splits)
    return _GATE.judged(windows > 0, f"{windows} test windows")
