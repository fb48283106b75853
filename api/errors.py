"""Errors as RFC 9457 problems: one `match` from domain errors to HTTP, and the documentation of each per route.

No answer names the address or the values that were sent: a mistyped one may hold a person's identity number.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.problem_page import is_page, problem_page
from api.schemas.problem import Problem
from targeting.domain import BadInputError, NotFoundError, RefusedError, TargetingError

__all__ = ["GoneError", "NotReadyError", "RoleRequiredError", "install", "problems"]

_JSON: Final = "application/problem+json"
_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}


class NotReadyError(NotFoundError):
    """No published run can be served yet."""


class GoneError(RefusedError):
    """The run that a cursor belongs to is no longer in service."""


class RoleRequiredError(RefusedError):
    """The purpose of what was asked for is closed to whoever asks."""


class _Kind(NamedTuple):
    status: HTTPStatus
    slug: str
    title: str


_KINDS: Final[Mapping[int, _Kind]] = {
    403: _Kind(HTTPStatus.FORBIDDEN, "role-required", "krever a-krim-rolle"),
    404: _Kind(HTTPStatus.NOT_FOUND, "not-found", "finnes ikke"),
    405: _Kind(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", "metoden er ikke tillatt"),
    409: _Kind(HTTPStatus.CONFLICT, "refused", "avvist"),
    410: _Kind(HTTPStatus.GONE, "run-replaced", "kjøringen er erstattet"),
    422: _Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-input", "kan ikke leses"),
    500: _Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "our-fault", "feil hos oss"),
    503: _Kind(HTTPStatus.SERVICE_UNAVAILABLE, "no-run", "ingen publisert kjøring"),
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
    app.add_exception_handler(Exception, _our_fault)


def _status_of(error: TargetingError) -> int:
    match error:
        case NotReadyError():
            return 503
        case GoneError():
            return 410
        case RoleRequiredError():
            return 403
        case NotFoundError():
            return 404
        case BadInputError():
            return 422
        case RefusedError():
            return 409
        case _:
            return 500


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TargetingError)
    return _answer(request, _status_of(error), str(error), ())


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = tuple({"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]} for one in error.errors())
    return _answer(request, 422, "; ".join(f"{one['where']}: {one['what']}" for one in wrong), wrong)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(request, error.status_code, HTTPStatus(error.status_code).phrase, ())


async def _our_fault(request: Request, _error: Exception) -> Response:
    return _answer(request, 500, "this is a fault of ours, not of the request", ())


def _answer(request: Request, status: int, detail: str, errors: tuple[dict[str, str], ...]) -> Response:
    kind = _KINDS.get(status, _Kind(HTTPStatus(status), "http", HTTPStatus(status).phrase))
    if is_page(request):
        return problem_page(request, status, kind.title, detail)
    body = Problem(
        type=f"urn:targeting:problem:{kind.slug}", title=kind.title, status=status, detail=detail, errors=errors
    )
    return Response(orjson.dumps(body.model_dump()), status, media_type=_JSON, headers={"Cache-Control": "no-store"})
