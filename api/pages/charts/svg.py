"""SVG elements with everything escaped.

Lengths across are in percent and lengths down in em, so that a drawing fills its place while its texts keep their size:
at 320 px and at 200 % zoom they are as readable as the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

__all__ = ["across", "drawing", "element", "text", "texts"]


def element(name: str, *children: Markup | str, **attributes: object) -> Markup:
    """One element; `class_` and `text_anchor` are written `class` and `text-anchor`.

    >>> element("rect", width="3%", class_="bar"), element("text", "<A & B>")
    (Markup('<rect width="3%" class="bar"/>'), Markup('<text>&lt;A &amp; B&gt;</text>'))
    """
    said = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()
    )
    inside = Markup("").join(escape(child) for child in children)
    named = Markup(name)  # noqa: S704 - names are ours
    return (
        Markup("<{0}{1}>{2}</{0}>").format(named, said, inside) if children else Markup("<{}{}/>").format(named, said)
    )


def text(said: str, x: float, y: float, **attributes: object) -> Markup:
    """A text whose line stands at `y` em, beginning at `x` percent."""
    return texts([said], x, y, **attributes)


def texts(parts: Iterable[Markup | str], x: float, y: float, **attributes: object) -> Markup:
    """The same of several parts."""
    return element("text", *parts, x=across(x), y=f"{y:g}em", **attributes)


def across(share: float) -> str:
    """A length across in percent, short.

    >>> across(12.3456)
    '12.35%'
    """
    return f"{round(share, 2):g}%"


def drawing(title: str, description: str, height: float, *parts: Markup, kind: str) -> Markup:
    """A whole drawing `height` em high, named and described for whoever does not see it."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *parts,
        role="img",
        class_=f"chart {kind}",
        width="100%",
        height=f"{height:g}em",
    )
