"""Whoever looks: what a route that names establishments asks for, and where it says what it shows before it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from api.looks import Looks
from api.served_run import ServedRun
from targeting.ledger import AuditEvent, EventKind
from targeting.planning.permissions import Person

__all__ = ["Viewer"]


class Viewer(NamedTuple):
    """Who looks, at which run (as that person may see it) and when. A look is in the ledger before its answer is sent.

    The methods raise `UnavailableError` when the look cannot be kept: then nothing is shown.
    """

    person: Person
    run: ServedRun
    now: datetime
    looks: Looks

    async def lists(self, target: str, **what: Any) -> None:
        """Keep the look at one page of a list; `what` holds run, filters and how many rows were shown."""
        await self.looks.keep(self._event(EventKind.LISTED, target, what))

    async def exports(self, target: str, **what: Any) -> None:
        """Keep that rows were taken out; `what` holds run, filters, how many rows, and the hash of the file."""
        await self.looks.keep(self._event(EventKind.EXPORTED, target, what))

    async def looks_up(self, establishment: str, targets: Sequence[str]) -> None:
        """Keep the look at one establishment: one event for each target whose score was shown, or one without."""
        asked: Sequence[str | None] = targets or (None,)
        seen = [
            AuditEvent(EventKind.LOOKED_UP, self.person.name, self.now, establishment=establishment, target=target)
            for target in asked
        ]
        await self.looks.keep(*seen)

    def _event(self, kind: EventKind, target: str, what: dict[str, Any]) -> AuditEvent:
        return AuditEvent(kind, self.person.name, self.now, target=target, payload=what)
