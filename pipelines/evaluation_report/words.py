"""What the report says, in both languages, and numbers as each language writes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = [
    "Said",
    "both",
    "count",
    "day",
    "decimal",
    "has",
    "listing",
    "one",
    "per_hundred",
    "said",
    "sentence",
    "share",
    "span",
    "with_error",
]

_FILE: Final = Path(__file__).with_name("words.toml")
_SPACE: Final = "\N{NO-BREAK SPACE}"
_MINUS: Final = "\N{MINUS SIGN}"


class Said(NamedTuple):
    """The same thing in bokmål and in English."""

    nb: str
    en: str


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


def said(key: str, **values: Said | str | int) -> Said:
    """The words under a dotted key, with the values filled in, each in its language.

    >>> said("page.failed", blocked=1, warned="2").en
    'failed: 1 block, 2 warn'
    """
    entry = _entry(key)
    filled = {name: value if isinstance(value, Said) else both(str(value)) for name, value in values.items()}
    return Said(
        entry["nb"].format(**{name: value.nb for name, value in filled.items()}),
        entry["en"].format(**{name: value.en for name, value in filled.items()}),
    )


def listing(key: str) -> tuple[Said, ...]:
    """Every entry under a key, in the file's order."""
    found = _entry(key)
    entries = found.values() if isinstance(found, Mapping) else found
    return tuple(Said(entry["nb"], entry["en"]) for entry in entries)


def has(key: str) -> bool:
    """Whether there are words under the key."""
    try:
        return bool(_entry(key))
    except KeyError:
        return False


def both(text: str) -> Said:
    """A name or a code, which is the same in both languages."""
    return Said(text, text)


def one(key: str, name: str) -> Said:
    """The words for `name` under a key, or the name itself when it has none."""
    return said(f"{key}.{name}") if has(f"{key}.{name}") else both(name)


def count(number: float) -> Said:
    """A whole number.

    >>> count(12345).nb == "12\N{NO-BREAK SPACE}345", count(12345).en
    (True, '12,345')
    """
    english = f"{number:,.0f}"
    return Said(english.replace(",", _SPACE), english)


def decimal(number: float, digits: int = 2, *, sign: bool = False) -> Said:
    """A number with decimals; what is not known is a dash.

    >>> decimal(-0.125, 2)
    Said(nb='−0,12', en='−0.12')
    """
    if number != number:
        return both("–")
    english = f"{number:{'+' if sign else ''}.{digits}f}".replace("-", _MINUS)
    return Said(english.replace(".", ","), english)


def share(part: float, digits: int = 0) -> Said:
    """A share of one in percent; what is not known is a dash."""
    if part != part:
        return both("–")
    told = decimal(100.0 * part, digits)
    return Said(f"{told.nb}{_SPACE}%", f"{told.en}%")


def per_hundred(part: float, *, sign: bool = False) -> Said:
    """A share of one as so many of a hundred."""
    return decimal(100.0 * part, 0, sign=sign)


def day(on: date) -> Said:
    r"""A day as people write it.

    >>> day(date(2027, 1, 1))
    Said(nb='1.\xa0januar\xa02027', en='1\xa0January\xa02027')
    """
    month = listing("month")[on.month - 1]
    return Said(f"{on.day}.{_SPACE}{month.nb}{_SPACE}{on.year}", f"{on.day}{_SPACE}{month.en}{_SPACE}{on.year}")


def sentence(words: Said) -> Said:
    """With a capital letter."""
    return Said(words.nb[:1].upper() + words.nb[1:], words.en[:1].upper() + words.en[1:])


def with_error(value: Said, error: Said) -> Said:
    """A figure and its standard error."""
    nb, en = (f"{one}{_SPACE}±{_SPACE}{other}" for one, other in zip(value, error, strict=True))
    return Said(nb, en)


def span(value: Said, low: Said, high: Said) -> Said:
    """A figure with its interval.

    >>> span(share(0.5), share(0.4), share(0.6)).en
    '50% (40% to 60%)'
    """
    return Said(f"{value.nb} ({low.nb} til {high.nb})", f"{value.en} ({low.en} to {high.en})")


def _entry(key: str) -> Any:
    found: Any = _words()
    for part in key.split("."):
        found = found[part]
    return found
