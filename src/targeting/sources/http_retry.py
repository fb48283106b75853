"""Asking a register over HTTP with patience: which answers are worth another try, and how long to wait between."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

import httpx2

from targeting.domain import BadInputError, NotFoundError

__all__ = ["ATTEMPTS", "OFFICIAL_BASE", "BrokenAnswerError", "Sleep", "patiently", "refuse_failure", "register_client"]

OFFICIAL_BASE: Final = "https://data.brreg.no/enhetsregisteret/api"
"""The documented public base of Enhetsregisteret; a parameter wherever it is used."""

ATTEMPTS: Final = 5
_FIRST_WAIT: Final = 1.0
_USER_AGENT: Final = "targeting (risk-based inspection targeting)"
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_NO_LONGER_THERE: Final = (404, 410)
_WHOLE: Final = 200

Sleep = Callable[[float], None]
T = TypeVar("T")


class BrokenAnswerError(Exception):
    """An answer that may well be whole next time: a server error, a cut connection, a cut body. Says what it was."""


def register_client(base: str = OFFICIAL_BASE, *, timeout: float = 60.0) -> httpx2.Client:
    """A client that says who is asking, follows redirects and gives up on silence after `timeout` seconds."""
    return httpx2.Client(base_url=base, headers={"User-Agent": _USER_AGENT}, timeout=timeout, follow_redirects=True)


def patiently(ask: Callable[[], T], where: str, *, sleep: Sleep = time.sleep, attempts: int = ATTEMPTS) -> T:
    """What `ask` gives; asked again after 1, 2, 4 ... seconds when it raises `BrokenAnswerError` or the line fails.

    Raises `BadInputError` with the last failure when every attempt failed; other errors pass at once.
    """
    for attempt in range(1, attempts + 1):
        try:
            return ask()
        except (BrokenAnswerError, httpx2.TransportError) as cause:
            failure = cause
        if attempt < attempts:
            sleep(_FIRST_WAIT * 2 ** (attempt - 1))
    raise BadInputError(
        expected="a whole answer from the register",
        got=f"{str(failure) or type(failure).__name__}, {attempts} times",
        where=where,
        do="try again later; what was there before is untouched",
    ) from failure


def refuse_failure(response: httpx2.Response, where: str) -> None:
    """Raises for every answer but 200: `BrokenAnswerError` where asking again may help, else a domain error."""
    status = response.status_code
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        raise BrokenAnswerError(f"HTTP {status}")
    if status in _NO_LONGER_THERE:
        raise NotFoundError(
            expected="a file at this address", got=f"HTTP {status}", where=where, do="check the address"
        )
    if status != _WHOLE:
        raise BadInputError(
            expected="the whole answer, HTTP 200", got=f"HTTP {status}", where=where, do="check the address"
        )
