"""What a training says on the terminal: the forward table of every target and the reasoning behind the choice."""

from __future__ import annotations

from typing import NamedTuple

from targeting.domain import AsOf, Target
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.gates import GateResult
from targeting.evaluation.selection import Choice

__all__ = ["TargetReport", "TrainReport", "render"]


class TargetReport(NamedTuple):
    """One target's training; `failure` says why there is no version."""

    target: Target
    version: str | None
    result: Backtest | None
    choice: Choice | None
    gates: tuple[GateResult, ...]
    rows: int
    failure: str | None


class TrainReport(NamedTuple):
    """A whole training."""

    as_of: AsOf
    targets: tuple[TargetReport, ...]


def render(report: TrainReport) -> str:
    """The report as text: per target a table of candidates, then what was chosen and why."""
    return "\n\n".join(_target(one, report.as_of) for one in report.targets)


def _target(one: TargetReport, as_of: AsOf) -> str:
    if one.result is None or one.choice is None:
        return f"{one.target}: not trained. {one.failure}"
    splits = one.result.splits
    tested = f"{len(splits)} windows from {splits[0].quarter} on" if splits else "nothing"
    head = f"{one.target}: {one.rows} labelled inspections known before {as_of}; forward test on {tested}"
    body = [*_table(one.result, one.choice), f"  {one.choice.why}", *_gates(one.gates)]
    return "\n".join([head, *body, f"  version {one.version}"])


def _gates(gates: tuple[GateResult, ...]) -> list[str]:
    """A line a gate; those that a training does not look at share one."""
    told = [f"  {gate.code} {gate.outcome}: {gate.title} ({gate.detail})" for gate in gates if _looked_at(gate)]
    rest = ", ".join(gate.code for gate in gates if not _looked_at(gate))
    return [*told, *([f"  not looked at in a training, or not needed: {rest}"] if rest else [])]


def _looked_at(gate: GateResult) -> bool:
    return gate.outcome != "not applicable"


def _table(result: Backtest, choice: Choice) -> list[str]:
    if not result.summaries:
        return []
    first = next(iter(result.summaries.values())).metrics
    title = (
        f"  {'candidate':<20}{f'P@{first.k} (se)':>16}{'AUC (se)':>16}{'AP':>8}{'Brier':>8}{'log loss':>10}{'ECE':>8}"
    )
    note = f"  k = {first.k} of {first.rows // len(result.splits)} rows a window on average; base rate"
    lines = [f"{note} {first.base_rate:.3f}, among the inspected only", title]
    for name, (metrics, precision_error, auc_error) in result.summaries.items():
        mark = "*" if name == choice.candidate else " "
        lines.append(
            f" {mark}{name:<20}{f'{metrics.precision_at_k:.3f} ({precision_error:.3f})':>16}"
            f"{f'{metrics.auc:.3f} ({auc_error:.3f})':>16}{metrics.average_precision:>8.3f}{metrics.brier:>8.3f}"
            f"{metrics.log_loss:>10.3f}{metrics.ece:>8.3f}"
        )
    return lines
