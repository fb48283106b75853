"""The tables of the report as rows of words: gates, candidates, three columns, segments, groups, windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pipelines.evaluation_report.forward_plots import window_figures
from pipelines.evaluation_report.group_names import dimension_name, group_name, part_name
from pipelines.evaluation_report.words import (
    Said,
    both,
    count,
    day,
    decimal,
    one,
    said,
    sentence,
    share,
    span,
    with_error,
)
from targeting.evaluation.bounds import Bounds
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.gates import GateResult
from targeting.evaluation.groups import GroupRow, Rate
from targeting.evaluation.weighting import Estimate

__all__ = [
    "Cells",
    "Gate",
    "Table",
    "candidates",
    "columns",
    "gates",
    "groups",
    "origin",
    "segments",
    "sensitivity",
    "windows",
]

Cells = tuple[Said, ...]

_IN_PERCENT = ("prevalence", "precision_at_k", "recall_at_k")
_TOTALS = ("breaches_at_k", "severity_at_k")


class Table(NamedTuple):
    """Column heads and rows; the first cell of a row is its head. `marked` rows are set off."""

    head: Cells
    rows: tuple[Cells, ...]
    marked: frozenset[int] = frozenset()


class Gate(NamedTuple):
    """A gate in words. `state` is pass, fail_block, fail_warn or na; `detail` is the check's own English."""

    code: str
    state: str
    outcome: Said
    title: Said
    meaning: Said
    detail: str


def gates(found: Sequence[GateResult]) -> list[Gate]:
    """Every gate's answer in words."""
    return [_gate(gate) for gate in found]


def _gate(gate: GateResult) -> Gate:
    kind = {"pass": "pass", "fail": "fail", "not applicable": "na"}[gate.outcome]
    state = f"fail_{gate.severity}" if kind == "fail" else kind
    meaning = said(f"gate.{kind}_means.{gate.code}")
    return Gate(gate.code, state, said(f"gate.{state}"), said(f"gate.title.{gate.code}"), meaning, gate.detail)


def candidates(found: Evaluated) -> Table:
    """All candidates side by side; the chosen one is marked."""
    heads = ("candidate", "kind", "precision", "auc", "average_precision", "brier", "log_loss", "ece")
    rows = []
    for name, (metrics, precision, area) in found.result.summaries.items():
        baseline = found.specification.candidate(name).baseline
        rows.append(
            (
                sentence(one("candidate", name)),
                said("table.is_rule" if baseline else "table.is_learned"),
                with_error(share(metrics.precision_at_k), share(precision)),
                with_error(decimal(metrics.auc), decimal(area)),
                decimal(metrics.average_precision),
                decimal(metrics.brier, 3),
                decimal(metrics.log_loss, 3),
                decimal(metrics.ece, 3),
            )
        )
    names = list(found.result.summaries)
    return Table(_heads(*heads), tuple(rows), frozenset({names.index(found.choice.candidate)} if names else ()))


def columns(found: Evaluated, candidate: str) -> Table:
    """One candidate's figures in the three columns."""
    assert found.honesty is not None
    rows = [
        (
            said(f"metric.{name}"),
            _estimate(name, each.inspected),
            _estimate(name, each.weighted),
            _bounds(name, each.bounds),
        )
        for name, each in found.honesty.candidates[candidate].metrics.items()
    ]
    return Table(_heads("figure", "inspected", "weighted", "bounds"), tuple(rows))


def segments(found: Evaluated) -> Table:
    """Calibration of the chosen candidate in each part, as far as there are inspections."""
    assert found.honesty is not None
    told = found.honesty.candidates[found.choice.candidate].segments
    rows = [
        (
            _of(dimension_name(part.kind), part_name(part.kind, part.name)),
            count(part.rows),
            count(part.breaches),
            decimal(part.slope) if part.slope is not None else said("table.too_few"),
            decimal(part.ece, 3) if part.ece is not None else said("table.too_few"),
        )
        for part in told
    ]
    return Table(_heads("segment", "rows", "breaches", "slope", "ece"), tuple(rows))


