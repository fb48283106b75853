"""Doing many things a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

__all__ = ["THREADS", "each"]

T = TypeVar("T")

THREADS: Final = 4
"""Enough to hide the way to the storage; each holds a few blocks in memory."""


def each(act: Callable[[T], object], items: Iterable[T], threads: int = THREADS) -> None:
    """`act` on each of `items`; the first error is raised when those that had begun are done, and no other begins."""
    pool = ThreadPoolExecutor(threads)
    try:
        for done in [pool.submit(act, item) for item in items]:
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)
