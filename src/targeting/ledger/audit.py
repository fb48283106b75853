"""The audit event: who did what, when, to which plan or establishment, and why. No row is written without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from targeting.domain import BadInputError, has_national_identity_number
from targeting.ledger.storable import check_storable

__all__ = ["OUTSIDE_PLANS", "PLACELESS", "AuditEvent", "EventKind", "moment"]


class EventKind(StrEnum):
    """Every kind of act the ledger keeps, named as the person's act."""

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
    EXPORTED = "exported"  # a plan, or (without one) a list: format and sha256 in the payload
    TRIAL_FROZEN = "trial_frozen"
    TRIAL_TOLD = "trial_told"  # its one result: sha256 of the outcomes and of the page in the payload
    LOOKED_UP = "looked_up"  # one establishment, for one target
    LISTED = "listed"  # a page of many: filters and number of rows in the payload
    PLAN_VIEWED = "plan_viewed"
    AUDIT_READ = "audit_read"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REFUSED = "sign_in_refused"
    SESSIONS_ENDED = "sessions_ended"  # of the person in the payload: older logins hold no longer
    ACCESS_REFUSED = "access_refused"
    ACCESS_REQUEST_ANSWERED = "access_request_answered"
    CORRECTION_RECORDED = "correction_recorded"
    RESCORED = "rescored"
    SCORES_DELETED = "scores_deleted"
    NUMBER_PURGED = "number_purged"  # from one place, which the payload says; of the number its sha256 alone


OUTSIDE_PLANS: Final = frozenset(
    {
        EventKind.TRIAL_FROZEN,
        EventKind.TRIAL_TOLD,
        EventKind.LOOKED_UP,
        EventKind.LISTED,
        EventKind.PLAN_VIEWED,
        EventKind.AUDIT_READ,
        EventKind.SIGNED_IN,
        EventKind.SIGNED_OUT,
        EventKind.SIGN_IN_REFUSED,
        EventKind.SESSIONS_ENDED,
        EventKind.ACCESS_REFUSED,
        EventKind.ACCESS_REQUEST_ANSWERED,
        EventKind.CORRECTION_RECORDED,
        EventKind.RESCORED,
        EventKind.SCORES_DELETED,
        EventKind.NUMBER_PURGED,
    }
)
"""Kinds that are no part of a plan's life: they take no place in its sequence, also where they concern one."""

PLACELESS: Final = OUTSIDE_PLANS | {EventKind.EXPORTED}
"""Nor does taking a plan out: it leaves the plan, and so its version, as it is."""

_HASH: Final = re.compile(r"[0-9a-f]{16,}")
_MANY: Final = 100_000


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act. `at` carries a time zone; nothing in it is shaped like a national identity number.

    `plan`, `establishment` and `target` are null when the act concerns none. `payload` holds plain JSON values. Raises
    `BadInputError` for what could not be kept: nothing written here can be erased or mended.
    """

    kind: EventKind
    actor: str
    at: datetime
    plan: str | None = None
    reason_code: str = ""
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    establishment: str | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadInputError(expected="a moment with its time zone", got=self.at.isoformat(), where="AuditEvent.at")
        if not self.actor.strip():
            raise BadInputError(expected="the name of who acts", got="nothing", where="AuditEvent.actor")
        check_storable(self.actor, "the name of who acts", 200)
        check_storable(self.reason_code, "the reason code", 60)
        check_storable(self.establishment or "", "the establishment", 9)
        check_storable(self.target or "", "the target", 40)
        for text in (self.text, *_texts(self.payload)):
            check_storable(text, "the free text", _MANY)
            if not _HASH.fullmatch(text) and has_national_identity_number(text):
                raise BadInputError(
                    expected="a reason without national identity numbers",
                    got="11 digits shaped like one",
                    where="the free text",
                    do="leave the number out: nothing written here can be erased",
                )

    @property
    def moment(self) -> str:
        """`at` in UTC as it is stored and hashed."""
        return moment(self.at)


def moment(at: datetime) -> str:
    """A moment as the ledger stores it: ISO 8601 in UTC, so that text order is time order.

    >>> moment(datetime(2027, 1, 4, 9, tzinfo=UTC))
    '2027-01-04T09:00:00.000000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _texts(value: object) -> Iterator[str]:
    """Every text in a plain JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(name)
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)
