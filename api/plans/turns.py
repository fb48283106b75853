"""Turns at the solver: drawing takes all of a core for seconds, and whoever asks for many must not stop everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from api.errors import BusyError

__all__ = ["AT_ONCE", "WAITING", "turn"]

AT_ONCE: Final = 2
"""Plans drawn at the same time by one process."""

WAITING: Final = 6
"""Who may wait for a turn: each holds one of the process's forty threads while waiting."""

_places: Final = BoundedSemaphore(AT_ONCE + WAITING)
_solvers: Final = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn; `BusyError` at once when enough wait already."""
    if not _places.acquire(blocking=False):
        raise BusyError(AT_ONCE + WAITING)
    try:
        with _solvers:
            yield
    finally:
        _places.release()
