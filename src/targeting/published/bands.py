"""Bands: what a score is called where only the band, and no digit finer, held forward in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = ["Band", "BandTitle", "band_of", "band_titles"]


class BandTitle(NamedTuple):
    """A band's name in both languages."""

    nb: str
    en: str


_TITLES: Final = (
    BandTitle("Svært høy", "Very high"),
    BandTitle("Høy", "High"),
    BandTitle("Middels", "Medium"),
    BandTitle("Lav", "Low"),
    BandTitle("Svært lav", "Very low"),
)
_PLACES: Final[dict[int, tuple[int, ...]]] = {2: (1, 3), 3: (1, 2, 3), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
_UNDIVIDED: Final = BandTitle("Ikke inndelt", "Not divided")


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a run's target. `band` counts from 1, the highest.

    `rate` is the share of breaches among the `rows` inspections counted in it, `low` and `high` its 95 % interval.
    """

    band: int
    title_nb: str
    title_en: str
    rate: float
    low: float
    high: float
    rows: int


def band_titles(count: int) -> tuple[BandTitle, ...]:
    """The names of `count` bands, one to five, highest first. A single band divides nothing and says so.

    >>> [title.nb for title in band_titles(3)]
    ['Høy', 'Middels', 'Lav']
    """
    return (_UNDIVIDED,) if count == 1 else tuple(_TITLES[place] for place in _PLACES[count])


def band_of(bands: Sequence[Band], number: int | None) -> Band | None:
    """The band numbered `number`; null where a score is no band."""
    return None if number is None else bands[number - 1]
