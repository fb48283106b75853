"""Labels of rows: on a line of their own above the mark, broken where a narrow screen ends."""

from __future__ import annotations

from textwrap import wrap
from typing import Final, NamedTuple

from markupsafe import Markup

from api.pages.charts.svg import text

__all__ = ["LINE", "Label", "label"]

LINE: Final = 1.35
"""Height of a line of text, in em."""
_WIDEST: Final = 34
"""Letters that fit across 240 px, what a card on a screen of 320 px leaves."""


class Label(NamedTuple):
    """The drawn lines, and the em they take."""

    svg: Markup
    height: float


def label(said: str, y: float) -> Label:
    """`said` from `y` em down."""
    lines = wrap(said, _WIDEST) or [""]
    drawn = (text(line, 0, y + 1 + place * LINE, class_="label") for place, line in enumerate(lines))
    return Label(Markup("").join(drawn), len(lines) * LINE)
