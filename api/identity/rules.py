"""The rule of a route: who may. Every route declares exactly one, or the application does not start.

@router.get("/sectors", dependencies=[rule(check_can_enter)])
@router.get("/rankings/{target}", dependencies=[rule(check_can_see_scores, path_target)])
@router.get("/healthz/live", dependencies=[public("a probe has no login")])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends, FastAPI, Request, params
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from api.identity.current import CurrentPerson, people_in
from api.identity.same_origin import SAFE_METHODS, check_same_origin
from targeting.domain import RefusedError, Target

__all__ = ["Rule", "check_every_route_has_a_rule", "logged_in", "path_target", "public", "rule"]

_PUBLIC_MOUNTS: Final = ("/static",)
"""Style sheets and icons: the login page needs them too."""


@dataclass(frozen=True)
class Rule(params.Depends):
    """The dependency that lets somebody through or raises. `name` says the rule in a table or a document."""

    name: str = ""


def rule(check: Callable[..., None], about: Callable[..., Any] | None = None) -> Rule:
    """Let through whom `check(person)` does, or `check(person, subject)` with the subject that `about` finds.

    `about` is a dependency: `path_target`, or one of your own (the target of the plan in the address). FastAPI runs
    it once a request, so a route that needs the same subject asks for it again at no cost.
    """
    if about is None:

        async def ruled(person: CurrentPerson) -> None:
            check(person)

        return Rule(ruled, name=check.__name__)

    async def ruled_about(person: CurrentPerson, subject: Any = Depends(about)) -> None:  # noqa: B008 - FastAPI's form
        check(person, subject)

    return Rule(ruled_about, name=check.__name__)


def logged_in() -> Rule:
    """Let through whoever is logged in, with or without a role: to log out again."""

    async def known(_person: CurrentPerson) -> None:
        """Nothing more is asked."""

    return Rule(known, name="logged_in")


def public(_why: str) -> Rule:
    """Let everybody through, for the reason given. Whatever is sent must still come from a page of ours."""

    async def everybody(request: Request) -> None:
        if request.method not in SAFE_METHODS:
            check_same_origin(request, people_in(request).origin)

    return Rule(everybody, name="public")


async def path_target(target: Target) -> Target:
    """The target named in the path."""
    return target


def check_every_route_has_a_rule(app: FastAPI) -> None:
    """Raise `RefusedError` naming the first route without a rule, or with several."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount) and route.path in _PUBLIC_MOUNTS:
            continue
        declared = [one for one in getattr(route, "dependencies", None) or () if isinstance(one, Rule)]
        if len(declared) != 1:
            raise RefusedError(
                expected="exactly one rule(...) or public(...) in the route's dependencies",
                got=str(len(declared)),
                where=f"{', '.join(sorted(route.methods or ()))} {route.path}",
            )
