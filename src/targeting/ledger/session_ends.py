"""Until when a person's logins hold no longer: an act like every other, in the one chain."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from targeting.ledger.audit import EventKind
from targeting.ledger.tables import events

__all__ = ["session_ends"]


def session_ends(connection: sa.Connection) -> dict[str, datetime]:
    """For each person whose sessions were ever ended, when that was last. Keyed by the name that the ledger keeps."""
    chosen = sa.select(events.c.payload, events.c.at).where(events.c.kind == EventKind.SESSIONS_ENDED)
    found = connection.execute(chosen.order_by(events.c.number))
    return {str(json.loads(one.payload)["person"]): datetime.fromisoformat(one.at) for one in found}
