"""Where a value stands across a drawing, and the round values that are written below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from api.pages.charts.svg import across, element, text

__all__ = ["Scale", "axis", "scale_to"]

_ACROSS: Final = 100.0
_STEPS: Final = (0.05, 0.1, 0.2, 0.25)
_MOST: Final = 5


@dataclass(frozen=True)
class Scale:
    """From 0 to `largest`, with a line at each of `ticks`."""

    largest: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Where `value` stands, in percent across."""
        return max(0.0, min(value, self.largest)) / self.largest * _ACROSS


def scale_to(values: Sequence[float]) -> Scale:
    """A scale of shares that holds all of `values`, with at most six round lines.

    >>> scale_to([0.31, 0.07]).ticks, scale_to([]).largest
    ((0.0, 0.1, 0.2, 0.3, 0.4), 1.0)
    """
    highest = min(1.0, max(values, default=1.0)) or 1.0
    step = next((one for one in _STEPS if highest / one <= _MOST), 0.25)
    count = -int(-highest // step)
    return Scale(round(count * step, 4), tuple(round(place * step, 4) for place in range(count + 1)))


def axis(scale: Scale, labels: Sequence[str], height: float) -> Markup:
    """The lines from the top down to `height` em, and the label of each below it."""
    lines = [
        element("line", x1=across(x), x2=across(x), y1="0", y2=f"{height:g}em", class_="grid")
        for x in map(scale.at, scale.ticks)
    ]
    anchors = ["start", *["middle"] * (len(labels) - 2), "end"]
    said = [
        text(label, scale.at(tick), height + 1.1, text_anchor=anchor, class_="tick")
        for tick, label, anchor in zip(scale.ticks, labels, anchors, strict=True)
    ]
    return Markup("").join([*lines, *said])
