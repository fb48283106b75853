"""Estimates with their intervals: a dot on a line each, from zero on one scale, the figures in words above it.

Not beside it: at 320 px there is no room right of a long line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from api.pages.charts.chart import Chart
from api.pages.charts.labels import label
from api.pages.charts.scale import Scale, axis, scale_to
from api.pages.charts.svg import across, drawing, element
from api.pages.languages import Speech
from api.pages.names import marked

__all__ = ["Estimate", "estimates", "whisker"]

_MARK: Final = 1.5
"""Em that a dot and the space below it take."""
_HEADS: Final = (marked("Estimate"), marked("95% interval"))


class Estimate(NamedTuple):
    """A share with the ends of its interval, and what it is of."""

    label: str
    value: float
    low: float
    high: float


def estimates(speech: Speech, title: str, of: str, rows: Sequence[Estimate]) -> Chart:
    """`rows` from top to bottom; `of` heads the column that names them."""
    scale = scale_to([row.high for row in rows])
    parts, height = [], 0.0
    for row in rows:
        named = label(row.label, height, f"{speech.percent(row.value)} ({speech.interval(row.low, row.high)})")
        height += named.height
        parts += [named.svg, *_mark(scale, row, f"{height + _MARK / 3:g}em")]
        height += _MARK
    grid = axis(scale, ["0", *map(speech.percent, scale.ticks[1:])], height)
    said = speech.text("%(title)s. The same figures are in the table below.", title=title)
    return Chart(
        title,
        drawing(title, said, height + 1.6, grid, *parts, kind="intervals"),
        (of, *map(speech.text, _HEADS)),
        tuple((row.label, speech.percent(row.value), speech.interval(row.low, row.high)) for row in rows),
    )


def _mark(scale: Scale, row: Estimate, y: str) -> list[Markup]:
    return _dot_and_line(scale.at(row.value), scale.at(row.low), scale.at(row.high), y)


def whisker(value: float, low: float, high: float) -> Markup:
    """A share and its interval between 0 and 1, small enough to stand beside the figures it repeats."""
    track = element("line", x1="0", x2="100%", y1="50%", y2="50%", class_="track")
    return element(
        "svg",
        track,
        *_dot_and_line(100 * value, 100 * low, 100 * high, "50%"),
        class_="chart whisker",
        aria_hidden="true",
    )


def _dot_and_line(value: float, low: float, high: float, y: str) -> list[Markup]:
    return [
        element("line", x1=across(low), x2=across(high), y1=y, y2=y, class_="range"),
        element("circle", cx=across(value), cy=y, r="0.35em", class_="dot"),
    ]
