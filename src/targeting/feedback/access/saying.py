"""Values as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from targeting.feedback.access.answer import Words
from targeting.parameters.priority_areas import area

__all__ = ["day", "said", "value"]

_NOTHING = Words("ikke kjent", "not known")
_NONE = Words("ingen", "none")


def said(held: Any, codes: Mapping[str, Sequence[str]]) -> Words:
    """A published value in words: coded ones by `codes`, priority areas by their titles, a list by its parts.

    >>> said(["kindergartens", "x"], {"x": ("ukjent", "unknown")}).en
    'Musculoskeletal and mental health: kindergartens, unknown'
    """
    if isinstance(held, list):
        parts = [_coded(one, codes) for one in held]
        return Words(", ".join(one.nb for one in parts), ", ".join(one.en for one in parts)) if parts else _NONE
    return _coded(held, codes)


def _coded(held: Any, codes: Mapping[str, Sequence[str]]) -> Words:
    if isinstance(held, str) and held in codes:
        return Words(*codes[held])
    if isinstance(held, str) and (found := area(held)) is not None:
        return Words(found.title_nb, found.title_en)
    return Words(value(held, "nb"), value(held, "en"))


def value(held: Any, language: str) -> str:
    """Any held value as text.

    >>> value(1500000.5, "nb"), value(2.0, "en"), value(True, "nb"), value(date(2027, 1, 4), "nb")
    ('1500000,5', '2', 'ja', '4.1.2027')
    """
    nb = language == "nb"
    if held is None:
        return getattr(_NOTHING, language)  # type: ignore[no-any-return]
    if isinstance(held, bool):
        return ("ja" if held else "nei") if nb else ("yes" if held else "no")
    if isinstance(held, date):
        return day(held, language)
    if isinstance(held, float):
        text = f"{held:.0f}" if held.is_integer() else str(held)
        return text.replace(".", ",") if nb else text
    return str(held)


def day(held: date | None, language: str) -> str:
    """A day as the language writes it."""
    if held is None:
        return "ukjent" if language == "nb" else "unknown"
    return f"{held.day}.{held.month}.{held.year}" if language == "nb" else held.isoformat()
