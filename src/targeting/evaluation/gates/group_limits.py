"""TGT006: is any group listed far more often than others, or listed wrongly far more often?"""

from __future__ import annotations

from collections.abc import Iterator

from targeting.evaluation.gates.evidence import Evidence
from targeting.evaluation.gates.result import Gate, GateResult
from targeting.evaluation.groups import GroupRow, Rate
from targeting.modelling.specification import Gates

__all__ = ["check"]

_GATE = Gate("TGT006", "groups within the limits", "warn")


def check(evidence: Evidence) -> GateResult:
    """Only what is surely outside counts: the whole interval, beyond the limit beside everybody's figure."""
    groups = evidence.groups
    if groups is None or not groups.rows:
        return _GATE.not_applicable("no group was looked at in this run")
    limits = evidence.specification.gates
    outside = [said for row in groups.rows for said in _outside(row, groups.everybody, limits)]
    shown = sum(row.selection is not None or row.precision is not None for row in groups.rows)
    detail = f"{shown} groups shown, {len(groups.rows) - shown} withheld as too small"
    return _GATE.judged(not outside, "; ".join([*outside, detail]))


def _outside(row: GroupRow, everybody: GroupRow, gates: Gates) -> Iterator[str]:
    rate, usual = row.selection, everybody.selection
    if rate and usual and rate.low > gates.max_selection_ratio * usual.share:
        yield _told(row, rate, "listed", usual)
    wrong, often = row.false_discovery, everybody.false_discovery
    if wrong and often and wrong.low > often.share + gates.max_fdr_gap:
        yield _told(row, wrong, "of the listed without a breach", often)


def _told(row: GroupRow, rate: Rate, what: str, usual: Rate) -> str:
    group = f"{row.dimension} {row.group}"
    return f"{group}: {rate.share:.1%} {what} ({rate.low:.1%} to {rate.high:.1%}), everybody {usual.share:.1%}"
