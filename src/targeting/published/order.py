"""The order of a list: score first, then a recorded draw, so that equal scores favour nobody and reruns agree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["ranked", "tie_break"]


def tie_break(seed: int, establishment: str) -> str:
    """The recorded tie-break: sha256 of `seed:establishment`. Among equal scores the smaller one comes first.

    Rejected: the organisation number itself, which would favour the oldest registrations for ever.

    >>> tie_break(7, "312902168")[:8]
    '81810777'
    """
    return hashlib.sha256(f"{seed}:{establishment}".encode()).hexdigest()


def ranked(establishments: Sequence[str], scores: Sequence[float], seed: int) -> list[int]:
    """Row indices in rank order: score descending, then `tie_break` ascending.

    >>> ranked(["a", "b", "c"], [0.1, 0.3, 0.1], seed=1)
    [1, 0, 2]
    """
    return sorted(range(len(scores)), key=lambda row: (-scores[row], tie_break(seed, establishments[row])))
