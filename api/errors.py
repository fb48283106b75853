"""Errors as RFC 9457 problems: one `match` from domain errors to HTTP, and the documentation of each per route.

No answer names the address or the values that were sent: a mistyped one may hold a person's identity number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.problem_page import is_page, may_move_on, problem_page, to_login
from api.schemas.problem import Problem
from targeting.domain import BadInputError, NotFoundError, RefusedError, TargetingError
from targeting.ledger import KeyReusedError, UnavailableError
from targeting.planning import InfeasibleError
from targeting.planning.refusals import ChangedSinceError, NotAllowedError, Reason

__all__ = [
    "BusyError",
    "ForgedError",
    "GoneError",
    "IssuerUnreachableError",
    "NotReadyError",
    "TooLargeError",
    "TooManyError",
    "UnauthenticatedError",
    "UnsupportedTypeError",
    "install",
    "our_fault",
    "problems",
]

_JSON: Final = "application/problem+json"
_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}
_NUMBER: Final = re.compile(r"(?<![0-9a-f])\d(?: ?\d){8,}(?![0-9a-f])")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}|\d{1,5}")


class NotReadyError(NotFoundError):
    """No published run can be served yet."""


class IssuerUnreachableError(NotFoundError):
    """Who vouches for people cannot be asked, so nobody can be let in."""


class GoneError(RefusedError):
    """The run that a cursor belongs to is no longer in service."""


class ForgedError(RefusedError):
    """A form that did not come from a page of ours."""


class TooLargeError(RefusedError):
    """More was sent than is taken."""


class UnsupportedTypeError(RefusedError):
    """A file of another kind than is taken."""


class UnauthenticatedError(RefusedError):
    """Nobody vouches for whoever asks. `got` never repeats what was sent.

    `invalid_token`: a token was sent, and it is no good; `login`: a person may log in on a page.
    """

    def __init__(
        self, *, expected: str, got: str, do: str = "", invalid_token: bool = False, login: bool = False
    ) -> None:
        super().__init__(expected=expected, got=got, do=do)
        self.invalid_token, self.login = invalid_token, login


class TooManyError(RefusedError):
    """A person asks faster than is allowed; again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            expected="fewer requests", got="more than the limit for one person", do=f"wait {seconds} s and ask again"
        )
        self.seconds = seconds


class BusyError(TargetingError):
    """As many plans are drawn, or wait to be, as one process takes on."""

    def __init__(self, most: int) -> None:
        super().__init__(
            expected=f"fewer than {most} plans being drawn", got="no place left", do="try again in a few seconds"
        )


class _Kind(NamedTuple):
    status: HTTPStatus
    slug: str
    title: str


