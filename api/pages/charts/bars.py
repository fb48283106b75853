"""Counts as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from api.pages.charts.chart import Chart
from api.pages.charts.labels import label
from api.pages.charts.svg import across, drawing, element, text
from api.pages.languages import Speech

__all__ = ["Bar", "bars"]

_FULL: Final = 72.0
"""How far across the largest bar reaches, in percent; what is right of it is for its number."""
_BAR: Final = 1.1
_GAP: Final = 0.6


class Bar(NamedTuple):
    """One count, zero or more, and what it is of."""

    label: str
    value: float


def bars(speech: Speech, title: str, heads: tuple[str, str], rows: Sequence[Bar], digits: int = 0) -> Chart:
    """`rows` from top to bottom; `heads` are those of the table: what is counted of whom."""
    largest = max((row.value for row in rows), default=0.0) or 1.0
    parts, height = [], 0.0
    for row in rows:
        named, width = label(row.label, height), row.value / largest * _FULL
        top = height + named.height
        parts += [
            named.svg,
            element("rect", x="0", y=f"{top:g}em", width=across(width), height=f"{_BAR:g}em", class_="bar"),
            text(speech.number(row.value, digits), width, top + 0.9, dx="0.5em", class_="value"),
        ]
        height = top + _BAR + _GAP
    said = speech.text("%(title)s. The same figures are in the table below.", title=title)
    return Chart(
        title,
        drawing(title, said, height, *parts, kind="bars"),
        heads,
        tuple((row.label, speech.number(row.value, digits)) for row in rows),
    )
