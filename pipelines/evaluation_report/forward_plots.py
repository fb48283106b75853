"""Figures of the forward test: reliability, precision and AUC window by window, and precision down the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binom

from pipelines.evaluation_report.drawing import BAND, GREY, INK, OWN, RIVAL, Picture, percent_axis, picture, plain
from pipelines.evaluation_report.words import decimal, one, said, sentence, share
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.gates.calibration import pooled_forward
from targeting.evaluation.lead import Statistic
from targeting.evaluation.metrics import auc, bootstrap_error, precision_at
from targeting.modelling.columns import Reals

__all__ = ["forward_pictures", "window_figures"]

_ROWS_A_BIN: Final = 25
_MOST_BINS: Final = 10
_Z: Final = 1.959963984540054
_DEPTHS: Final = np.linspace(0.05, 1.0, 39)
_SHOWN_DEPTH: Final = 0.2


class Bin(NamedTuple):
    """Inspections of like estimates: the mean estimate, the share with a breach, and what chance allows of it."""

    rows: int
    estimated: float
    observed: float
    low: float
    high: float


class WindowFigure(NamedTuple):
    """A candidate's figure in one window, with its bootstrap standard error."""

    value: float
    error: float


def forward_pictures(found: Evaluated) -> list[Picture]:
    """The figures; none when nothing was tested."""
    if not found.tested:
        return []
    return [reliability(found), windows(found, "precision_at_k"), windows(found, "auc"), depth(found)]


def reliability(found: Evaluated) -> Picture:
    """Are the probabilities right, beside what chance would show."""
    later = slice(len(found.result.splits) // 2, None)
    probability = pooled_forward(found.result, found.choice.candidate)
    bins = _bins(probability, np.concatenate(found.result.labels[later]))
    words = [said(f"plot.{key}") for key in ("probability", "share", "inspections", "expected", "chance", "observed")]

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        figure.subplots_adjust(left=0.16, right=0.96, top=0.97, bottom=0.14, hspace=0.1)
        most = min(1.0, max(0.1, *(max(one.estimated, one.high, one.observed) for one in bins)) * 1.08)
        above.plot([0, most], [0, most], color=GREY, linewidth=0.9, linestyle="--", label=said("plot.expected").nb)
        middle = [one.estimated for one in bins]
        above.vlines(
            middle, [b.low for b in bins], [b.high for b in bins], BAND, linewidth=9, label=said("plot.chance").nb
        )
        above.plot(middle, [b.observed for b in bins], "o", color=OWN, label=said("plot.observed").nb)
        above.set(xlim=(0, most), ylim=(0, most), ylabel=said("plot.share").nb)
        above.legend(loc="upper left")
        below.hist(probability, bins=np.linspace(0, most, 21).tolist(), color=OWN)
        below.set(xlabel=said("plot.probability").nb, ylabel=said("plot.inspections").nb)
        for axes in (above, below):
            plain(axes)
        percent_axis(above)
        percent_axis(below, "x")

    inside = sum(one.low <= one.observed <= one.high for one in bins)
    ece = decimal(found.metrics(found.choice.candidate).ece, 3)
    finding = said("figure.reliability.finding", inside=inside, bins=len(bins), ece=ece)
    return picture(found.target, "reliability", 3.6, draw, words, finding)


def _bins(probability: Reals, labels: Reals) -> list[Bin]:
    """Groups of equal size; the chance interval is that of so many draws with the group's own mean."""
    number = max(1, min(_MOST_BINS, len(labels) // _ROWS_A_BIN))
    made = []
    for rows in np.array_split(np.argsort(probability, kind="stable"), number):
        mean, size = float(probability[rows].mean()), len(rows)
        low, high = (float(binom.ppf(end, size, mean)) / size for end in (0.025, 0.975))
        made.append(Bin(size, mean, float(labels[rows].mean()), low, high))
    return made


def windows(found: Evaluated, statistic: Statistic) -> Picture:
    """Every candidate in every window, the chosen one and its rival in colour."""
    values = window_figures(found, statistic)
    name = "precision" if statistic == "precision_at_k" else "auc"
    titles = {candidate: one("candidate", candidate) for candidate in _named(found)}
    words = [*titles.values(), said("plot.others"), *(decimal(tick / 10, 1) for tick in range(11))]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.13, right=0.98, top=0.82, bottom=0.13)
        for place, candidate in enumerate(values):
            colour, label = _colour(found, candidate), titles.get(candidate)
            _whiskers(axes, values[candidate], (place + 0.5) / len(values) - 0.5, colour, label and label.nb)
        axes.plot([], [], "o", color=GREY, markersize=3, label=said("plot.others").nb)
        axes.set_xticks(range(len(found.result.splits)), [_tick(split.quarter) for split in found.result.splits])
        axes.set_xlim(-0.6, len(found.result.splits) - 0.4)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.03, 1.0), ncols=1, borderaxespad=0.2, labelspacing=0.25)
        plain(axes)
        if statistic == "precision_at_k":
            axes.set_ylim(0, 1.02)
            percent_axis(axes)
        else:
            axes.yaxis.set_major_formatter(lambda value, _: decimal(value, 1).nb)
            axes.axhline(0.5, color=GREY, linewidth=0.8, linestyle="--")

    own, rival = found.choice.candidate, found.rival
    ahead = sum(mine.value > theirs.value for mine, theirs in zip(values[own], values[rival], strict=True))
    means = [getattr(found.metrics(candidate), statistic) for candidate in (own, rival)]
    shown = [share(mean) if statistic == "precision_at_k" else decimal(mean) for mean in means]
    finding = said(
        f"figure.{name}.finding",
        own=sentence(one("candidate", own)),
        rival=one("candidate", rival),
        value=shown[0],
        other=shown[1],
        ahead=ahead,
        windows=len(found.result.splits),
    )
    return picture(found.target, name, 3.3, draw, words, finding)


