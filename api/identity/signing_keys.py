"""An issuer's public keys: fetched when first needed, again when they grow old or a new one is named.

Not PyJWT's own client: it asks the issuer for every unknown key id, so that anybody could make us flood it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import structlog
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from api.errors import IssuerUnreachableError
from api.identity.claims import refused

__all__ = ["OAUTH_METADATA", "OPENID_METADATA", "SigningKeys"]

OPENID_METADATA: Final = "/.well-known/openid-configuration"
OAUTH_METADATA: Final = "/.well-known/oauth-authorization-server"

_FAMILIES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_FRESH_SECONDS: Final = 600.0
_BETWEEN_SECONDS: Final = 5.0
"""At most one question in this time, however many unknown keys are named."""
_LONGEST_WAIT_SECONDS: Final = 300.0

_log = structlog.get_logger()


@dataclass
class SigningKeys:
    """The keys of one issuer, by key id. While it cannot be reached, those known go on being used."""

    issuer: str
    metadata: str = OPENID_METADATA
    monotonic: Callable[[], float] = time.monotonic
    _keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _fresh_until: float = float("-inf")
    _next_try: float = float("-inf")
    _failures: int = 0
    _fetching: threading.Lock = field(default_factory=threading.Lock)

    def key(self, kid: str | None, algorithm: str) -> PyJWK:
        """The key `kid` for `algorithm`; the issuer's only one when the token names none, as OpenID allows.

        Refuses an unknown one, and one that is not for signing by `algorithm`.
        """
        if not self._knows(kid) or self.monotonic() >= self._fresh_until:
            self._refresh(kid)
        keys = self._keys
        found = keys.get(kid) if kid is not None else next(iter(keys.values())) if len(keys) == 1 else None
        if found is None:
            raise refused("the token is signed with an unknown key")
        suits = (
            found.get("kty") == _FAMILIES[algorithm[:2]]
            and found.get("use", "sig") == "sig"
            and found.get("alg", algorithm) == algorithm
        )
        if not suits:
            raise refused("the token is signed by another method than its key is for")
        try:
            return PyJWK(dict(found), algorithm)
        except PyJWTError as cause:
            raise refused("the token is signed by another method than its key is for") from cause

    def _knows(self, kid: str | None) -> bool:
        return kid in self._keys if kid is not None else bool(self._keys)

    def _refresh(self, kid: str | None) -> None:
        with self._fetching:
            now = self.monotonic()
            if now < self._next_try or (self._knows(kid) and now < self._fresh_until):
                return self._check_there_are_any()
            try:
                self._keys = self._fetch()
            except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as cause:
                self._failures += 1
                self._next_try = now + min(_LONGEST_WAIT_SECONDS, 2.0**self._failures)
                _log.warning("the issuer's keys cannot be read", issuer=self.issuer, why=type(cause).__name__)
            else:
                self._failures, self._next_try = 0, now + _BETWEEN_SECONDS
                self._fresh_until = now + _FRESH_SECONDS
            return self._check_there_are_any()

    def _check_there_are_any(self) -> None:
        if not self._keys:
            raise IssuerUnreachableError(
                expected="the signing keys of the issuer", got="no answer that can be used", do="ask again in a while"
            )

    def _fetch(self) -> Mapping[str, Mapping[str, Any]]:
        with httpx2.Client(timeout=5.0) as client:
            about = client.get(self.issuer.rstrip("/") + self.metadata).raise_for_status().json()
            if about["issuer"] != self.issuer:
                raise ValueError("metadata of another issuer")
            keys = client.get(about["jwks_uri"]).raise_for_status().json()["keys"]
        return {key.get("kid", ""): key for key in keys}
