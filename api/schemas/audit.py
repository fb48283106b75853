"""The audit as it is read."""

from __future__ import annotations

from typing import Any

from api.schemas.base import Output

__all__ = ["AuditPage", "EventOut"]


class EventOut(Output):
    """One act. `id` is its hash in the chain; its number is not told: gaps would tell of acts that are hidden."""

    id: str
    at: str
    kind: str
    actor: str
    plan: str | None
    establishment: str | None
    target: str | None
    reason_code: str
    text: str
    payload: dict[str, Any]


class AuditPage(Output):
    """Acts, newest first; `next` is null on the last page."""

    next: str | None
    rows: list[EventOut]
