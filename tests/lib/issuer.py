"""A real OpenID issuer on this machine, the tokens it signs, and applications that trust it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from targeting.settings import Settings
from tests.lib.pkce import Pkce

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of a library of its own
    import oidc_provider_mock

__all__ = ["BASE", "CLIENT", "Issuer", "log_in_at_issuer", "new_key", "now", "running_issuer", "trusting"]

BASE = "http://127.0.0.1:8000"
CLIENT = "targeting"


def now() -> int:
    """Seconds since 1970: tokens expire by the clock on the wall."""
    return int(time.time())  # noqa: TID251


def new_key() -> rsa.RSAPrivateKey:
    """A key of nobody's."""
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Issuer:
    """A running issuer. `storage` is its own: users, and the key it signs with. `pkce` stands before it."""

    url: str
    storage: Any
    pkce: Pkce

    @property
    def kid(self) -> str:
        """The id of the key it signs with now."""
        return str(self.storage.jwk.as_dict()["kid"])

    @property
    def public_pem(self) -> bytes:
        """What anybody can learn of its key."""
        return bytes(self.storage.jwk.as_pem(is_private=False))

    def claims(self, **claims: object) -> dict[str, object]:
        """The claims of a planner's token that is good now, with changes; a claim that is None is left out."""
        issued = now()
        usual: dict[str, object] = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "s-ada",
            "preferred_username": "ada",
            "roles": ["planner"],
            "iat": issued,
            "exp": issued + 300,
        }
        return {name: value for name, value in {**usual, **claims}.items() if value is not None}

    def token(self, headers: Mapping[str, Any] | None = None, key: Any = None, **claims: object) -> str:
        """A token signed with the issuer's own key, or with `key` under the issuer's key id."""
        signing = key or self.storage.jwk.get_private_key()
        return jwt.encode(self.claims(**claims), signing, "RS256", headers={"kid": self.kid, **(headers or {})})

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.storage.jwk = type(self.storage.jwk).generate_key(is_private=True)

    def know(self, subject: str, **claims: object) -> None:
        """Let somebody log in."""
        self.storage.store_user(oidc_provider_mock.User(sub=subject, claims=claims))


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """An issuer on a free port until the block ends."""
    with oidc_provider_mock.run_server_in_thread() as server:
        app = server.app
        assert isinstance(app, flask.Flask)
        with app.test_request_context("/"):
            app.preprocess_request()
            storage = flask.g.oidc_provider_mock_storage
        pkce = Pkce(app.wsgi_app)
        app.wsgi_app = pkce  # type: ignore[assignment,method-assign]
        yield Issuer(f"http://localhost:{server.server_port}", storage, pkce)


def log_in_at_issuer(client: TestClient, subject: str) -> str:
    """Log somebody in whom the issuer knows, as a browser at `BASE` does; the token of the session's forms."""
    issuers = client.get("/login").headers["location"]
    back = httpx2.post(issuers, data={"sub": subject}).headers["location"]
    assert client.get(back.removeprefix(BASE)).status_code == 303
    return client.get("/").text.partition('csrf_token" value="')[2].partition('"')[0]


def trusting(home: Path, issuer: str, **settings: Any) -> Settings:
    """Settings of a service whose people the issuer vouches for."""
    usual = {
        "oidc_issuer": issuer,
        "client_id": CLIENT,
        "client_secret": "not-a-secret",
        "base_url": BASE,
        "session_secret": "0123456789abcdef" * 3,
        "requests_at_once": 100_000,
    }
    return Settings(home=home, **{**usual, **settings})
