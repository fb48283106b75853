"""Answers that carry the run they were read from, in headers and ETag; unchanged ones are not sent again."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api.served_run import ServedRun

__all__ = ["answer", "model_answer", "run_headers"]

_VERSION: Final = version("targeting")


def answer(request: Request, run: ServedRun, body: bytes, media_type: str, release: str | None = None) -> Response:
    """`body` with the run's headers, or 304 when the caller has it already."""
    headers = run_headers(run, release) | {
        "ETag": _etag(run),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",  # and Cookie, which the session adds
    }
    if _etag(run) in (tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def run_headers(run: ServedRun, release: str | None = None) -> dict[str, str]:
    """Which run, day and release an answer was read from; every release without `release`."""
    return {
        "X-Targeting-Run": run.run,
        "X-Targeting-As-Of": run.as_of,
        "X-Targeting-Release": release or ", ".join(f"{target}={one}" for target, one in run.releases.items()),
    }


def model_answer(request: Request, run: ServedRun, body: BaseModel) -> Response:
    """`body` as JSON with the run's headers."""
    return answer(request, run, body.model_dump_json().encode(), "application/json")


def _etag(run: ServedRun) -> str:
    """One per run, code version and set of shown targets: together with the address they decide every byte."""
    seed = f"{_VERSION}|{run.content}"
    return f'"{hashlib.sha256(seed.encode()).hexdigest()[:20]}"'
