"""A problem as a page, for a person who came to a page."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.pages.languages import speech_of
from api.pages.names import marked
from api.pages.templating import page
from api.schemas.problem import Problem

__all__ = ["is_page", "may_move_on", "problem_page", "to_login"]

_FOR_PROGRAMS: Final = ("/v1/", "/healthz/", "/openapi/", "/static/")
_IS_PART: Final = "HX-Request"
_IN_ITS_PLACE: Final = {"HX-Retarget": "#main", "HX-Reselect": "#main > *", "HX-Reswap": "innerHTML"}


class _Words(NamedTuple):
    heading: str
    advice: str


_OTHERWISE: Final = _Words(marked("That did not work"), marked("Go back and try again."))
_WORDS: Final[Mapping[int, _Words]] = {
    401: _Words(marked("You are not logged in"), marked("Log in and open the page again.")),
    403: _Words(marked("You do not have access to this"), marked("Ask whoever gives out roles if you need it.")),
    404: _Words(marked("This is not here"), marked("It may have another number, or belong to another quarter.")),
    409: _Words(marked("This cannot be done now"), marked("Open the page again and see how it stands.")),
    413: _Words(marked("The file is too large"), marked("Send a smaller one.")),
    415: _Words(marked("This kind of file is not taken"), marked("Send a CSV or XLSX file.")),
    422: _Words(marked("Something here cannot be read"), marked("Mend what is named below, and try again.")),
    429: _Words(marked("Too many requests"), marked("Wait a little, and try again.")),
    500: _Words(marked("Something broke here"), marked("The fault is ours. Try again, and tell us if it stays.")),
    503: _Words(
        marked("Nothing to show yet"), marked("What this page is made from is not ready. Try again in a while.")
    ),
}


def is_page(request: Request) -> bool:
    """Whether a page was asked for rather than the API."""
    return not request.url.path.startswith(_FOR_PROGRAMS)


def problem_page(request: Request, problem: Problem, headers: Mapping[str, str]) -> Response:
    """What went wrong in words, what to do about it, and the way back.

    The address, which may hold what was sent, is nowhere in it. Asked for a part, it takes the place of the whole page.
    """
    said = speech_of(request)
    reason = problem.reason_en if said.language == "en" else problem.reason_nb
    words = _WORDS.get(problem.status, _OTHERWISE)
    return page(
        request,
        "problem.html",
        problem.status,
        {**headers, **(_IN_ITS_PLACE if _IS_PART in request.headers else {})},
        other_language=f"?lang={said.other}",
        problem=problem,
        heading=said.text(words.heading),
        advice=said.text(words.advice),
        reason=reason or problem.detail,
        translated=bool(reason) or said.language == "en",
    )


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
