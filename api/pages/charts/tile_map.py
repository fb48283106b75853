"""The fifteen counties as tiles about where they lie: our own drawing, no geometry of anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from api.pages.charts.chart import Chart
from api.pages.charts.svg import element
from api.pages.languages import Speech
from targeting.parameters.counties import County, counties

__all__ = ["tile_map"]

_SIDE: Final = 60
_GAP: Final = 4
_SHADES: Final = 4


def tile_map(speech: Speech, title: str, counted: str, values: Mapping[str, float], digits: int = 0) -> Chart:
    """`values` by county code, zero where a county has none; the darker, the more, and each tile says its number."""
    known = counties()
    most = max((values.get(one.code, 0.0) for one in known), default=0.0) or 1.0
    tiles = [
        _tile(one, speech.number(values.get(one.code, 0.0), digits), values.get(one.code, 0.0) / most) for one in known
    ]
    width = max(one.column for one in known) * (_SIDE + _GAP) - _GAP
    height = max(one.row for one in known) * (_SIDE + _GAP) - _GAP
    svg = element(
        "svg",
        element("title", title),
        element("desc", speech.text("%(title)s. The same figures are in the table below.", title=title)),
        *tiles,
        role="img",
        class_="chart tile-map",
        viewBox=f"0 0 {width} {height}",
    )
    rows = tuple((one.name, speech.number(values.get(one.code, 0.0), digits)) for one in known)
    return Chart(title, svg, (speech.text("County"), counted), rows)


def _tile(county: County, said: str, share: float) -> Markup:
    x, y = (county.column - 1) * (_SIDE + _GAP), (county.row - 1) * (_SIDE + _GAP)
    shade = 0 if share <= 0 else min(_SHADES, 1 + int(share * _SHADES * 0.999))
    middle = x + _SIDE / 2
    return element(
        "g",
        element("title", f"{county.name}: {said}"),
        element("rect", x=x, y=y, width=_SIDE, height=_SIDE, rx=6),
        element("text", _short(county.name), x=middle, y=y + 25, text_anchor="middle", class_="name"),
        element("text", said, x=middle, y=y + 45, text_anchor="middle", class_="figure"),
        class_=f"shade-{shade}",
    )


def _short(name: str) -> str:
    """As much of the name as a tile holds.

    >>> _short("Møre og Romsdal"), _short("Oslo"), _short("Innlandet")
    ('Møre og R.', 'Oslo', 'Innlandet')
    """
    first, _, rest = name.partition(" og ")
    return f"{first} og {rest[0]}." if rest else name
