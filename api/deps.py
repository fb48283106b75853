"""What routes ask for by type: the run in service and the target that may be shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.errors import RoleRequiredError
from api.served_run import RunInService, ServedRun
from targeting.domain import Target

__all__ = ["CurrentRun", "OpenTarget", "check_can_see"]


async def _current_run(request: Request) -> ServedRun:
    """The one run that everything in this answer is read from."""
    service = _service(request)
    ready = service.ready()
    return ready if ready is not None else await run_in_threadpool(service.opened)


def _open_target(request: Request, target: Target) -> Target:
    check_can_see(_service(request), target)
    return target


def check_can_see(service: RunInService, target: Target) -> None:
    """Raise `RoleRequiredError` when the purpose of `target` is closed: nobody has a role here yet."""
    if target in service.hidden:
        raise RoleRequiredError(
            expected="the a-krim role",
            got="nobody: people and roles are not set up",
            where=str(target),
            do="ask for a target with another purpose",
        )


def _service(request: Request) -> RunInService:
    service: RunInService = request.app.state.run_in_service
    return service


CurrentRun = Annotated[ServedRun, Depends(_current_run)]
OpenTarget = Annotated[Target, Depends(_open_target)]
