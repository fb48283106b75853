"""Values as planners read them: Norwegian and English, decimals and thousands as each language writes them."""

from __future__ import annotations

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
    """What the feature's value says. A null reads "unknown", followed in English by what a null means here."""
    if value is None or value != value:
        text_nb = feature.phrase_nb.replace("{value}", "ukjent")
        text_en = f"{feature.phrase_en.replace('{value}', 'unknown')} ({feature.null})"
        return Phrase("unknown", text_nb, text_en)
    nb, en = _formatted(feature, value)
    return Phrase(en, feature.phrase_nb.replace("{value}", nb), feature.phrase_en.replace("{value}", en))


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
    return _both(f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}")


def _both(english: str) -> tuple[str, str]:
    norwegian = english.replace(",", _NARROW_SPACE).replace(".", ",")
    return norwegian.replace("-", "\u2212"), english