def window_figures(found: Evaluated, statistic: Statistic) -> dict[str, list[WindowFigure]]:
    """Every candidate's figure in each window."""
    result, seed = found.result, found.specification.seed
    made: dict[str, list[WindowFigure]] = {}
    for candidate, parts in result.forward.items():
        made[candidate] = [
            WindowFigure(
                getattr(metrics, statistic),
                bootstrap_error(_resampled(statistic, part.ranked, labels, metrics.k), len(labels), seed),
            )
            for part, labels, metrics in zip(parts, result.labels, result.metrics[candidate], strict=True)
        ]
    return made


def _resampled(statistic: Statistic, scores: Reals, labels: Reals, k: int) -> Callable[[np.ndarray], float]:
    if statistic == "auc":
        return lambda rows: auc(scores[rows], labels[rows])
    return lambda rows: precision_at(scores[rows], labels[rows], k)


def _whiskers(axes: Axes, figures: list[WindowFigure], shift: float, colour: str, label: str | None) -> None:
    x = np.arange(len(figures)) + 0.84 * shift
    value = np.array([one.value for one in figures])
    half = _Z * np.nan_to_num(np.array([one.error for one in figures]))
    thick = colour != GREY
    low, high = np.clip(value - half, 0, 1), np.clip(value + half, 0, 1)
    axes.vlines(x, low, high, colour, linewidth=1.6 if thick else 0.7, alpha=1.0 if thick else 0.6)
    axes.plot(x, value, "o", color=colour, markersize=4.5 if thick else 2.5, label=label)


def depth(found: Evaluated) -> Picture:
    """The share with a breach if only the first part of each window had been inspected."""
    own, rival = found.choice.candidate, found.rival
    curves = {candidate: _depths(found, candidate) for candidate in dict.fromkeys([rival, own])}
    base = found.metrics(own).base_rate
    titles = {candidate: one("candidate", candidate) for candidate in curves}
    words = [*titles.values(), *(said(f"plot.{key}") for key in ("depth", "share", "base", "capacity"))]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        figure.subplots_adjust(left=0.16, right=0.95, top=0.96, bottom=0.16)
        axes.axhline(base, color=GREY, linewidth=0.9, linestyle="--", label=said("plot.base").nb)
        for candidate, curve in curves.items():
            axes.plot(_DEPTHS, curve, color=_colour(found, candidate), linewidth=1.8, label=titles[candidate].nb)
        _mark_capacity(axes, found)
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=said("plot.depth").nb, ylabel=said("plot.share").nb)
        axes.legend(loc="lower right")
        plain(axes)
        percent_axis(axes)
        percent_axis(axes, "x")

    place = int(np.argmin(np.abs(_DEPTHS - _SHOWN_DEPTH)))
    finding = said(
        "figure.depth.finding",
        own=titles[own],
        value=share(curves[own][place]),
        rival=titles[rival],
        other=share(curves[rival][place]),
        base=share(base),
    )
    return picture(found.target, "depth", 2.9, draw, words, finding)


def _depths(found: Evaluated, candidate: str) -> Reals:
    result = found.result
    weights = [len(labels) for labels in result.labels]
    made = [
        [precision_at(part.ranked, labels, max(1, round(depth * len(labels)))) for depth in _DEPTHS]
        for part, labels in zip(result.forward[candidate], result.labels, strict=True)
    ]
    return np.asarray(np.average(np.array(made), axis=0, weights=weights))


def _mark_capacity(axes: Axes, found: Evaluated) -> None:
    first = found.metrics(found.choice.candidate)
    part = first.k * len(found.result.splits) / first.rows
    axes.axvline(part, color=INK, linewidth=0.7, linestyle=":")
    axes.text(part + 0.015, 1.0, said("plot.capacity").nb, fontsize=9, va="top")


def _named(found: Evaluated) -> list[str]:
    return list(dict.fromkeys([found.choice.candidate, found.rival]))


def _colour(found: Evaluated, candidate: str) -> str:
    if candidate == found.choice.candidate:
        return OWN
    return RIVAL if candidate == found.rival else GREY


def _tick(quarter: object) -> str:
    year, _, number = str(quarter).partition("Q")
    return f"Q{number}\n{year}"
