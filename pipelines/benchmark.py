"""Benchmark: run the house's path on an inspection data set in the open format, print the table, write JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.progress import Progress
from targeting.evaluation.gates import GateResult
from targeting.evaluation.open_format.benchmark import SELECTED, BenchmarkResult, Tested
from targeting.evaluation.open_format.benchmark import benchmark as measured
from targeting.evaluation.open_format.dataset import read_dataset

__all__ = ["benchmark", "render"]


def benchmark(directory: Path, out: Path | None, progress: Progress) -> str:
    """Run on the data set in `directory`; write the result to `out` when given. Returns the table to print."""
    with progress.bar("reading", 1, "") as bar:
        data = read_dataset(directory)
        bar.advance()
    result = measured(data, track=lambda splits: progress.track(splits, "forward windows", len(splits)))
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(_plain(result.document()), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return render(result)


def render(result: BenchmarkResult) -> str:
    """The comparison table, the reasoning behind the choice, and the gates."""
    head = (
        f"{result.dataset}: {result.n_train} training and {result.n_test} test rows ({result.unit}), "
        f"base rate {result.base_rate:.3f}"
    )
    title = f"  {'model':<20}{f'P@{result.k} (se)':>16}{'AUC (se)':>16}{'AP':>8}{'Brier':>8}{'ECE':>8}"
    rows = [_row(name, one, result) for name, one in result.models.items() if name != SELECTED]
    return "\n".join([head, title, *rows, f"  * {result.why}", *(_gate(gate) for gate in result.gates)])


def _row(name: str, one: Tested, result: BenchmarkResult) -> str:
    mark = "*" if name == result.selected else " "
    metrics = one.metrics
    return (
        f" {mark}{name:<20}{f'{metrics.precision_at_k:.3f} ({one.precision_error:.3f})':>16}"
        f"{f'{metrics.auc:.3f} ({one.auc_error:.3f})':>16}{metrics.average_precision:>8.3f}{metrics.brier:>8.3f}"
        f"{metrics.ece:>8.3f}"
    )


def _gate(gate: GateResult) -> str:
    return f"  {gate.code} {gate.outcome}: {gate.title} ({gate.detail})"


def _plain(value: Any) -> Any:
    """Without NaN, which JSON does not know: a metric that is not defined is null."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
