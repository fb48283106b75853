"""A problem as a page, for a person who came to a page."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.pages.templating import language_of, page
from api.schemas.problem import Problem

__all__ = ["is_page", "may_move_on", "problem_page", "to_login"]

_FOR_PROGRAMS: Final = ("/v1/", "/healthz/", "/openapi/", "/static/")
_IS_PART: Final = "HX-Request"


def is_page(request: Request) -> bool:
    """Whether a page was asked for rather than the API."""
    return not request.url.path.startswith(_FOR_PROGRAMS)


def problem_page(request: Request, problem: Problem, headers: Mapping[str, str]) -> Response:
    """What went wrong, and the way back."""
    reason = problem.reason_en if language_of(request) == "en" else problem.reason_nb
    return page(request, "problem.html", problem.status, headers, problem=problem, reason=reason or problem.detail)


def may_move_on(request: Request) -> bool:
    """Whether the browser can be sent to the login: our policy lets no form lead to another host."""
    return request.method == "GET" or _IS_PART in request.headers


def to_login(request: Request) -> Response:
    """To the login page and back here afterwards. A part of a page cannot follow: htmx takes the whole page there."""
    query = f"?{request.url.query}" if request.url.query else ""
    back = request.url.path + query if request.method == "GET" else "/"
    address = f"/login?{urlencode({'next': back})}"
    if _IS_PART in request.headers:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})
