"""Invented names and addresses: syllables that make no real company, person or street."""

from __future__ import annotations

from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import Flags, Ints
from targeting.sources.synthetic.arrow_text import Texts, choice, joined, numbers, pick
from targeting.sources.synthetic.assumptions import geography

__all__ = ["company_names", "place_json", "unit_names"]

_FIRST: Final = (
    *("TREL", "KVES", "BRUN", "SKAUR", "VARN", "GLIM", "FJOS", "HOLV", "DRAM", "ULV"),
    *("SKIRT", "BLEK", "NORV", "STRAK", "MYRK", "GRAV", "HAUK", "LYNG", "TORV", "VASS"),
)
_MIDDLE: Final = ("A", "E", "I", "O", "U", "EL", "AR", "IN", "OR", "UN")
_LAST: Final = (
    *("VASK", "STRA", "DALO", "NESK", "MOGG", "HEIR", "FLAT", "BEKK", "TIND", "LUND"),
    *("VIKA", "SKAR", "BRYNT", "GARN", "KLEV", "RAST", "SVAD", "TOFT", "VARD", "ØYRE"),
)
_POSTAL: Final = tuple(f"{number:04d}" for number in range(10_000))
_STREETS: Final = ("VEGEN", "GATA", "STIEN", "BAKKEN", "KAIA", "TUNET")
_TRADES: Final = (  # one a section
    *("GÅRD", "STEIN", "INDUSTRI", "KRAFT", "MILJØ", "BYGG", "HANDEL", "FRAKT", "MAT", "DATA"),
    *("KAPITAL", "EIENDOM", "RÅD", "DRIFT", "ETAT", "SKOLE", "OMSORG", "KULTUR", "SERVICE"),
)
_STEMS: Final = [first + middle + last for first in _FIRST for middle in _MIDDLE for last in _LAST]
_SCATTER: Final = 2_654_435_761


def _scattered(ids: Ints, salt: int, size: int) -> Ints:
    """A fixed pseudo-random place below `size` for each id (Knuth's multiplicative hash)."""
    mixed = (ids.astype(np.uint64) + np.uint64(salt * 7919 + 1)) * np.uint64(_SCATTER) % np.uint64(2**32)
    return ((mixed ^ (mixed >> np.uint64(15))) % np.uint64(size)).astype(np.int64)


def company_names(ids: Ints, section: Ints, sole: Flags, endings: Texts) -> Texts:
    """`TRELAVASK BYGG 481 AS`, and for a sole proprietor `ENK TRELAVASK 481`: the number keeps them from being real."""
    stem = pick(_STEMS, _scattered(ids, 1, len(_STEMS)))
    tail = numbers(100 + _scattered(ids, 2, 9900))
    trade = pick(_TRADES, section)
    return choice(sole, joined("ENK ", stem, " ", tail), joined(stem, " ", trade, " ", tail, endings))


def unit_names(base: Texts, ids: Ints, in_group: Flags) -> Texts:
    """An establishment is named as its enterprise; in a group with a branch number."""
    return choice(in_group, joined(base, " AVD ", numbers(_scattered(ids, 3, 990) + 1)), base)


def place_json(address: Ints, municipality: Ints) -> Texts:
    """The address object. Who shares an address id and a municipality shares the whole address."""
    towns = geography()
    street = joined(
        pick(_STEMS, _scattered(address, 4, len(_STEMS))), pick(_STREETS, _scattered(address, 5, len(_STREETS)))
    )
    span = (towns.last_postal - towns.first_postal + 1)[municipality]
    postal = towns.first_postal[municipality] + _scattered(address, 6, 1 << 30) % span
    poststed = [f'","poststed":"{name}","adresse":["' for name in towns.name]
    tail = [
        f'"],"kommune":"{name}","kommunenummer":"{number}"}}'
        for name, number in zip(towns.name, towns.number, strict=True)
    ]
    return joined(
        '{"land":"Norge","landkode":"NO","postnummer":"',
        pick(_POSTAL, postal),
        pick(poststed, municipality),
        street,
        " ",
        numbers(1 + _scattered(address, 7, 180)),
        pick(tail, municipality),
    )