_KINDS: Final[Mapping[int, _Kind]] = {
    401: _Kind(HTTPStatus.UNAUTHORIZED, "login-required", "krever innlogging"),
    403: _Kind(HTTPStatus.FORBIDDEN, "not-allowed", "ikke tillatt"),
    404: _Kind(HTTPStatus.NOT_FOUND, "not-found", "finnes ikke"),
    405: _Kind(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", "metoden er ikke tillatt"),
    409: _Kind(HTTPStatus.CONFLICT, "refused", "avvist"),
    410: _Kind(HTTPStatus.GONE, "run-replaced", "kjøringen er erstattet"),
    412: _Kind(HTTPStatus.PRECONDITION_FAILED, "changed-since", "endret siden"),
    413: _Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "for stort"),
    415: _Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-type", "feil filtype"),
    422: _Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-input", "kan ikke leses"),
    429: _Kind(HTTPStatus.TOO_MANY_REQUESTS, "too-many", "for mange forespørsler"),
    500: _Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault", "feil hos oss"),
    503: _Kind(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "ikke klar"),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may answer with these problems.

    >>> sorted(problems(404, 503))
    [404, 503]
    """
    return {
        status: {"description": _KINDS[status].title, "model": Problem, "content": {_JSON: {"schema": _SCHEMA}}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.add_exception_handler(TargetingError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def _status_of(error: TargetingError) -> int:
    match error:
        case UnauthenticatedError():
            return 401
        case ChangedSinceError():
            return 412
        case NotAllowedError() | ForgedError():
            return 403
        case NotReadyError() | IssuerUnreachableError() | UnavailableError() | BusyError():
            return 503
        case GoneError():
            return 410
        case TooLargeError():
            return 413
        case UnsupportedTypeError():
            return 415
        case TooManyError():
            return 429
        case NotFoundError():
            return 404
        case BadInputError() | KeyReusedError():
            return 422
        case RefusedError():
            return 409
        case _:
            return 500


def _headers_of(error: TargetingError) -> dict[str, str]:
    match error:
        case UnauthenticatedError(invalid_token=True):
            why = f'error="invalid_token", error_description="{error.got}"'
            return {"WWW-Authenticate": f'Bearer realm="targeting", {why}'}
        case UnauthenticatedError():
            return {"WWW-Authenticate": 'Bearer realm="targeting"'}
        case TooManyError(seconds=seconds):
            return {"Retry-After": str(seconds)}
        case IssuerUnreachableError() | UnavailableError():
            return {"Retry-After": "10"}
        case BusyError():
            return {"Retry-After": "5"}
        case _:
            return {}


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TargetingError)
    if isinstance(error, UnauthenticatedError) and error.login and is_page(request) and may_move_on(request):
        return to_login(request)
    status, headers = _status_of(error), _headers_of(error)
    if isinstance(error, NotAllowedError):
        advice = f" {error.do}" if error.do else ""
        return _answer(request, status, error.reason.en + advice, headers=headers, reason=error.reason)
    errors = _clash_of(error) if isinstance(error, InfeasibleError) else ()
    return _answer(request, status, str(error), headers=headers, errors=errors)


def _clash_of(error: InfeasibleError) -> tuple[dict[str, str], ...]:
    """Which rules clash, and what the least relaxation makes of them."""
    becomes = {one.rule: f"becomes {one.becomes:g}" for one in error.relaxation}
    rules = dict.fromkeys([*error.clash, *becomes])
    return tuple({"where": rule, "what": becomes.get(rule, "clashes")} for rule in rules)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = tuple({"where": _where(one["loc"]), "what": _unnamed(one["msg"])} for one in error.errors())
    return _answer(request, 422, "; ".join(f"{one['where']}: {one['what']}" for one in wrong), errors=wrong)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    allowed = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    return _answer(request, error.status_code, HTTPStatus(error.status_code).phrase, headers=allowed)


def our_fault(request: Request) -> Response:
    """The answer when something broke here: nothing of the inside is said."""
    return _answer(request, 500, "this is a fault of ours, not of the request")


def _where(place: tuple[int | str, ...]) -> str:
    """Where it is wrong; a part that is no name of ours may be something that was sent."""
    return ".".join(str(part) if _NAME.fullmatch(str(part)) else "?" for part in place)


def _unnamed(text: str) -> str:
    """`text` without numbers long enough to name a person or a sole proprietor.

    >>> _unnamed("no establishment 312 345 678 in run 12")
    'no establishment … in run 12'
    """
    return _NUMBER.sub("…", text)


def _answer(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    reason: Reason | None = None,
    errors: tuple[dict[str, str], ...] = (),
) -> Response:
    kind = _KINDS.get(status, _Kind(HTTPStatus(status), "http", HTTPStatus(status).phrase))
    body = Problem(
        type=f"urn:targeting:problem:{kind.slug}",
        title=kind.title,
        status=status,
        detail=_unnamed(detail),
        reason_nb=reason.nb if reason else None,
        reason_en=reason.en if reason else None,
        errors=errors,
    )
    more = {"Cache-Control": "no-store", **(headers or {})}
    if is_page(request):
        return problem_page(request, body, more)
    return Response(orjson.dumps(body.model_dump()), status, media_type=_JSON, headers=more)
