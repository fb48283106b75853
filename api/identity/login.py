"""Logging in and out: at the issuer by code and PKCE, or, on a development machine, as anybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]
from fastapi import APIRouter, Form, Query, Request
from httpx2 import HTTPError
from joserfc.errors import JoseError
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.deps import CurrentLedger, Now
from api.errors import IssuerUnreachableError, UnauthenticatedError
from api.identity.current import CurrentPerson, current_person, ends_in, people_in
from api.identity.people import Login
from api.identity.rules import logged_in, public
from api.identity.session_ends import session_end
from api.identity.sessions import begin_session
from api.identity.signing_keys import OPENID_METADATA
from api.pages.templating import page
from api.schemas.base import FormInput
from targeting.domain import BadInputError, NotFoundError, has_national_identity_number
from targeting.ledger import record_event
from targeting.planning.permissions import Person, Role

__all__ = ["local_path", "oauth_of", "router"]

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(alias="next", max_length=2000)]


def oauth_of(login: Login) -> Any:
    """Authlib's client for `login`, which keeps state, nonce and code verifier in the session until the callback."""
    oauth = OAuth()
    return oauth.register(
        "issuer",
        client_id=login.client_id,
        client_secret=login.client_secret or None,
        server_metadata_url=login.verifier.keys.issuer.rstrip("/") + OPENID_METADATA,
        client_kwargs={
            "scope": login.scope,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if login.client_secret else "none",
        },
    )


def local_path(asked: str) -> str:
    """`asked` when it is a path of this service, else `/`: a login must not lead to anybody else's page.

    >>> local_path("/?county=03"), local_path("//evil.example"), local_path("https://evil.example")
    ('/?county=03', '/', '/')
    """
    safe = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isprintable()
    return asked if safe and not asked.startswith("/login") else "/"


@router.get("/login", dependencies=[public("whoever logs in is not logged in yet")])
async def login_page(request: Request, back: Next = "/") -> Response:
    """The development login's form, or the way to the issuer."""
    people = people_in(request)
    if people.development:
        return page(request, "login.html", roles=list(Role), back=local_path(back))
    if people.login is None:
        await current_person(request)
        return _to(local_path(back))
    request.session["back"] = local_path(back)
    try:
        sent: Response = await request.app.state.oauth.authorize_redirect(request, people.login.callback)
    except (HTTPError, ValueError, KeyError, RuntimeError) as cause:
        raise _unreachable() from cause
    return sent


class DevelopmentLogin(FormInput):
    """Who one wants to be."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    roles: tuple[Role, ...] = ()
    back: Annotated[str, Field(max_length=2000)] = "/"


@router.post("/login", dependencies=[public("whoever logs in is not logged in yet")])
async def development_login(request: Request, asked: Annotated[DevelopmentLogin, Form()]) -> Response:
    """Become whoever was asked for. Exists only where the development login is on."""
    people = people_in(request)
    if not people.development:
        raise NotFoundError(expected="a login at the issuer", got="a form", do="open /login")
    name = asked.name.strip()
    if not name or has_national_identity_number(name):
        raise BadInputError(expected="a name", got="none, or an identity number", where="name")
    person = Person(name, frozenset(asked.roles), subject=f"development:{name.casefold()}")
    begin_session(request.session, person, people.clock(), people.session_hours)
    return _to(local_path(asked.back))


@router.get("/login/callback", dependencies=[public("the issuer sends whoever logged in here")])
async def callback(request: Request) -> Response:
    """Take the code from the issuer, and begin the session of whom its ID token names."""
    people = people_in(request)
    if people.login is None:
        raise NotFoundError(expected="a login at the issuer", got="no issuer is set")
    back = local_path(str(request.session.get("back", "/")))
    try:
        token = await request.app.state.oauth.authorize_access_token(request)
        claims = await run_in_threadpool(people.login.verifier.claims, token["id_token"])
        person = people.login.verifier.person(claims)
    except (OAuthError, JoseError, KeyError, TypeError) as cause:
        raise UnauthenticatedError(
            expected="a login that began here and ended at the issuer", got="another", do="open /login again"
        ) from cause
    except HTTPError as cause:
        raise _unreachable() from cause
    begin_session(request.session, person, people.clock(), people.session_hours)
    return _to(back)


@router.post("/logout", dependencies=[logged_in()])
async def logout(request: Request) -> Response:
    """End the session here. The issuer's own session lives on."""
    request.session.clear()
    return _to("/logged-out")


@router.post("/logout-everywhere", dependencies=[logged_in()])
def logout_everywhere(request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now) -> Response:
    """End every session of the person, this one too. A bearer token is the issuer's to take back."""
    with ledger.write() as connection:
        record_event(connection, session_end(person.name, now, person.name))
    ends_in(request).forget()
    request.session.clear()
    return _to("/logged-out")


@router.get("/logged-out", dependencies=[public("whoever logged out is not logged in any more")])
async def logged_out(request: Request) -> Response:
    """Says that the session is over, and the way back."""
    return page(request, "logged_out.html")


def _to(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})


def _unreachable() -> IssuerUnreachableError:
    return IssuerUnreachableError(
        expected="the issuer's login", got="no answer that can be used", do="try again in a while"
    )
