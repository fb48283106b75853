"""Who asks: by bearer token, or by the session of a browser. Routes take it as `CurrentPerson`."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.errors import UnauthenticatedError
from api.identity.people import People
from api.identity.same_origin import SAFE_METHODS, check_form_token, check_same_origin
from api.identity.session_ends import SessionEnds
from api.identity.sessions import session_in
from api.identity.tokens import person_by_token
from targeting.planning.permissions import Person

__all__ = ["CurrentPerson", "current_person", "ends_in", "people_in"]

_BEARER: Final = "bearer "


def people_in(request: Request) -> People:
    """How the process that answers `request` knows people."""
    people: People = request.app.state.people
    return people


def ends_in(request: Request) -> SessionEnds:
    """Whose sessions were ended before their time."""
    ends: SessionEnds = request.app.state.session_ends
    return ends


_Documented = Annotated[object, Depends(HTTPBearer(bearerFormat="JWT", auto_error=False))]
"""Says in the API's description that a token may be sent; who it speaks for is decided below."""


async def current_person(request: Request, _token: _Documented = None) -> Person:
    """The person or machine that asks; `UnauthenticatedError` when nobody vouches for one.

    A token wins over a session. A session acts, other than by reading, only through a form of our own pages.
    """
    people = people_in(request)
    sent = request.headers.get("Authorization")
    person = await _by_token(sent, people) if sent is not None else await _by_session(request, people)
    request.state.person = person
    people.pace.take(person.subject)
    return person


CurrentPerson = Annotated[Person, Depends(current_person)]


async def _by_token(sent: str, people: People) -> Person:
    _check_anybody_can(people)
    if not sent.lower().startswith(_BEARER):
        raise UnauthenticatedError(expected="a bearer token", got="another kind of Authorization", invalid_token=True)
    return await run_in_threadpool(person_by_token, sent[len(_BEARER) :].strip(), people.verifiers)


async def _by_session(request: Request, people: People) -> Person:
    found = session_in(request.session, people.session_key, people.clock())
    if found is None or await ends_in(request).ended(found):
        _check_anybody_can(people)
        login = people.development or people.login is not None
        raise UnauthenticatedError(
            expected="a bearer token or a session", got="neither", do="log in at /login or send a token", login=login
        )
    request.state.form_token = found.form_token
    if request.method not in SAFE_METHODS:
        check_same_origin(request, people.origin)
        await check_form_token(request, found.form_token)
    return found.person


def _check_anybody_can(people: People) -> None:
    if people.development or people.verifiers:
        return
    raise UnauthenticatedError(
        expected="somebody who vouches for people",
        got="no issuer is set",
        do="set TARGETING_OIDC_ISSUER (or TENANT_ID), CLIENT_ID, TARGETING_BASE_URL and TARGETING_SESSION_SECRET; "
        "on a machine with synthetic data only, TARGETING_DANGEROUS_DEVELOPMENT_LOGIN=true",
    )
