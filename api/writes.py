"""A write as it comes over the API: sent twice it acts once, and only on the plan that its sender saw.

@router.post("/plans/{plan}/proposal", dependencies=[rule(check_can_plan, plan_target)])
def propose(plan: PlanId, write: LockedWrite) -> Response:
    return write.once(lambda connection: ...)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Header, Request
from starlette.responses import Response

from api.deps import CurrentLedger, Now
from api.identity.current import CurrentPerson
from targeting.domain import BadInputError
from targeting.ledger import Answer, Ledger, WriteRequest, earlier_answer, remember
from targeting.planning.life import By
from targeting.planning.permissions import Person

__all__ = ["LockedUpload", "LockedWrite", "NewUpload", "NewWrite", "Write", "etag"]

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="chosen by the sender, a new one for each new request; the same request again gets the same answer",
    ),
]
IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^"[0-9]{1,9}"$',
        description="the ETag of the plan as it was seen; 412 when it was changed since",
    ),
]


@dataclass(frozen=True, eq=False)
class Write:
    """One write of one person. `expected` is the version of the plan that they saw; null where there is none yet."""

    ledger: Ledger
    person: Person
    at: datetime
    request: WriteRequest
    expected: int | None

    def by(self, reason_code: str = "", text: str = "") -> By:
        """Who acts, when, and why."""
        return By(self.person, self.at, reason_code, text, self.expected)

    def once(self, act: Callable[[sa.Connection], Answer]) -> Response:
        """The answer of `act`, done in one transaction; the answer it gave before when it was done already."""
        with self.ledger.write() as connection:
            answer = earlier_answer(connection, self.request)
            if answer is None:
                answer = act(connection)
                remember(connection, self.request, answer, self.at)
        return _sent(answer)

    def answered(self) -> Response | None:
        """The answer given before, null at the first time: asked where the act is prepared by long work."""
        with self.ledger.read() as connection:
            answer = earlier_answer(connection, self.request)
        return _sent(answer) if answer is not None else None


def _sent(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers=dict(answer.headers))


def etag(version: int) -> str:
    """The ETag of a plan that has had `version` acts.

    >>> etag(3)
    '"3"'
    """
    return f'"{version}"'


async def _new(request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now, key: IdempotencyKey) -> Write:
    return _write(request, person, ledger, now, key, await request.body(), None)


async def _locked(
    request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now, key: IdempotencyKey, if_match: IfMatch
) -> Write:
    return _write(request, person, ledger, now, key, await request.body(), if_match)


async def _locked_upload(
    request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now, key: IdempotencyKey, if_match: IfMatch
) -> Callable[[str], Write]:
    """The body is the file, which is on disk by now: its sha256 stands for it."""
    return lambda sha256: _write(request, person, ledger, now, key, sha256.encode(), if_match)


async def _new_upload(
    request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now, key: IdempotencyKey
) -> Callable[[str], Write]:
    return lambda sha256: _write(request, person, ledger, now, key, sha256.encode(), None)


def _write(
    request: Request, person: Person, ledger: Ledger, now: datetime, key: str, body: bytes, if_match: str | None
) -> Write:
    route = f"{request.method} {request.url.path}"
    if len(route) > 200:
        raise BadInputError(expected="an address of ours", got="a longer one", where="the request")
    asked = WriteRequest.of(key, person.name, route, body, if_match or "", request.url.query)
    return Write(ledger, person, now, asked, int(if_match.strip('"')) if if_match else None)


NewWrite = Annotated[Write, Depends(_new)]
"""A write that makes something new."""

LockedWrite = Annotated[Write, Depends(_locked)]
"""A write on a plan, which must be as the sender saw it."""

NewUpload = Annotated[Callable[[str], Write], Depends(_new_upload)]
"""A write that makes something new of a file: called with its sha256."""

LockedUpload = Annotated[Callable[[str], Write], Depends(_locked_upload)]
"""The same for a file: called with its sha256."""
