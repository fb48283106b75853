"""An answer and the audit of it, in one transaction: nobody is answered without a trace, and no trace lies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from targeting.domain import Target
from targeting.feedback.access.answer import AccessAnswer, Holding
from targeting.feedback.access.composing import Question, compose
from targeting.ledger import AuditEvent, EventKind, record_event
from targeting.published import PublishedRun

__all__ = ["Answered", "answered"]


class Answered(NamedTuple):
    """An answer, and the sha256 of its JSON as it is kept in the audit."""

    answer: AccessAnswer
    sha256: str


def answered(
    question: Question,
    runs: Sequence[PublishedRun],
    connection: sa.Connection,
    by: str,
    at: datetime,
    held: Sequence[Holding] | None = None,
    related: Sequence[str] = (),
) -> Answered:
    """Compose the answer and record that `by` gave it. `connection` is one of `Ledger.write`.

    What the audit keeps is the answer's hash and how much it holds, never the answer. An answer that tells of work
    crime is recorded under that target: who may not know of it does not see the event.
    """
    answer = compose(question, runs, connection, held, related)
    sha256 = hashlib.sha256(answer.to_json().encode()).hexdigest()
    counts = {name: len(getattr(answer, name)) for name in ("holdings", "scores", "plans", "seen", "corrections")}
    closed = next((target.value for target in Target if target.closed), None)
    event = AuditEvent(
        EventKind.ACCESS_REQUEST_ANSWERED,
        by,
        at,
        payload={"sha256": sha256, "complete": answer.complete, "staff_named": question.staff_named, "rows": counts},
        establishment=answer.number,
        target=closed if question.closed_too else None,
    )
    record_event(connection, event)
    return Answered(answer, sha256)
