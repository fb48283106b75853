"""What must hold before a model is released: coded checks of frozen evidence, each a value that a person can read."""

from targeting.evaluation.gates.evidence import Evidence, NewestLabel, Recoding
from targeting.evaluation.gates.gathering import training_evidence
from targeting.evaluation.gates.registry import CHECKS, Check, check_gates
from targeting.evaluation.gates.result import Gate, GateResult, passed

__all__ = [
    "CHECKS",
    "Check",
    "Evidence",
    "Gate",
    "GateResult",
    "NewestLabel",
    "Recoding",
    "check_gates",
    "passed",
    "training_evidence",
]
