"""Figures of the groups: how often each is listed and how often rightly, one figure a dimension."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.evaluation_report.drawing import BAND, GREY, OWN, Picture, drawn, percent_axis
from pipelines.evaluation_report.group_names import dimension_name, group_name, in_order
from pipelines.evaluation_report.words import Said, said, share
from targeting.evaluation.evaluated import Evaluated
from targeting.evaluation.groups import GroupRow, Rate

__all__ = ["group_pictures"]

_ROW: Final = 0.19  # inches a group
_FRAME: Final = 0.5
_LONGEST: Final = 24


def group_pictures(found: Evaluated) -> list[Picture]:
    """A figure for each dimension that has a group large enough to show."""
    groups = found.evidence.groups
    if groups is None:
        return []
    shown = [row for row in groups.rows if row.selection or row.precision]
    return [
        _dimension(found, dimension, in_order(rows), groups.everybody)
        for dimension, rows in groupby(shown, lambda row: row.dimension)
    ]


def _dimension(found: Evaluated, dimension: str, rows: list[GroupRow], everybody: GroupRow) -> Picture:
    names = [_short(group_name(row)) for row in rows]
    rated = any(row.precision for row in rows)
    height = _ROW * len(rows) + _FRAME

    def draw(figure: Figure) -> None:
        left, *right = np.atleast_1d(figure.subplots(1, 1 + rated, sharey=True))
        figure.subplots_adjust(left=0.38, right=0.95, top=1.0 - 0.05 / height, bottom=0.42 / height, wspace=0.14)
        ticks = 2 if rated else 4
        _rates(left, [row.selection for row in rows], everybody.selection, said("plot.selection"), ticks)
        for axes in right:
            _rates(axes, [row.precision for row in rows], everybody.precision, said("plot.precision"), ticks)
            axes.set_xlim(0, 1)
        left.set_xlim(left=0)
        left.set_yticks(-np.arange(len(rows)), [name.nb for name in names])
        left.set_ylim(-len(rows) + 0.4, 0.6)

    name = f"{found.target}-{dimension}"
    svg = drawn(name, height, draw, [*names, said("plot.selection"), said("plot.precision")])
    reading = said("figure.groups.both" if rated else "figure.groups.listed")
    return Picture(name, svg, dimension_name(dimension), reading, _most_listed(rows, everybody))


def _rates(axes: Axes, rates: list[Rate | None], everybody: Rate | None, label: Said, ticks: int) -> None:
    if everybody is not None:
        axes.axvline(everybody.share, color=GREY, linewidth=0.9)
    for place, rate in enumerate(rates):
        if rate is not None:
            axes.hlines(-place, rate.low, rate.high, OWN, linewidth=1.3)
            axes.plot([rate.share], [-place], "o", color=OWN, markersize=4)
    axes.set_xlabel(label.nb)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=BAND, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=ticks)
    percent_axis(axes, "x")


def _most_listed(rows: list[GroupRow], everybody: GroupRow) -> Said:
    listed = [(row, row.selection) for row in rows if row.selection]
    if not listed or everybody.selection is None:
        return said("figure.groups.few")
    row, rate = max(listed, key=lambda pair: pair[1].share)
    usual = share(everybody.selection.share, 1)
    return said("figure.groups.finding", most=group_name(row), share=share(rate.share, 1), usual=usual)


def _short(words: Said) -> Said:
    nb, en = (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…" for text in words)
    return Said(nb, en)
