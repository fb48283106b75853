"""TGT005: is the list the data's, or the seed's?"""

from __future__ import annotations

from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult
from targeting.evaluation.stability import Overlap

__all__ = ["check"]

_GATE = Gate("TGT005", "the list holds under other seeds, other samples and another quarter", "warn")


def check(evidence: Evidence) -> GateResult:
    """The least Jaccard index of the top k with the list itself, over each kind of change."""
    found, gates = evidence.stability, evidence.specification.gates
    if found is None:
        return _GATE.not_applicable("no list was drawn again in this run")
    floors: dict[str, tuple[Overlap | None, float]] = {
        "seeds": (found.seeds, gates.min_jaccard_seeds),
        "resamples": (found.resamples, gates.min_jaccard_resamples),
        "quarters": (found.quarters, gates.min_jaccard_quarters),
    }
    made = {name: (overlap, floor) for name, (overlap, floor) in floors.items() if overlap is not None}
    if not made:
        return _GATE.not_applicable("no list was drawn again in this run")
    told = [f"{_told(name, overlap)}, at least {floor:.2f}" for name, (overlap, floor) in made.items()]
    holds = all(overlap.least >= floor for overlap, floor in made.values())
    return _GATE.judged(holds, f"Jaccard of the {found.k} with the list, least (mean): {'; '.join(told)}")


def _told(name: str, overlap: Overlap) -> str:
    return f"{overlap.least:.2f} ({overlap.mean:.2f}) over {overlap.lists} {name}"
