"""The same write sent twice acts once: its first answer is kept under the key that the sender chose.

Look up, act and remember inside one `Ledger.write`: then two of the same at once take turns, and the second finds the
answer of the first. An act that was refused leaves nothing, so it may be tried again with the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from targeting.domain import RefusedError
from targeting.ledger.audit import moment
from targeting.ledger.storable import check_storable
from targeting.ledger.tables import requests

__all__ = ["Answer", "KeyReusedError", "WriteRequest", "earlier_answer", "forget_answers", "remember"]


class KeyReusedError(RefusedError):
    """The idempotency key was used before, for another request."""


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """A write as its sender repeats it. A key is the sender's own: two people may choose the same.

    `route` is method and path with its values ("POST /v1/plans/c0ffee/approval"), `request_hash` the sha256 of
    everything else that the answer depends on. Raises `BadInputError` for a key that cannot be kept.
    """

    key: str
    person: str
    route: str
    request_hash: str

    def __post_init__(self) -> None:
        for name, text in (("key", self.key), ("person", self.person), ("route", self.route)):
            check_storable(text, f"the request's {name}", 200)

    @classmethod
    def of(cls, key: str, person: str, route: str, body: bytes, *conditions: str) -> WriteRequest:
        """From the body as it came; `conditions` are headers that change the answer, such as If-Match."""
        digest = hashlib.sha256(body)
        digest.update(json.dumps(conditions).encode())
        return cls(key, person, route, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, to the byte."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def earlier_answer(connection: sa.Connection, request: WriteRequest) -> Answer | None:
    """The answer to the same request before, null at its first time; `KeyReusedError` if the key was for another."""
    mine = (requests.c.person == request.person, requests.c.key == request.key)
    found = connection.execute(sa.select(requests).where(*mine)).first()
    if found is None:
        return None
    if (found.route, found.request_hash) != (request.route, request.request_hash):
        raise KeyReusedError(
            expected="a new idempotency key for a new request",
            got="one that was used for another",
            where=request.route,
            do="choose another key, or send the first request unchanged",
        )
    return Answer(found.status, found.body, json.loads(found.headers))


def remember(connection: sa.Connection, request: WriteRequest, answer: Answer, at: datetime) -> None:
    """Keep the answer, in the transaction of the act that it answers."""
    row = {
        "person": request.person,
        "key": request.key,
        "route": request.route,
        "request_hash": request.request_hash,
        "status": answer.status,
        "headers": json.dumps(dict(answer.headers)),
        "body": answer.body,
        "at": moment(at),
    }
    connection.execute(requests.insert(), row)


def forget_answers(connection: sa.Connection, before: datetime) -> int:
    """Delete answers given before a moment; how many. After that, a repeated request acts again."""
    return connection.execute(requests.delete().where(requests.c.at < moment(before))).rowcount
