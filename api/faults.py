"""What breaks here is answered like every other problem, and logged by where it broke.

Not left to the server: it would answer without our headers, and log the message of the error, which may repeat what
was sent.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import our_fault

__all__ = ["FaultsAnswered"]

_DEEPEST: Final = 12

_log = structlog.get_logger()


class FaultsAnswered:
    """ASGI middleware inside those that add headers and log requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 500 when `app` raises; an answer that had begun is cut off, as it must be."""
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            _log.error("a fault of ours", error=type(error).__name__, where=_where(error))
            if started or scope["type"] != "http":
                raise
            await our_fault(Request(scope, receive))(scope, receive, send)


def _where(error: Exception) -> list[str]:
    """The innermost frames, last call last, without a value of any variable."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
