"""Somebody changed the plan between a look at it and an act on it: what happened, and the way on."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response

from api.pages.languages import speech_of
from api.pages.templating import page
from targeting.ledger import Ledger
from targeting.planning.life import live_plan

__all__ = ["changed_page"]


def changed_page(request: Request, ledger: Ledger, plan: str, version: int) -> Response:
    """The acts since `version`; nothing of what was sent was done."""
    with ledger.read() as connection:
        found = live_plan(connection, plan)
    status = HTTPStatus.PRECONDITION_FAILED
    there = f"/planer/{found.record.id}?lang={speech_of(request).other}"
    return page(request, "plan_changed.html", status, plan=found, since=found.events[version:], other_language=there)
