"""The gates a benchmark run ends with: what kept outcomes and assignments out of the features, and what did not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

from targeting.evaluation.gates import GateResult
from targeting.evaluation.open_format.column_alarm import Strength, column_strengths
from targeting.evaluation.open_format.dataset import Dataset
from targeting.evaluation.open_format.matrix import OpenMatrix
from targeting.evaluation.open_format.parity import Parity, check_parity
from targeting.evaluation.splits import Split
from targeting.modelling.columns import numbers

__all__ = ["assignment_gate", "format_gate", "leakage_gates", "parity_gate", "single_column_gate"]

_NAMED_SO: Final = re.compile(r"inspe[ck]t(or|ør|oer)|officer|examiner|auditor|surveyor|assigned|saksbehandler", re.I)
_CERTAIN: Final = 0.97
_JUMP: Final = 1.5
_LEAST_JUMP: Final = 0.05
_ERRORS: Final = 2.0
_CHANGING: Final = 0.1
_HISTORY: Final = "own history"


def leakage_gates(data: Dataset, matrix: OpenMatrix, splits: Sequence[Split], seed: int) -> tuple[GateResult, ...]:
    """All four. Columns are tested on the forward windows inside training, parity on rows of the test window."""
    own = pd.DataFrame({_HISTORY: matrix.frame["own_rate_to_overall"]})
    attributes = pd.concat([matrix.attributes, own], axis=1)[matrix.train].reset_index(drop=True)
    establishments = matrix.frame["establishment"].to_numpy()[matrix.train]
    labels = numbers(matrix.frame, "label")[matrix.train]
    strengths = column_strengths(attributes, establishments, labels, splits, seed) if splits else ()
    history = next((one for one in strengths if one.column == _HISTORY), None)
    built = matrix.frame[[feature.name for feature in matrix.features]][matrix.test].reset_index(drop=True)
    parity = check_parity(data, built, matrix.rows[matrix.test], matrix.kinds)
    return (
        assignment_gate(data),
        single_column_gate([one for one in strengths if one is not history], history, data),
        parity_gate(parity),
        format_gate([*data.remarks, *_too_few(data, int(matrix.test.sum()))]),
    )


def assignment_gate(data: Dataset) -> GateResult:
    """Columns decided at assignment are no features. Those another list names too are refused, and said so."""
    refused = data.settings.refused
    if refused:
        detail = f"refused as features, because dataset.toml lists them as nuisance: {', '.join(refused)}"
    else:
        detail = f"fitted as nuisance only: {', '.join(data.settings.nuisance) or 'none listed'}"
    return _gate("BEN001", "no assignment-time column is a feature", "block", not refused, detail)


def single_column_gate(strengths: Sequence[Strength], history: Strength | None, data: Dataset) -> GateResult:
    """Alarm on a column that alone says implausibly much, or that changes from visit to visit and says a lot.

    Implausible: nearly everything, or half as much again above chance as the best other column and the
    establishment's own history. Categories that change between visits to the same establishment describe the visit
    rather than the establishment: one that orders outcomes on its own was most likely decided with the visit.
    """
    categories = set(data.settings.categorical) | set(data.settings.group)
    alarms = []
    for one in strengths:
        rivals = [other.auc for other in (*strengths, *([history] if history else [])) if other.column != one.column]
        why = _why(one, max(rivals, default=0.5), one.column in categories)
        alarms.extend([f"{one.column} ({why})"] if why else [])
    detail = f"look at {'; '.join(alarms)}" if alarms else _strongest(strengths)
    return _gate("BEN002", "no single column says implausibly much", "block", not alarms, detail)


def parity_gate(parity: Parity) -> GateResult:
    """Features from the whole file equal those from the file truncated on the row's day."""
    detail = f"{parity.rows} test rows rebuilt from truncated data"
    detail += f"; differing: {', '.join(parity.differing)}" if parity.differing else ", all equal"
    return _gate("BEN003", "a row's features do not depend on later data", "block", not parity.differing, detail)


def format_gate(remarks: Sequence[str]) -> GateResult:
    """Departures from the format that could be lived with."""
    return _gate("BEN004", "the files are as the format says", "warn", not remarks, "; ".join(remarks) or "no remark")


def _why(one: Strength, best_other: float, category: bool) -> str:
    sure = one.auc - _ERRORS * one.error
    alone = f"AUC {one.auc:.3f} on its own"
    if sure >= _CERTAIN:
        return f"{alone}: it all but holds the outcome"
    if sure - 0.5 > _JUMP * max(best_other - 0.5, 0.0) and sure - best_other > _LEAST_JUMP:
        return f"{alone}, the best other {best_other:.3f}"
    if category and one.changes >= _CHANGING and sure - 0.5 > _LEAST_JUMP:
        return f"{alone}, and it changes at {one.changes:.0%} of repeated visits"
    return "its name says it is decided with the visit" if _NAMED_SO.search(one.column) else ""


def _strongest(strengths: Sequence[Strength]) -> str:
    if not strengths:
        return "no attribute is a feature, or there was no window to test on"
    return f"the strongest is {strengths[0].column}, AUC {strengths[0].auc:.3f} on its own"


def _gate(code: str, title: str, severity: str, holds: bool, detail: str) -> GateResult:
    return GateResult(code, title, severity, "pass" if holds else "fail", detail)


def _too_few(data: Dataset, test_rows: int) -> list[str]:
    if test_rows >= data.settings.k:
        return []
    return [f"k = {data.settings.k} is more than the {test_rows} test rows with an outcome, which are all taken"]
