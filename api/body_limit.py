"""No request is larger than its route takes: refused by the length it claims, and counted while it comes.

Not FastAPI's own limit: that answers in plain text and without our headers when nobody has read the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.uploads.received import Receiving

__all__ = ["BodyLimit", "upload_limits"]

_MOST_DIGITS: Final = 18


def upload_limits(app: FastAPI) -> Mapping[object, int]:
    """The most bytes each endpoint that takes a file takes; a form around the file may add a little."""
    found = (
        (route.endpoint, _receiving(getattr(route, "dependant", None))) for route in iter_route_contexts(app.routes)
    )
    return {endpoint: one.max_bytes + one.form_bytes for endpoint, one in found if one is not None}


def _receiving(dependant: Any) -> Receiving | None:
    for one in dependant.dependencies if dependant is not None else ():
        if isinstance(one.call, Receiving):
            return one.call
        if (inner := _receiving(one)) is not None:
            return inner
    return None


class BodyLimit:
    """ASGI middleware. Which route answers is known when it first reads, so that is when the limit is looked up."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what `app` reads; 413 when it is too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        claimed, read = Headers(scope=scope).get("Content-Length", ""), 0

        async def receive_counted() -> Message:
            nonlocal read
            limit = self._limit(scope)
            if claimed.isdecimal() and (len(claimed) > _MOST_DIGITS or int(claimed) > limit):
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_counted, send)

    def _limit(self, scope: Scope) -> int:
        limits: Mapping[object, int] = scope["app"].state.upload_limits
        return limits.get(scope.get("endpoint"), self._max_bytes)
