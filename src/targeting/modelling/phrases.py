"""Values as planners read them: Norwegian and English, decimals and thousands as each language writes them."""

from __future__ import annotations

import math
from typing import NamedTuple

from targeting.features.family import Feature, FeatureKind

__all__ = ["Phrase", "phrase"]

_NARROW_SPACE = "\u202f"


class Phrase(NamedTuple):
    """A feature's value and the sentence around it, in both languages; `value` is the English form."""

    value: str
    text_nb: str
    text_en: str


def phrase(feature: Feature, value: float | str | None) -> Phrase:
    """What the feature's value says. A null is told by the title, in English with what it means here."""
    if value is None or value != value:
        text_nb = f"Ikke kjent: {_uncapitalised(feature.title_nb)}"
        text_en = f"Not known: {_uncapitalised(feature.title_en)} ({feature.null})"
        return Phrase("unknown", text_nb, text_en)
    nb, en = _formatted(feature, value)
    return Phrase(en, feature.phrase_nb.replace("{value}", nb), feature.phrase_en.replace("{value}", en))


def _uncapitalised(title: str) -> str:
    """The title inside a sentence; an abbreviation such as BHT keeps its capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _formatted(feature: Feature, value: float | str) -> tuple[str, str]:
    match feature.kind:
        case FeatureKind.CATEGORY:
            return str(value), str(value)
        case FeatureKind.FLAG:
            return ("ja", "yes") if value else ("nei", "no")
        case FeatureKind.INTEGER:
            return _both(f"{round(float(value)):,}")
        case FeatureKind.REAL:
            return _real(float(value), feature.unit)


def _real(value: float, unit: str) -> tuple[str, str]:
    if unit == "share 0-1":
        whole = f"{100.0 * value:.0f}"
        return f"{whole}{_NARROW_SPACE}%", f"{whole}%"
    if unit == "log NOK":  # the model reads ln(x + 1); a planner reads kroner, to two digits
        kroner = math.expm1(value)
        rounded = round(kroner, 1 - math.floor(math.log10(kroner))) if kroner >= 1.0 else 0.0
        nb, en = _both(f"{rounded:,.0f}")
        return f"{nb} kr", f"NOK {en}"
    return _both(f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}")


def _both(english: str) -> tuple[str, str]:
    norwegian = english.replace(",", _NARROW_SPACE).replace(".", ",")
    return norwegian.replace("-", "\u2212"), english
