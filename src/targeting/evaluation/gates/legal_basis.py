"""TGT007: may every feature that the model reads be used, for this target?"""

from __future__ import annotations

from targeting.domain import RefusedError, Target
from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult
from targeting.features.denylist import check_not_denied
from targeting.features.family import Feature

__all__ = ["check"]

_GATE = Gate("TGT007", "every feature is declared, has a legal basis, and may serve the target", "block")


def check(evidence: Evidence) -> GateResult:
    """Declared, with a legal basis, serving this target (personal ones do not without being asked for), not denied."""
    if evidence.columns is None or evidence.declared is None:
        return _GATE.not_applicable("no declarations to read")
    declared = {feature.name: feature for feature in evidence.declared}
    target = evidence.specification.target
    faults = {name: _fault(declared.get(name), target) for name in evidence.columns}
    said = [f"{name} {fault}" for name, fault in faults.items() if fault]
    return _GATE.judged(not said, "; ".join(said) or f"all {len(faults)} are")


def _fault(feature: Feature | None, target: Target) -> str:
    """Why the feature may not be used; empty when it may."""
    if feature is None:
        return "has no declaration"
    if not feature.legal_basis.strip():
        return "has no legal basis"
    if not feature.serves(target):
        return f"may not serve {target}"
    try:
        check_not_denied(feature, "the model")
    except RefusedError as cause:
        return f"is denied ({cause.expected})"
    return ""
