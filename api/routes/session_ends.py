"""An administrator ends a person's sessions: a role was taken away, or a machine was lost."""

from __future__ import annotations

from http import HTTPStatus

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from api.errors import problems
from api.identity.current import ends_in
from api.identity.rules import rule
from api.identity.session_ends import session_end
from api.routes.plans.addressed import json_answer
from api.schemas.session_ends import AskedSessionEnd, SessionEnded
from api.writes import NewWrite
from targeting.ledger import Answer, record_event
from targeting.planning.permissions import check_can_administer

__all__ = ["router"]

router = APIRouter(tags=["sessions"])


@router.post(
    "/session-ends",
    status_code=HTTPStatus.CREATED,
    response_model=SessionEnded,
    responses=problems(401, 403, 413, 422, 429, 503),
    dependencies=[rule(check_can_administer)],
)
def end_sessions(request: Request, asked: AskedSessionEnd, write: NewWrite) -> Response:
    """End every session of a person, in every process within five seconds. Bearer tokens are for their issuer to end.

    Whether there is such a person is not told: the name is taken as it is.
    """

    def act(connection: sa.Connection) -> Answer:
        record_event(connection, session_end(write.person.name, write.at, asked.person, asked.text))
        return json_answer(SessionEnded(person=asked.person, at=write.at), HTTPStatus.CREATED)

    answer = write.once(act)
    ends_in(request).forget()
    return answer
