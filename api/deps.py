"""What routes ask for by type: the run in service as the person may see it, the ledger, and the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.identity.current import CurrentPerson
from api.ledger_in_service import LedgerInService
from api.served_run import RunInService, Served, ServedRun
from api.viewer import Viewer
from targeting.domain import Target
from targeting.ledger import Ledger
from targeting.planning.permissions import can_see_target

__all__ = ["CurrentLedger", "CurrentRun", "CurrentViewer", "Home", "Now", "OpenRun", "wall_clock"]


def wall_clock() -> datetime:
    """The present moment. Nothing else in the web process reads the clock; `create_app` takes another one for tests."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


async def _served(request: Request) -> Served:
    """The one run that everything in this answer is read from, however often the answer asks for it."""
    found: Served | None = getattr(request.state, "served", None)
    if found is None:
        service: RunInService = request.app.state.run_in_service
        ready = service.ready()
        found = request.state.served = ready if ready is not None else await run_in_threadpool(service.opened)
    return found


async def _open_run(request: Request) -> ServedRun:
    return (await _served(request)).open


async def _current_run(request: Request, person: CurrentPerson) -> ServedRun:
    served = await _served(request)
    sees_all = all(can_see_target(person, target) for target in Target)
    return served.whole if sees_all else served.open


def _ledger(request: Request) -> Ledger:
    """Not async: the first to ask opens it, and that may take as long as the database does."""
    service: LedgerInService = request.app.state.ledger
    return service.opened()


async def _viewer(request: Request, person: CurrentPerson) -> Viewer:
    return Viewer(person, await _current_run(request, person), await _now(request), request.app.state.looks)


async def _home(request: Request) -> Path:
    service: RunInService = request.app.state.run_in_service
    return service.home


async def _now(request: Request) -> datetime:
    moment: datetime = request.app.state.people.clock()
    return moment


OpenRun = Annotated[ServedRun, Depends(_open_run)]
"""The run without closed targets, for routes that ask nobody who they are."""

CurrentRun = Annotated[ServedRun, Depends(_current_run)]
"""The run in service as the person who asks may see it: nothing in it tells whether there is more."""

CurrentLedger = Annotated[Ledger, Depends(_ledger)]
"""The open ledger: one request is one `write`, never one inside another."""

CurrentViewer = Annotated[Viewer, Depends(_viewer)]
"""Who looks at the run in service: one dependency for four, each of which costs a list as much as finding its rows."""

Home = Annotated[Path, Depends(_home)]
"""Where all state lives."""

Now = Annotated[datetime, Depends(_now)]
"""The moment of the request, for audit events."""
