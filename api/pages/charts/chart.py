"""A chart: the drawing and the table that says the same."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

__all__ = ["Chart"]


class Chart(NamedTuple):
    """`heads` and `rows` are the drawing's content as a table; the first cell of a row names it."""

    title: str
    svg: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
