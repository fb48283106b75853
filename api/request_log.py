"""One line of JSON a request: which route, how it went, how long it took. Nobody can be found in it.

Never the address (it may hold an organisation number, and a sole proprietor's is a person's), the query, a name or
the sender's address: the ledger keeps who looked at what, under its own rules.
"""

from __future__ import annotations

import re
import secrets
import string
import sys
import time
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestLog", "templates_of", "write_json_lines"]

_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
_LETTERS: Final = 16
_log = structlog.get_logger()


def write_json_lines() -> None:
    """Make everything this process logs one JSON object a line on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def templates_of(app: FastAPI) -> Mapping[object, str]:
    """The template of each endpoint's address, `/v1/rankings/{target}`."""
    routes = iter_route_contexts(app.routes)
    return {route.endpoint: route.path for route in routes if route.endpoint is not None and route.path is not None}


class RequestLog:
    """ASGI middleware, the outermost. The id it gives a request comes back as `X-Request-ID`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # Letters: eleven digits in a row would be an identity number. Drawn once, because each draw from the system
        # lets other threads go first.
        self._process = "".join(secrets.choice(string.ascii_lowercase) for _ in range(_LETTERS))
        self._numbers = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the request when it is answered, or has failed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("X-Request-ID", "")
        usable = _ID.fullmatch(asked) and not asked.isdigit()
        request_id = asked if usable else f"{self._process}-{next(self._numbers):08x}"
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        begun = time.perf_counter()
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            took = round(1000 * (time.perf_counter() - begun), 1)
            _log.info("request", id=request_id, status=status, ms=took, **_about(scope))


def _about(scope: Scope) -> Mapping[str, Any]:
    """The method, the route's template (null where none matched) and the roles of whoever asked."""
    person = scope.get("state", {}).get("person")
    roles = sorted(person.roles) if person is not None else None
    return {"method": scope["method"], "route": _template(scope), "roles": roles}


def _template(scope: Scope) -> str | None:
    """The address with names for what stands in it. A route knows only its own part of it, so ask by endpoint."""
    templates: Mapping[object, str] = scope["app"].state.templates if "app" in scope else {}
    return templates.get(scope.get("endpoint"))
