"""Labels of rows: on a line of their own above the mark, broken where a narrow screen ends."""

from __future__ import annotations

from textwrap import wrap
from typing import Final, NamedTuple

from markupsafe import Markup

from api.pages.charts.svg import element, text, texts

__all__ = ["LINE", "Label", "label"]

LINE: Final = 1.35
"""Height of a line of text, in em."""
_WIDEST: Final = 34
"""Letters that fit across 240 px, what a card on a screen of 320 px leaves."""


class Label(NamedTuple):
    """The drawn lines, and the em they take."""

    svg: Markup
    height: float


def label(said: str, y: float, value: str = "") -> Label:
    """`said` from `y` em down, and `value` after it, on a line of its own where both do not fit."""
    lines = wrap(said, _WIDEST) or [""]
    if value and len(lines[-1]) + len(value) >= _WIDEST:
        lines.append("")
    drawn = [text(line, 0, y + 1 + place * LINE, class_="label") for place, line in enumerate(lines[:-1])]
    last = [element("tspan", lines[-1])] if lines[-1] else []
    last += [element("tspan", value, dx="0.6em" if last else "0", class_="value")] if value else []
    drawn.append(texts(last, 0, y + 1 + (len(lines) - 1) * LINE, class_="label"))
    return Label(Markup("").join(drawn), len(lines) * LINE)
