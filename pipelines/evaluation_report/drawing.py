"""From a drawing to SVG inside the page: the same bytes each time, text as text in both languages, no address in it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.evaluation_report.words import Said, said

__all__ = ["BAND", "GREY", "INK", "OWN", "RIVAL", "Draw", "Picture", "drawn", "percent_axis", "picture", "plain"]

OWN: Final = "#00508f"
RIVAL: Final = "#b3470f"
GREY: Final = "#767c85"
BAND: Final = "#d9dfe6"
INK: Final = "#1b1f24"

_WIDTH: Final = 3.9  # inches: drawn narrow, so that a telephone need not shrink the letters
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}
_NOISE: Final = (
    re.compile(r"^.*?(?=<svg)", re.DOTALL),
    re.compile(r"<metadata>.*?</metadata>", re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r' xmlns(:\w+)?="[^"]*"'),
    re.compile(r' (?:width|height)="[\d.]+pt"'),
)
_TEXT: Final = re.compile(r"<text ([^>]*)>([^<]*)</text>")
_FAMILY: Final = re.compile(r"(font: [\d.]+px)[^;\"]*")


Draw = Callable[[Figure], None]


class Picture(NamedTuple):
    """A figure of the report: its SVG, what it shows, how it is read, and what is found in it."""

    name: str
    svg: str
    title: Said
    reading: Said
    finding: Said


def drawn(name: str, height: float, draw: Draw, words: Iterable[Said] = ()) -> str:
    """`draw` on a figure of so many inches, as SVG without a root size. `words` are the texts that are translated.

    Drawings write bokmål; each such text gets an English twin at the same place, and the page shows one of them.
    """
    buffer = io.StringIO()
    with rc_context():
        rcdefaults()  # nobody's own settings
        rcParams.update({**_STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=(_WIDTH, height))
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    for noise in _NOISE:
        text = noise.sub("", text)
    twins = {html.escape(word.nb, quote=False): html.escape(word.en, quote=False) for word in words}
    return _TEXT.sub(lambda found: _in_both(found, twins), _without_idle_names(_FAMILY.sub(r"\1 sans-serif", text)))


def picture(owner: str, name: str, height: float, draw: Draw, words: Iterable[Said], finding: Said) -> Picture:
    """The figure called `name` in the words' file, of one `owner` (a target)."""
    svg = drawn(f"{owner}-{name}", height, draw, words)
    return Picture(f"{owner}-{name}", svg, said(f"figure.{name}.title"), said(f"figure.{name}.reading"), finding)


def percent_axis(axes: Axes, which: str = "y") -> None:
    """Ticks of shares as percent, which both languages may write alike."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_formatter(lambda value, _: f"{100 * value:.0f}\N{NO-BREAK SPACE}%")


def plain(axes: Axes) -> None:
    """Quiet lines behind the marks."""
    axes.grid(axis="y", color=BAND, linewidth=0.6)
    axes.set_axisbelow(True)


def _in_both(found: re.Match[str], twins: dict[str, str]) -> str:
    attributes, text = found.groups()
    english = twins.get(text, text)
    if english == text:
        return found[0]
    return f'<text lang="nb" {attributes}>{text}</text><text lang="en" {attributes}>{english}</text>'


def _without_idle_names(text: str) -> str:
    """Only the names that something refers to: two drawings on one page must not both have an `axes_1`."""
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))
    return re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", text)
