"""TGT008: is what was learned still true?"""

from __future__ import annotations

from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult

__all__ = ["check"]

_TITLE = "learned from recent inspections, after the latest change of the law"


def check(evidence: Evidence) -> GateResult:
    """The newest label's age in days, and breaks since the newest inspection; the specification says how severe."""
    gates = evidence.specification.gates
    gate = Gate("TGT008", _TITLE, "block" if gates.staleness == "block" else "warn")
    newest, as_of = evidence.newest, evidence.as_of
    if newest is None or as_of is None:
        return gate.not_applicable("no training rows to date")
    age = (as_of.day - newest.known_on).days
    since = [one for one in evidence.specification.training.breaks if newest.occurred_on < one.on <= as_of.day]
    told = [f"newest label known {age} days before, at most {gates.max_label_age_days}"]
    told += [f"not one inspection since {one.on}: {one.why}" for one in since]
    return gate.judged(age <= gates.max_label_age_days and not since, "; ".join(told))
