"""A browser's session: subject, name, roles, begin and expiry in a signed cookie, and the token its forms carry."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from targeting.planning.permissions import Person, Role

__all__ = ["Session", "begin_session", "session_in"]


_FIELDS: Final = frozenset({"subject", "name", "roles", "issued", "expires"})


class Session(NamedTuple):
    """A person who logged in, when (seconds since 1970), and the token that only our own pages know."""

    person: Person
    issued: float
    form_token: str


def begin_session(cookie: MutableMapping[str, Any], person: Person, now: datetime, hours: int) -> None:
    """Make `cookie` the session of `person`; nothing of what was in it before survives."""
    cookie.clear()
    cookie["subject"], cookie["name"] = person.subject, person.name
    cookie["roles"] = sorted(person.roles)
    cookie["issued"] = now.timestamp()
    cookie["expires"] = int((now + timedelta(hours=hours)).timestamp())


def session_in(cookie: Mapping[str, Any], key: bytes, now: datetime) -> Session | None:
    """The session in `cookie`, whose signature was checked when it came; None when there is none or it is over."""
    if _FIELDS - set(cookie) or now.timestamp() >= cookie["expires"]:
        return None
    known = {role.value: role for role in Role}
    roles = frozenset(known[name] for name in cookie["roles"] if name in known)
    seed = f"form|{cookie['subject']}|{cookie['expires']}".encode()
    token = hmac.new(key, seed, hashlib.sha256).hexdigest()
    return Session(Person(cookie["name"], roles, cookie["subject"]), cookie["issued"], token)
