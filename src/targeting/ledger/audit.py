"""The audit event: who did what, when, to which plan, and why. No row is written without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from targeting.domain import BadInputError, has_national_identity_number

__all__ = ["AuditEvent", "EventKind"]


class EventKind(StrEnum):
    """Every kind of act the ledger keeps, named as the planner's act."""

    DRAFTED = "drafted"
    PROPOSED = "proposed"
    RETURNED = "returned"
    APPROVED = "approved"
    BEGUN = "begun"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    SLOT_ADDED = "slot_added"
    SLOT_REMOVED = "slot_removed"
    SLOT_SWAPPED = "slot_swapped"
    OUTCOMES_RECORDED = "outcomes_recorded"
    EXPORTED = "exported"
    TRIAL_FROZEN = "trial_frozen"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act. `at` carries a time zone; `text` is free, but holds nothing shaped like a national identity number.

    `plan` is null when the act concerns none. `payload` holds plain JSON values.
    """

    kind: EventKind
    actor: str
    at: datetime
    plan: str | None = None
    reason_code: str = ""
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadInputError(expected="a moment with its time zone", got=self.at.isoformat(), where="AuditEvent.at")
        if not self.actor.strip():
            raise BadInputError(expected="the name of who acts", got="nothing", where="AuditEvent.actor")
        if has_national_identity_number(self.text):
            raise BadInputError(
                expected="a reason without national identity numbers",
                got="11 digits shaped like one",
                where="the free text",
                do="leave the number out: nothing written here can be erased",
            )

    @property
    def moment(self) -> str:
        """`at` in UTC as it is stored and hashed."""
        return self.at.astimezone(UTC).isoformat(timespec="microseconds")
