"""How a long build says where it is; the caller decides what to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

__all__ = ["Track", "quietly"]


class Track(Protocol):
    """Passes steps on one by one, and may show how many of `total` are done."""

    def __call__(self, items: Iterable[int], title: str, total: int) -> Iterator[int]:
        """The items, unchanged."""


def quietly(items: Iterable[int], title: str, total: int) -> Iterator[int]:
    """Say nothing."""
    yield from items
