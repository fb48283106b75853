"""TGT004: does the model know something that was decided with, or after, the visit?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from targeting.evaluation.column_strength import Strength, implausible
from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult
from targeting.evaluation.parity import Parity
from targeting.modelling.specification import Gates

__all__ = ["Part", "assigned_part", "check", "parity_part", "strength_part"]

_GATE = Gate("TGT004", "no leakage: nothing of the assignment, no implausible column, train and serve alike", "block")


class Part(NamedTuple):
    """One of the gate's three questions, answered."""

    holds: bool
    detail: str


def check(evidence: Evidence) -> GateResult:
    """All three that the evidence allows. What was not looked at is said."""
    gates = evidence.specification.gates
    parts = {
        "assignment-time columns": assigned_part(evidence),
        "single columns": strength_part(evidence.strengths or (), evidence.columns, gates),
        "train and serve": parity_part(evidence.parity, evidence.columns, gates) if evidence.parity else None,
    }
    made = [part for part in parts.values() if part is not None]
    if not made:
        return _GATE.not_applicable("no column was looked at in this run")
    unseen = [f"{name}: not looked at in this run" for name, part in parts.items() if part is None]
    return _GATE.judged(all(part.holds for part in made), "; ".join([*(part.detail for part in made), *unseen]))


def assigned_part(evidence: Evidence) -> Part | None:
    """Whether the model reads a column that is decided when the inspection is assigned, under any name."""
    if evidence.columns is None:
        return None
    nuisance = {*evidence.assigned, *(name for name, _ in evidence.specification.nuisance)}
    sources = {feature.name: feature.source for feature in evidence.declared or ()}
    found = [name for name in evidence.columns if name in nuisance or sources.get(name) in nuisance]
    hidden = [one for one in evidence.recodings or () if one.feature in evidence.columns]
    said = [*found, *(f"{one.feature} (one level for each {one.column})" for one in hidden if one.feature not in found)]
    if said:
        return Part(False, f"decided at assignment: {', '.join(said)}")
    return Part(True, f"none of {len(evidence.columns)} columns is decided at assignment")


def strength_part(strengths: Sequence[Strength], columns: Sequence[str] | None, gates: Gates) -> Part | None:
    """Whether one of `columns` (null: any) says implausibly much alone; all others in `strengths` are its rivals."""
    if not strengths:
        return None
    alarms = implausible(strengths, gates, lambda name: columns is None or name in columns)
    strongest = f"the strongest single column is {strengths[0].column}, AUC {strengths[0].auc:.3f}"
    return Part(not alarms, f"look at {'; '.join(alarms)}" if alarms else strongest)


def parity_part(parity: Parity, columns: Sequence[str] | None, gates: Gates) -> Part | None:
    """Whether features served are the features learned from. What none of `columns` (null: any) does harms nobody."""
    faults = list(_faults(parity, gates.max_null_gap, lambda name: columns is None or name in columns))
    if not parity.rows and not faults:
        return None
    return Part(not faults, "; ".join([f"{parity.rows} rows built twice", *(faults or ["all equal"])]))


def _faults(parity: Parity, max_null_gap: float, judged: Callable[[str], bool]) -> Iterator[str]:
    if misplaced := [name for name in parity.misplaced if judged(name)]:
        yield f"not in the same place in training and serving: {', '.join(misplaced)}"
    if differing := [name for name in parity.differing if judged(name)]:
        yield f"differing: {', '.join(differing)}"
    if wide := [gap for gap in parity.nulls if gap.width > max_null_gap and judged(gap.feature)]:
        told = ", ".join(f"{gap.feature} {gap.least:.0%} to {gap.most:.0%}, now {gap.now:.0%}" for gap in wide)
        yield f"unknown in another share of the cohort than on any training day: {told}"
