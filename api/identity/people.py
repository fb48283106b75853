"""How this process knows people: read from the settings once, and refused at start where it cannot be safe."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from api.identity.claims import PersonClaims, machine_of, person_of, roles_named
from api.identity.pace import Pace
from api.identity.signing_keys import OAUTH_METADATA, SigningKeys
from api.identity.tokens import Verifier
from targeting.domain import BadInputError, RefusedError
from targeting.planning.permissions import Role
from targeting.settings import Settings

__all__ = ["Clock", "Login", "People", "people_of"]

Clock = Callable[[], datetime]

_SHORTEST_SECRET: Final = 32
_HERE: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Login:
    """What a browser's login at the issuer needs. `verifier` judges the ID token, which is for the client itself."""

    verifier: Verifier
    client_id: str
    client_secret: str
    scope: str
    callback: str


@dataclass(frozen=True)
class People:
    """Everything that decides who somebody is. Neither `development` nor a verifier: nobody can be let in."""

    development: bool
    verifiers: Mapping[str, Verifier]
    login: Login | None
    session_key: bytes
    session_hours: int
    origin: str
    pace: Pace
    clock: Clock

    @property
    def secure(self) -> bool:
        """Whether people reach the service over TLS: cookies and headers then insist on it."""
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name. The prefix makes browsers refuse one set by another host or without TLS."""
        return "__Host-targeting" if self.secure else "targeting"


def people_of(settings: Settings, clock: Clock) -> People:
    """How people are known under `settings`; raises `RefusedError` or `BadInputError` where they contradict."""
    _check_development(settings)
    issuer, machines = settings.issuer, settings.maskinporten_issuer
    verifiers = {issuer: _of_people(settings, settings.audience or settings.client_id)} if issuer else {}
    if machines:
        verifiers[machines] = _of_machines(settings)
    return People(
        development=settings.dangerous_development_login,
        verifiers=verifiers,
        login=_login(settings) if issuer else None,
        session_key=_session_key(settings),
        session_hours=settings.session_hours,
        origin=_origin(settings),
        pace=Pace(settings.requests_per_minute, settings.requests_at_once),
        clock=clock,
    )


def _check_development(settings: Settings) -> None:
    if settings.dangerous_development_login and (settings.issuer or settings.maskinporten_issuer):
        raise RefusedError(
            expected="an issuer or the development login",
            got="both",
            where="TARGETING_DANGEROUS_DEVELOPMENT_LOGIN",
            do="unset it: with it anybody may be anybody",
        )


def _of_people(settings: Settings, audience: str) -> Verifier:
    if not settings.client_id or not settings.base_url:
        raise BadInputError(
            expected="CLIENT_ID and TARGETING_BASE_URL with an issuer", got="none", where="the environment"
        )
    meaning = roles_named(settings.roles or {role.value: role.value for role in Role}, "TARGETING_ROLES")
    asked = PersonClaims(settings.name_claim, settings.roles_claim, meaning)
    return Verifier(
        SigningKeys(settings.issuer), audience, partial(person_of, asked=asked), settings.clock_skew_seconds
    )


def _of_machines(settings: Settings) -> Verifier:
    roles = roles_named(settings.scope_roles, "TARGETING_SCOPE_ROLES")
    keys = SigningKeys(settings.maskinporten_issuer, OAUTH_METADATA)
    audience = settings.maskinporten_audience or None
    return Verifier(keys, audience, partial(machine_of, scope_roles=roles), settings.clock_skew_seconds)


def _login(settings: Settings) -> Login:
    return Login(
        verifier=_of_people(settings, settings.client_id),
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        scope=settings.scope,
        callback=f"{_origin(settings)}/login/callback",
    )


def _session_key(settings: Settings) -> bytes:
    """The key of sessions and form tokens. Without an issuer one for this process alone: logins end with it."""
    key = settings.session_secret.get_secret_value()
    if not settings.issuer and not key:
        return secrets.token_bytes(_SHORTEST_SECRET)
    if len(key) < _SHORTEST_SECRET:
        raise BadInputError(
            expected=f"{_SHORTEST_SECRET} characters or more, the same in every process",
            got=f"{len(key)}",
            where="TARGETING_SESSION_SECRET",
            do="make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    return key.encode()


def _origin(settings: Settings) -> str:
    """The origin of `base_url`; plain http only on this machine itself."""
    if not settings.base_url:
        return ""
    parts = urlsplit(settings.base_url)
    here = parts.scheme == "http" and parts.hostname in _HERE
    if not parts.hostname or parts.path.strip("/") or not (parts.scheme == "https" or here):
        raise BadInputError(
            expected="https://host without a path (http only on this machine)",
            got=settings.base_url,
            where="TARGETING_BASE_URL",
        )
    return f"{parts.scheme}://{parts.netloc}"
