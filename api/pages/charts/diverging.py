"""Pushes up and down from a middle line: why a score is as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from api.pages.charts.chart import Chart
from api.pages.charts.labels import label
from api.pages.charts.svg import across, drawing, element, text
from api.pages.languages import Speech
from api.pages.names import marked

__all__ = ["Push", "diverging"]

_BAR: Final = 1.0
_GAP: Final = 0.6
_MIDDLE: Final = 50.0
_FOOT: Final = 1.6
_HEADS: Final = (marked("Reason"), marked("Direction"), marked("Push (log-odds)"))


class Push(NamedTuple):
    """One reason in words; positive raises the score."""

    label: str
    value: float


def diverging(speech: Speech, title: str, rows: Sequence[Push]) -> Chart:
    """`rows` from top to bottom: to the right what raises, to the left what lowers; never by colour alone."""
    largest = max((abs(row.value) for row in rows), default=0.0) or 1.0
    parts, height = [], 0.0
    for row in rows:
        named, width = label(row.label, height), abs(row.value) / largest * _MIDDLE
        height += named.height
        left = _MIDDLE if row.value >= 0 else _MIDDLE - width
        kind = "up" if row.value >= 0 else "down"
        parts += [
            named.svg,
            element("rect", x=across(left), y=f"{height:g}em", width=across(width), height=f"{_BAR:g}em", class_=kind),
        ]
        height += _BAR + _GAP
    said = speech.text("%(title)s. The same figures are in the table below.", title=title)
    return Chart(
        title,
        drawing(title, said, height + _FOOT, *parts, _middle(speech, height), kind="diverging"),
        tuple(map(speech.text, _HEADS)),
        tuple((row.label, _direction(speech, row.value), speech.number(row.value, 2)) for row in rows),
    )


def _direction(speech: Speech, value: float) -> str:
    return speech.text("raises") if value >= 0 else speech.text("lowers")


def _middle(speech: Speech, height: float) -> Markup:
    x = across(_MIDDLE)
    return Markup("").join(
        [
            element("line", x1=x, x2=x, y1="0", y2=f"{height:g}em", class_="middle"),
            text(f"← {speech.text('lowers')}", _MIDDLE, height + 1.1, dx="-0.6em", text_anchor="end", class_="tick"),
            text(f"{speech.text('raises')} →", _MIDDLE, height + 1.1, dx="0.6em", class_="tick"),
        ]
    )
