"""`POST /v1/access-requests`: what we hold about a number, for the enterprise that asks."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import CurrentLedger, CurrentRun, Home, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.published_runs import runs_until
from api.schemas.access import AccessAnswerOut, AskedAccess
from targeting.domain import OrganisationNumber, Target
from targeting.feedback.access import Question, answered
from targeting.planning.permissions import Person, check_can_answer_access_request, check_can_see_target

__all__ = ["router"]

router = APIRouter(tags=["access requests"])


@router.post(
    "/access-requests",
    response_model=AccessAnswerOut,
    responses=problems(401, 403, 413, 422, 429, 503),
    dependencies=[rule(check_can_answer_access_request)],
)
def answer_access_request(
    asked: AskedAccess, person: CurrentPerson, run: CurrentRun, ledger: CurrentLedger, home: Home, now: Now
) -> AccessAnswerOut:
    """What the published runs and the ledger hold: sources with dates, legal basis, scores with reasons, who saw them.

    Register rows are counted, not told one by one: only the store has them. The answer's hash is kept, never the
    answer; so there is no idempotency key, and whoever asks twice has asked twice.
    """
    _check_closed(person, asked)
    question = Question(OrganisationNumber(asked.number), now.date(), asked.work_crime, asked.staff_named)
    runs = runs_until(home, person, run)
    with ledger.write() as connection:
        found = answered(question, runs, connection, person.name, now)
    return AccessAnswerOut(sha256=found.sha256, **found.answer.to_value())


def _check_closed(person: Person, asked: AskedAccess) -> None:
    for target in Target:
        if asked.work_crime and target.closed:
            check_can_see_target(person, target)
