"""The ledger of this process: opened by whoever needs it first, shared by all, closed at the end."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from targeting.ledger import Ledger, open_ledger

__all__ = ["LedgerInService"]


@dataclass
class LedgerInService:
    """Opening migrates, and so needs the database: until it answers, what needs the ledger is not available."""

    url: str
    _ledger: Ledger | None = None
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def opened(self) -> Ledger:
        """The open ledger; raises `UnavailableError` when the database does not answer."""
        if self._ledger is None:
            with self._opening:
                self._ledger = self._ledger or open_ledger(self.url)
        return self._ledger

    def close(self) -> None:
        """Give the connections back."""
        with self._opening:
            if self._ledger is not None:
                self._ledger.close()
            self._ledger = None
