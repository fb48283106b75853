"""Synthetic organisation numbers: valid check digit, first digit 2 or 3, so that no real unit is ever meant."""

from __future__ import annotations

from typing import Final

import numpy as np

from targeting.sources.synthetic.arrays import Ints

__all__ = ["organisation_numbers"]

_WEIGHTS: Final = np.array([3, 2, 7, 6, 5, 4, 3, 2], dtype=np.int64)
_TENS: Final = 10 ** np.arange(7, -1, -1, dtype=np.int64)
_SPAN: Final = 20_000_000
_PRIME: Final = 20_000_003  # the first prime above the span: multiplication by it walks every residue once


def organisation_numbers(how_many: int, random: np.random.Generator) -> Ints:
    """`how_many` distinct numbers in a seeded, scattered order (at most about 18 million).

    >>> from targeting.domain import is_organisation_number
    >>> drawn = organisation_numbers(1000, np.random.default_rng(1))
    >>> len(set(drawn)), all(is_organisation_number(str(n)) for n in drawn), {str(n)[0] for n in drawn} <= {"2", "3"}
    (1000, True, True)
    """
    step, start = (int(n) for n in random.integers(1_000_000, _SPAN, 2))
    steps = np.arange(int(how_many * 1.15) + 200, dtype=np.int64)
    stems = 20_000_000 + (steps * step + start) % _PRIME
    digits = stems[:, None] // _TENS % 10
    check = (11 - digits @ _WEIGHTS % 11) % 11
    issued = (check < 10) & (stems < 20_000_000 + _SPAN)
    return (stems * 10 + check)[issued][:how_many]
