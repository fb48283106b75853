"""Forms that act on a plan: sent twice they act once, and only on the plan that was on the page.

A form carries the version of the plan that it was rendered from, and a key made of the session, the act and that
version: a double click sends the same key twice, the next page another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from api.deps import CurrentLedger, Now
from api.identity.current import CurrentPerson
from api.pages.plans.changed_page import changed_page
from api.schemas.base import FormInput
from api.writes import Write
from targeting.ledger import Answer, EventKind, KeyReusedError, Ledger, WriteRequest
from targeting.planning.life import LivePlan
from targeting.planning.permissions import Person
from targeting.planning.refusals import ChangedSinceError

__all__ = ["ActForm", "Acting", "CurrentActing", "Key", "ReasonForm", "Text", "form_key", "to_plan"]

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[int, Field(ge=1, le=10**9)]
Text = Annotated[str, Field(max_length=2000)]


class ActForm(FormInput):
    """An act on the plan as it was at `version`; `text` says why, where anybody wants to know."""

    key: Key
    version: Version
    text: Text = ""


class ReasonForm(ActForm):
    """An act that needs its why."""

    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


def form_key(request: Request, *parts: object) -> str:
    """The key of one form of this session; the same form again has the same key.

    Not random: then every look at a page would be a page of its own, and no two of them could be compared.
    """
    seed = "|".join([getattr(request.state, "form_token", ""), *map(str, parts)])
    return hashlib.sha256(seed.encode()).hexdigest()


class Acting:
    """Whoever acts through a form of ours, and when."""

    def __init__(self, request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now) -> None:
        self.request = request
        self.person: Person = person
        self.ledger: Ledger = ledger
        self.now = now

    def write(self, key: str, version: int | None, content: bytes) -> Write:
        """One write; `content` is what was sent but for the token, or what stands for it."""
        asked = WriteRequest.of(key, self.person.name, f"POST {self.request.url.path}", content, str(version or ""))
        return Write(self.ledger, self.person, self.now, asked, version)

    def on_plan(self, plan: str, form: ActForm, act: Callable[[sa.Connection, Write], Answer]) -> Response:
        """Do `act`; the page that says what happened meanwhile, when the plan is not as it was on the form."""
        write = self.write(form.key, form.version, form.model_dump_json(exclude={"csrf_token", "key"}).encode())
        return self.once(plan, write, lambda connection: act(connection, write))

    def once(self, plan: str, write: Write, act: Callable[[sa.Connection], Answer]) -> Response:
        """The same for a write that is there already."""
        try:
            return write.once(act)
        except (ChangedSinceError, KeyReusedError):
            return changed_page(self.request, self.ledger, plan, write.expected or 0)


CurrentActing = Annotated[Acting, Depends()]


def to_plan(plan: LivePlan, done: EventKind) -> Answer:
    """On to the page of the plan, which says what was done."""
    return Answer(HTTPStatus.SEE_OTHER, b"", {"Location": f"/planer/{plan.record.id}?done={done}"})
