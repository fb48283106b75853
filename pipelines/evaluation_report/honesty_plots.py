"""Figures of what the figures rest on: three columns, and what follows if inspections miss breaches."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.evaluation_report.drawing import BAND, OWN, RIVAL, Picture, percent_axis, picture, plain
from pipelines.evaluation_report.words import one, said, share
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.three_metrics import Columns

__all__ = ["columns_pictures", "sensitivity_pictures"]

_SHARES: Final = ("precision_at_k", "recall_at_k", "prevalence")


def columns_pictures(found: Evaluated) -> list[Picture]:
    """Shares in the three columns, for the chosen candidate and its rival."""
    honesty = found.honesty
    if honesty is None:
        return []
    lines = [(metric, candidate) for metric in _SHARES for candidate in honesty.candidates]
    words = [said(f"metric.{metric}") for metric in _SHARES] + [one("candidate", name) for name in honesty.candidates]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.04, right=0.94, top=0.99, bottom=0.12)
        for place, (metric, candidate) in enumerate(lines):
            y = -place - place // len(honesty.candidates)
            colour = OWN if candidate == found.choice.candidate else RIVAL
            _three(axes, y, honesty.candidates[candidate].metrics[metric], colour)
            axes.text(0.0, y + 0.3, one("candidate", candidate).nb, fontsize=7.5, color=colour, va="bottom")
            if candidate == next(iter(honesty.candidates)):
                axes.text(0.0, y + 0.8, said(f"metric.{metric}").nb, va="bottom", weight="bold")
        axes.set(xlim=(-0.02, 1.02), ylim=(-len(lines) - len(_SHARES) + 1.6, 1.5))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=BAND, linewidth=0.6)
        axes.set_axisbelow(True)
        percent_axis(axes, "x")

    top = honesty.candidates[found.choice.candidate].metrics["precision_at_k"]
    finding = said(
        "figure.columns.finding",
        own=one("candidate", found.choice.candidate),
        inspected=share(top.inspected.value) if top.inspected else said("table.unknown"),
        weighted=share(top.weighted.value) if top.weighted else said("table.unknown"),
        worst=share(top.bounds.worst) if top.bounds else share(0.0),
        best=share(top.bounds.best) if top.bounds else share(1.0),
    )
    return [picture(found.target, "columns", 0.45 * (len(lines) + len(_SHARES)) + 0.5, draw, words, finding)]


def _three(axes: Axes, y: float, columns: Columns, colour: str) -> None:
    if columns.bounds is not None:
        axes.hlines(y, columns.bounds.worst, columns.bounds.best, BAND, linewidth=11)
    for one_, shift, fill in ((columns.inspected, 0.14, "white"), (columns.weighted, -0.14, colour)):
        if one_ is not None:
            axes.hlines(y + shift, one_.low, one_.high, colour, linewidth=1.1)
            axes.plot([one_.value], [y + shift], "o", color=colour, markerfacecolor=fill, markersize=5)


def sensitivity_pictures(found: Evaluated) -> list[Picture]:
    """How far the list and the share in breach move when inspections miss a part."""
    honesty = found.honesty
    if honesty is None or not honesty.sensitivity:
        return []
    steps = honesty.sensitivity
    words = [said(f"plot.{key}") for key in ("found_given_present", "precision", "overlap")]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.95, top=0.88, bottom=0.2)
        x = [step.found_given_present for step in steps]
        precision = [step.precision_at_k.value if step.precision_at_k and not step.capped else np.nan for step in steps]
        axes.plot(x, precision, "o-", color=OWN, label=said("plot.precision").nb)
        axes.plot(x, [step.overlap for step in steps], "s--", color=RIVAL, label=said("plot.overlap").nb)
        axes.set(ylim=(0, 1.05), xlabel=said("plot.found_given_present").nb)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
        plain(axes)
        percent_axis(axes)
        percent_axis(axes, "x")

    last = [step for step in steps if not step.capped and step.overlap == step.overlap][-1]
    finding = said("figure.sensitivity.finding", c=share(last.found_given_present), overlap=share(last.overlap))
    return [picture(found.target, "sensitivity", 2.5, draw, words, finding)]
