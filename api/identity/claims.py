"""From an issuer's claims to a person or a machine with roles here. What the claims lack is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from api.errors import UnauthenticatedError
from targeting.domain import BadInputError, has_national_identity_number, is_organisation_number
from targeting.planning.permissions import Person, Role

__all__ = ["Claims", "PersonClaims", "machine_of", "person_of", "refused", "roles_named"]

Claims = Mapping[str, Any]

_LONGEST_NAME: Final = 100
_ORGANISATION: Final = ("iso6523-actorid-upis", "0192:")
"""How Maskinporten writes a Norwegian organisation number: the authority, and the prefix of the ID."""


class PersonClaims(NamedTuple):
    """Which claim names the person, which holds roles or groups, and what each value of it opens here."""

    name: str
    roles: str
    meaning: Mapping[str, Role]


def person_of(claims: Claims, asked: PersonClaims) -> Person:
    """The person the claims are about; values of the roles claim that mean nothing here are left out."""
    name, subject = claims.get(asked.name), claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise refused("the token names no subject")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        raise refused("the token names nobody in the claim that should")
    if has_national_identity_number(name):
        raise refused("the token names a person by identity number")
    return Person(name.strip(), _roles(_reach(claims, asked.roles), asked.meaning), subject)


def machine_of(claims: Claims, scope_roles: Mapping[str, Role]) -> Person:
    """The machine a Maskinporten token is about: its organisation and the roles of its scopes."""
    consumer, client = claims.get("consumer"), claims.get("client_id")
    authority, prefix = _ORGANISATION
    identifier = consumer.get("ID") if isinstance(consumer, Mapping) else None
    if not isinstance(identifier, str) or not isinstance(consumer, Mapping) or consumer.get("authority") != authority:
        raise refused("the token names no consumer")
    number = identifier.removeprefix(prefix)
    if not identifier.startswith(prefix) or not is_organisation_number(number):
        raise refused("the token's consumer is no organisation number")
    if not isinstance(client, str) or not client:
        raise refused("the token names no client")
    return Person(f"maskin {number}", _roles(claims.get("scope"), scope_roles), f"{number}/{client}", machine=True)


def roles_named(names: Mapping[str, str], variable: str) -> Mapping[str, Role]:
    """The configured meaning of claim values; `BadInputError` naming the variable when a role is none of ours."""
    known = {role.value: role for role in Role}
    for name in names.values():
        if name not in known:
            raise BadInputError(expected=f"one of {', '.join(known)}", got=repr(name), where=variable)
    return {value: known[name] for value, name in names.items()}


def refused(why: str) -> UnauthenticatedError:
    """The error for a token that is no good. `why` is ours, and repeats nothing of the token."""
    return UnauthenticatedError(
        expected="a token that is valid here", got=why, do="get a new one from the issuer", invalid_token=True
    )


def _reach(claims: Claims, path: str) -> object:
    """The claim at `path`; some issuers nest roles (`realm_access.roles`), others write names with dots in them."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _roles(claim: object, meaning: Mapping[str, Role]) -> frozenset[Role]:
    values = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    return frozenset(meaning[value] for value in values if isinstance(value, str) and value in meaning)
