"""What the checks say, in bokmål and English, with numbers as each language writes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

__all__ = ["Words", "count", "named", "number", "percent", "say", "signed", "title"]

_SPACE: Final = "\N{NO-BREAK SPACE}"
_MINUS: Final = "\N{MINUS SIGN}"


class Words(NamedTuple):
    """The same thing in both languages."""

    nb: str
    en: str


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def title(code: str) -> Words:
    """What a check is called."""
    entry = _file()[code]
    return Words(entry["title_nb"], entry["title_en"])


def say(code: str, variant: str = "reason", **values: Words | str | int) -> Words:
    """The sentence of a check, with the values in it, each in its language."""
    entry = _file()[code]
    nb = {name: value.nb if isinstance(value, Words) else str(value) for name, value in values.items()}
    en = {name: value.en if isinstance(value, Words) else str(value) for name, value in values.items()}
    return Words(entry[f"{variant}_nb"].format(**nb), entry[f"{variant}_en"].format(**en))


def named(group: str, name: str) -> Words:
    """The words for a table, a target or a cause; the name itself where there are none.

    >>> named("table", "findings").en, named("table", "T9").nb
    ('control points', 'T9')
    """
    entry = _file()[group].get(name)
    return Words(entry["nb"], entry["en"]) if entry else Words(name, name)


def count(figure: float) -> Words:
    """A whole number.

    >>> count(12345).nb == "12\N{NO-BREAK SPACE}345", count(12345).en
    (True, '12,345')
    """
    english = f"{figure:,.0f}".replace("-", _MINUS)
    return Words(english.replace(",", _SPACE), english)


def number(figure: float, digits: int = 2) -> Words:
    """A number with decimals.

    >>> number(0.125, 3)
    Words(nb='0,125', en='0.125')
    """
    english = f"{figure:.{digits}f}".replace("-", _MINUS)
    return Words(english.replace(".", ","), english)


def percent(share: float) -> Words:
    """A share of one in percent, with a decimal where it is small.

    >>> percent(0.335).en, percent(0.0042).en, percent(0).en
    ('34%', '0.4%', '0%')
    """
    digits = 1 if 0 < abs(share) < 0.095 else 0
    figure = number(100 * share, digits)
    return Words(f"{figure.nb}{_SPACE}%", f"{figure.en}%")


def signed(change: float) -> Words:
    """A change in percent that says which way it went.

    >>> signed(0.335).en, signed(-0.335).en == "\N{MINUS SIGN}34%"
    ('+34%', True)
    """
    told = percent(change)
    sign = "+" if change > 0 else ""
    return Words(f"{sign}{told.nb}", f"{sign}{told.en}")
