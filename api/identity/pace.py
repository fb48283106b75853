"""How fast one person may ask: a token bucket each, in this process's memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from api.errors import TooManyError

__all__ = ["Pace"]

_MOST_KEPT: Final = 10_000


@dataclass
class Pace:
    """`at_once` requests after a pause, `per_minute` in the long run."""

    per_minute: int
    at_once: int
    monotonic: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def take(self, subject: str) -> None:
        """Count one request of `subject`; raises `TooManyError` when there have been too many."""
        with self._counting:
            now = self.monotonic()
            left, at = self._left.get(subject, (float(self.at_once), now))
            left = min(float(self.at_once), left + (now - at) * self.per_minute / 60)
            if left < 1:
                raise TooManyError(math.ceil((1 - left) * 60 / self.per_minute))
            if len(self._left) >= _MOST_KEPT:
                self._forget(now)
            self._left[subject] = (left - 1, now)

    def _forget(self, now: float) -> None:
        """Leave out whoever has paused long enough to be full again, and everybody when nobody has."""
        pause = self.at_once * 60 / self.per_minute
        self._left = {one: kept for one, kept in self._left.items() if now - kept[1] < pause}
        if len(self._left) >= _MOST_KEPT:
            self._left = {}
