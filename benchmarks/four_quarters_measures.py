"""What `benchmarks.four_quarters` measures against the hidden truth, and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

__all__ = ["auc_by_truth", "calibration_error", "paired", "render_quarters", "render_summary", "top_expected"]

_BINS: Final = 10
_LAST: Final = 2
_METRICS: Final = (
    "ranked_found",
    "ranked_expected",
    "ranked_rate",
    "matched_expected",
    "found",
    "expected",
    "calibration_error",
    "absolute_bias",
    "promised_too_much",
    "auc",
    "list_expected",
)
Rows = Sequence[Mapping[str, Any]]


def calibration_error(scores: pd.Series, truth: pd.Series) -> float:
    """Mean distance of score and true probability over ten bins of equally many establishments, by score."""
    order = np.argsort(scores.to_numpy(), kind="stable")
    parts = np.array_split(order, _BINS)
    gaps = [abs(scores.to_numpy()[part].mean() - truth.to_numpy()[part].mean()) for part in parts]
    return float(np.average(gaps, weights=[len(part) for part in parts]))


def auc_by_truth(scores: pd.Series, truth: pd.Series) -> float:
    """The AUC to expect: everybody counts as a breach with the true probability, and as none with the rest."""
    labels = np.repeat([1, 0], len(scores))
    weights = np.concatenate([truth, 1 - truth])
    return float(roc_auc_score(labels, np.tile(scores, 2), sample_weight=weights))


def top_expected(by: pd.Series, truth: pd.Series, count: int) -> float:
    """Breaches to expect among the `count` highest."""
    return float(truth[by.sort_values(ascending=False, kind="stable").index[:count]].sum())


def paired(rows: Rows) -> dict[str, Any]:
    """Means of each policy over the last two quarters, and exploring less greedy with the error over countries."""
    frame = pd.DataFrame(list(rows))
    frame["ranked_rate"] = frame["ranked_expected"] / frame["ranked"]
    frame["absolute_bias"] = frame["bias"].abs()
    frame["promised_too_much"] = (frame["ranked_promised"] - frame["ranked_expected"]) / frame["ranked"]
    last = frame[frame["quarter"].isin(sorted(frame["quarter"].unique())[-_LAST:])]
    means = last.pivot_table(index="seed", columns="policy", values=list(_METRICS))
    whole = frame.pivot_table(index="seed", columns="policy", values=["found", "expected"], aggfunc="sum")
    explored = frame[frame["explored"] > 0]
    errors = {name: explored[name].astype(float) for name in ("naive_error", "score_error", "estimate_error")}
    greedy = frame[frame["explored"] == 0]
    return {
        "last_two_quarters": {name: _difference(means, name) for name in _METRICS},
        "four_quarters": {name: _difference(whole, name) for name in ("found", "expected")},
        "prevalence": {
            **{name: float(np.sqrt((values**2).mean())) for name, values in errors.items()},
            "greedy_naive_error": float(np.sqrt((greedy["naive_error"].astype(float) ** 2).mean())),
            "covers": float(explored["estimate_covers"].astype(float).mean()),
        },
    }


def _difference(means: pd.DataFrame, metric: str) -> dict[str, float]:
    pair = {policy: means[metric, policy] for policy in ("greedy", "exploring")}
    gap = pair["exploring"] - pair["greedy"]
    error = float(gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 1 else float("nan")
    return {
        "greedy": float(pair["greedy"].mean()),
        "exploring": float(pair["exploring"].mean()),
        "difference": float(gap.mean()),
        "error": error,
    }


_COLUMNS: Final = (
    ("quarter", "{}"),
    ("policy", "{}"),
    ("labels", "{}"),
    ("candidate", "{}"),
    ("ranked", "{}"),
    ("ranked_found", "{}"),
    ("ranked_expected", "{:.1f}"),
    ("ranked_promised", "{:.1f}"),
    ("found", "{}"),
    ("calibration_error", "{:.4f}"),
    ("bias", "{:+.3f}"),
    ("auc", "{:.4f}"),
    ("list_expected", "{:.1f}"),
    ("list_best", "{:.1f}"),
)


def render_quarters(rows: Rows) -> str:
    """One country's quarters as an aligned table."""
    head = [name.replace("_", " ") for name, _ in _COLUMNS]
    body = [[form.format(row[name]) for name, form in _COLUMNS] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in (head, *body)]
    return "\n".join([f"country {rows[0]['seed']}, {rows[0]['history']} history", *lines])


def render_summary(summary: Mapping[str, Any]) -> str:
    """Both policies and their paired difference, per history."""
    lines: list[str] = []
    for history, found in summary.items():
        lines += [f"{history} history: mean a quarter of the last two", f"{'':<20}  greedy  exploring  difference (se)"]
        lines += [_line(name, one) for name, one in found["last_two_quarters"].items()]
        lines += [_line(f"{name}, whole year", one) for name, one in found["four_quarters"].items()]
        lines += [f"  prevalence {name}: {value:.3f}" for name, value in found["prevalence"].items()]
    return "\n".join(lines)


def _line(name: str, one: Mapping[str, float]) -> str:
    return (
        f"{name.replace('_', ' '):<20} {one['greedy']:8.3f} {one['exploring']:9.3f} {one['difference']:+9.4f} "
        f"({one['error']:.4f})"
    )
