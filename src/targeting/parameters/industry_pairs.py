"""Translating an industry code to the other standard, as far as names allow."""

from __future__ import annotations

from functools import lru_cache

from targeting.domain import IndustryCode, Standard
from targeting.parameters.document import Dated, read

__all__ = ["translate"]


class _Pairs(Dated):
    title: str
    unit: str
    general_knowledge: tuple[str, ...]
    pairs: dict[str, tuple[str, ...]]


_PAIRS = read("industry_pairs.toml", _Pairs)


@lru_cache(maxsize=4096)
def translate(code: IndustryCode, to: Standard) -> tuple[str, ...]:
    """Prefixes of `to` that the activity of `code` may have; none when no pair is known.

    >>> translate(IndustryCode("88.911", Standard.SN2007), Standard.SN2025)
    ('85.100',)
    >>> translate(IndustryCode("49.320", Standard.SN2025), Standard.SN2007)
    ('49.392',)
    """
    if code.standard is to:
        return (code.code,)
    pairs = tuple(_PAIRS.pairs.items()) if to is Standard.SN2025 else _backwards()
    longest = max((len(source) for source, _ in pairs if code.within(source)), default=0)
    return tuple(
        target for source, targets in pairs if code.within(source) and len(source) == longest for target in targets
    )


@lru_cache(maxsize=1)
def _backwards() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((new, (old,)) for old, news in _PAIRS.pairs.items() for new in news)
