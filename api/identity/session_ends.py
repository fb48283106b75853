"""Sessions that were ended before their time: by whoever logged out everywhere, or by an administrator."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from starlette.concurrency import run_in_threadpool

from api.identity.sessions import Session
from targeting.ledger import AuditEvent, EventKind, Ledger, UnavailableError, session_ends

__all__ = ["SessionEnds", "session_end"]

_FRESH: Final = 5.0
"""Seconds for which what was read holds: in another process a session lives on for so long."""


def session_end(actor: str, at: datetime, person: str, text: str = "") -> AuditEvent:
    """The act that ends every session of `person` from before `at`."""
    return AuditEvent(EventKind.SESSIONS_ENDED, actor, at, text=text, payload={"person": person})


@dataclass
class SessionEnds:
    """When whose sessions were ended last, read from the ledger at most every five seconds.

    While the database does not answer, what was read last holds: no session can be ended then either.
    """

    ledger: Callable[[], Ledger]
    monotonic: Callable[[], float] = time.monotonic
    _ends: Mapping[str, datetime] | None = None
    _read_at: float = 0.0
    _reading: threading.Lock = field(default_factory=threading.Lock)

    async def ended(self, session: Session) -> bool:
        """Whether the session began before its person's sessions were ended. Raises `UnavailableError` at the start
        only.
        """
        ends = self._fresh()
        if ends is None:
            ends = await run_in_threadpool(self._read)
        end = ends.get(session.person.name)
        return end is not None and session.issued <= end.timestamp()

    def forget(self) -> None:
        """Read anew at the next request: this process has just ended somebody's."""
        self._read_at = -_FRESH

    def _fresh(self) -> Mapping[str, datetime] | None:
        return self._ends if self.monotonic() - self._read_at < _FRESH else None

    def _read(self) -> Mapping[str, datetime]:
        with self._reading:
            if (fresh := self._fresh()) is not None:
                return fresh
            at = self.monotonic()
            try:
                with self.ledger().read() as connection:
                    ends: Mapping[str, datetime] = session_ends(connection)
            except UnavailableError:
                if self._ends is None:
                    raise
                ends = self._ends
            self._ends, self._read_at = ends, at
            return ends
