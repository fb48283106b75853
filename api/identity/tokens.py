"""Bearer tokens: JSON Web Tokens of an issuer we trust, for us, in force now, signed by a key of the issuer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

from api.identity.claims import Claims, refused
from api.identity.signing_keys import SigningKeys
from targeting.planning.permissions import Person

__all__ = ["ALGORITHMS", "Verifier", "person_by_token"]

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signed with a private key only. A shared-secret algorithm would take the public key for the secret."""

_LONGEST: Final = 16_384
_WHY: Final = (
    (ExpiredSignatureError, "the token has expired"),
    (ImmatureSignatureError, "the token is not in force yet"),
    (InvalidAudienceError, "the token is for somebody else"),
    (MissingRequiredClaimError, "the token lacks a claim"),
    (InvalidSignatureError, "the token was changed or not signed by the issuer"),
)


@dataclass(frozen=True)
class Verifier:
    """What a token of one issuer has to be. `audience` null: it may not be for anybody in particular."""

    keys: SigningKeys
    audience: str | None
    person: Callable[[Claims], Person]
    skew_seconds: int

    def claims(self, token: str) -> Claims:
        """The claims of `token`, or `UnauthenticatedError`; `IssuerUnreachableError` when nobody can tell."""
        header = _header(token)
        key = self.keys.key(header.get("kid"), header["alg"])
        needed = ["exp", "iat", "iss"] + ([] if self.audience is None else ["aud"])
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[header["alg"]],
                audience=self.audience,
                issuer=self.keys.issuer,
                leeway=self.skew_seconds,
                options={"require": needed},
            )
        except PyJWTError as cause:
            why = next((text for kind, text in _WHY if isinstance(cause, kind)), "the token cannot be trusted")
            raise refused(why) from cause


def person_by_token(token: str, verifiers: Mapping[str, Verifier]) -> Person:
    """Who `token` speaks for. Its issuer decides which verifier judges it, and that one checks the issuer again."""
    _header(token)
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except PyJWTError as cause:
        raise refused("the token cannot be read") from cause
    if not isinstance(issuer, str) or issuer not in verifiers:
        raise refused("the token is of another issuer")
    verifier = verifiers[issuer]
    return verifier.person(verifier.claims(token))


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > _LONGEST:
        raise refused("the token is too long")
    try:
        header = jwt.get_unverified_header(token)
    except PyJWTError as cause:
        raise refused("the token cannot be read") from cause
    if header.get("alg") not in ALGORITHMS:
        raise refused("the token is not signed by a method that is taken here")
    return header