def sensitivity(found: Evaluated) -> Table:
    """What follows if only a part of the breaches is found."""
    assert found.honesty is not None
    rows = [
        (
            share(step.found_given_present),
            _capped(step.prevalence, step.capped),
            _capped(step.precision_at_k, step.capped),
            share(step.overlap),
        )
        for step in found.honesty.sensitivity
    ]
    heads = _heads("found_given_present", "prevalence", "precision", "overlap")
    return Table(heads, tuple(rows))


def groups(found: Evaluated) -> Table:
    """Every group that is shown, beside everybody."""
    told = found.evidence.groups
    assert told is not None
    shown = [row for row in told.rows if row.selection or row.precision or row.base]
    rows = [(said("table.everybody"), *_rates(told.everybody))]
    rows += [(_of(dimension_name(row.dimension), group_name(row)), *_rates(row)) for row in shown]
    return Table(_heads("group", "selection", "hit", "wrong", "base"), tuple(rows), frozenset({0}))


def windows(found: Evaluated) -> Table:
    """Each window's rows, and every candidate's precision in it."""
    values = window_figures(found, "precision_at_k")
    names = tuple(sentence(one("candidate", name)) for name in values)
    rows = [
        (
            both(str(split.quarter)),
            count(len(split.train)),
            count(len(split.test)),
            share(float(labels.mean())),
            *(share(figures[place].value) for figures in values.values()),
        )
        for place, (split, labels) in enumerate(zip(found.result.splits, found.result.labels, strict=True))
    ]
    return Table((*_heads("window", "learned_from", "tested_on", "base_rate"), *names), tuple(rows))


def origin(found: Evaluated) -> list[tuple[Said, Said]]:
    """What the figures are made from."""
    newest, columns_ = found.evidence.newest, found.evidence.columns
    rows = said(
        "origin.rows_told",
        rows=count(found.rows),
        breaches=count(found.breaches),
        share=share(found.breaches / found.rows),
    )
    pairs = {
        "as_of": day(date.fromisoformat(found.model.trained_until)),
        "rows": rows,
        "newest": day(newest.occurred_on) if newest else said("table.unknown"),
        "capacity": count(found.specification.capacity),
        "features": count(len(columns_ or ())),
        "version": both(found.version),
        "seed": both(str(found.specification.seed)),
        "data": both(found.data),
        "specification": both(found.specification.sha256),
    }
    return [(said(f"origin.{name}"), value) for name, value in pairs.items()]


def _heads(*names: str) -> Cells:
    return tuple(said(f"table.{name}") for name in names)


def _of(kind: Said, name: Said) -> Said:
    return Said(f"{kind.nb}: {name.nb}", f"{kind.en}: {name.en}")


def _figure(name: str, value: float) -> Said:
    if name in _IN_PERCENT:
        return share(value)
    return decimal(value, 0) if name in _TOTALS else decimal(value, 3)


def _estimate(name: str, found: Estimate | None) -> Said:
    if found is None:
        return said("table.unknown")
    return span(*(_figure(name, value) for value in (found.value, found.low, found.high)))


def _bounds(name: str, found: Bounds | None) -> Said:
    if found is None:
        return said("table.any")
    worst, best = _figure(name, found.worst), _figure(name, found.best)
    return Said(f"{worst.nb} til {best.nb}", f"{worst.en} to {best.en}")


def _capped(found: Estimate | None, capped: bool) -> Said:
    if capped:
        return said("table.capped")
    return _estimate("prevalence", found)


def _rates(row: GroupRow) -> Cells:
    return tuple(_rate(rate) for rate in (row.selection, row.precision, row.false_discovery, row.base))


def _rate(rate: Rate | None) -> Said:
    if rate is None:
        return said("table.too_few")
    return span(share(rate.share, 1), share(rate.low, 1), share(rate.high, 1))
