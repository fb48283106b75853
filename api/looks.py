"""Who looked at what, kept before the answer is sent: looks that wait at the same time share one transaction.

A transaction of its own for each look would let the ledger's disk decide how fast a list is answered; a buffer that is
written later would lose looks. So a thread takes every look that is waiting, writes them at once, and only then are
their answers sent (decision 0034).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple

from targeting.ledger import AuditEvent, Ledger, record_looks

__all__ = ["Looks"]

_MOST_AT_ONCE: Final = 500
_LINGER: Final = 0.002
"""Seconds that looks wait for company, where the last ones had some: a transaction costs ten times what a look does."""


class _Look(NamedTuple):
    events: Sequence[AuditEvent]
    kept: asyncio.Future[None]


@dataclass
class Looks:
    """The looks of one process on their way into the ledger."""

    ledger: Callable[[], Ledger]
    _waiting: SimpleQueue[_Look] = field(default_factory=SimpleQueue)
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _writer: threading.Thread | None = None

    async def keep(self, *events: AuditEvent) -> None:
        """Return when `events` are in the ledger; raises `UnavailableError` when they cannot be kept.

        Whoever hangs up meanwhile has looked all the same: the events are kept.
        """
        look = _Look(events, asyncio.get_running_loop().create_future())
        self._start()
        self._waiting.put(look)
        await look.kept

    def _start(self) -> None:
        if self._writer is None:
            with self._starting:
                if self._writer is None:
                    self._writer = threading.Thread(target=self._write, name="looks", daemon=True)
                    self._writer.start()

    def _write(self) -> None:
        busy = False
        while True:
            looks = self._taken(_LINGER if busy else 0.0)
            busy = len(looks) > 1
            try:
                with self.ledger().write() as connection:
                    record_looks(connection, [event for look in looks for event in look.events])
            except Exception as error:
                _settle(looks, error)
            else:
                _settle(looks, None)

    def _taken(self, linger: float) -> list[_Look]:
        looks = [self._waiting.get()]
        if linger:
            time.sleep(linger)
        while len(looks) < _MOST_AT_ONCE:
            try:
                looks.append(self._waiting.get_nowait())
            except Empty:
                break
        return looks


def _settle(looks: Sequence[_Look], error: Exception | None) -> None:
    """Tell everybody who waits how it went: each event loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for look in looks:
        by_loop.setdefault(look.kept.get_loop(), []).append(look.kept)
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # a loop that is closed has nobody waiting
            loop.call_soon_threadsafe(_tell, waiting, error)


def _tell(waiting: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for kept in waiting:
        if kept.cancelled():
            continue
        if error is None:
            kept.set_result(None)
        else:
            kept.set_exception(error)
