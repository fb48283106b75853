"""The real application, and beside its lists the very same bytes ready-made: what `benchmarks.rankings` asks.

    uvicorn --factory benchmarks.rankings_server:create

Started by the benchmark alone. `READY` names the folder with one body a question; whoever asks goes through the same
middlewares, the same session and the same rule as for a list.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response

from api.answers import answer
from api.deps import CurrentRun, CurrentViewer
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.main import create_app
from targeting.domain import Target
from targeting.planning.permissions import check_can_enter
from targeting.settings import Settings

__all__ = ["READY", "create"]

READY: Final = "TARGETING_BENCHMARK_READY"
_LIMIT: Final = 10**9
_JSON: Final = "application/json"


def create() -> FastAPI:
    """The application of `TARGETING_HOME`, where anybody may log in and nobody asks too fast."""
    settings = Settings(dangerous_development_login=True, requests_at_once=_LIMIT, requests_per_minute=_LIMIT)
    app = create_app(settings)

    @app.get("/ready/kept/{number}", dependencies=[rule(check_can_enter)])
    async def kept(request: Request, number: int, viewer: CurrentViewer) -> Response:
        """Ready-made under the same duties: the look is kept before the answer is sent."""
        await viewer.lists(Target.BHT_USE, run=viewer.run.run, filters={}, rows=300, total=number)
        return answer(request, viewer.run, _body(number), _JSON, "v1")

    @app.get("/ready/plain/{number}", dependencies=[rule(check_can_enter)])
    async def plain(request: Request, number: int, run: CurrentRun, _person: CurrentPerson) -> Response:
        """Ready-made and nothing else: nobody could tell afterwards who saw it."""
        return answer(request, run, _body(number), _JSON, "v1")

    @app.get("/ready/empty", dependencies=[rule(check_can_enter)])
    async def empty() -> Response:
        """What the server, the session and the middlewares take by themselves."""
        return Response(b"{}", media_type=_JSON)

    return app


@cache
def _body(number: int) -> bytes:
    return (Path(os.environ[READY]) / f"{number}.json").read_bytes()
