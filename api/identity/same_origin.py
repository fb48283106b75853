"""A session acts only through our own pages: where a form came from, and the token that it carries."""

from __future__ import annotations

import hmac
from typing import Final

from starlette.requests import Request

from api.errors import ForgedError

__all__ = ["SAFE_METHODS", "check_form_token", "check_same_origin"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_HEADER: Final = "X-CSRF-Token"
_FIELD: Final = "csrf_token"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def check_same_origin(request: Request, origin: str) -> None:
    """Raise `ForgedError` unless the browser says that a page of `origin` sent this; empty: of the host asked."""
    ours = origin or f"{request.url.scheme}://{request.url.netloc}"
    site, sent = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and sent is None:
        raise _forged("no Origin and no Sec-Fetch-Site header")
    if site not in (None, "same-origin") or sent not in (None, ours):
        raise _forged("a request from elsewhere")


async def check_form_token(request: Request, token: str) -> None:
    """Raise `ForgedError` unless the header `X-CSRF-Token` or the form field `csrf_token` is `token`."""
    sent: object = request.headers.get(_HEADER)
    if sent is None and request.headers.get("Content-Type", "").startswith(_FORMS):
        sent = (await request.form()).get(_FIELD)
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), token.encode()):
        raise _forged("none, or that of another session")


def _forged(got: str) -> ForgedError:
    return ForgedError(
        expected=f"a form of this service with its token (field {_FIELD} or header {_HEADER})",
        got=got,
        do="open the page again and send it from there",
    )
