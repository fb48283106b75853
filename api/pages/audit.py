"""`/revisjon`: who did what, newest first, for auditors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from api.audit_pages import read_audit
from api.deps import CurrentLedger, Now
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.pages.languages import Language
from api.pages.templating import page
from targeting.ledger import Asked, EventKind
from targeting.planning.permissions import check_can_see_audit
from targeting.planning.policies import NOT_INSPECTED_REASONS, OVERRIDE_REASONS

__all__ = ["AuditQuery", "router"]

router = APIRouter(include_in_schema=False)

_A_PAGE: Final = 50


class AuditQuery(BaseModel):
    """Which events; an empty field asks for nothing. `after` is the act that the page goes on after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    actor: Annotated[str | None, Field(max_length=200)] = None
    establishment: Annotated[str | None, Field(pattern=r"^\d{9}$")] = None
    kind: EventKind | None = None
    after: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    lang: Language | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, raw: Any) -> Any:
        """A form sends every field; those left blank ask for nothing."""
        return {key: value for key, value in raw.items() if value != ""} if isinstance(raw, dict) else raw

    @property
    def narrowed(self) -> dict[str, object]:
        """Which filters are set, as they stand in the address."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"after", "lang"})

    @property
    def asked(self) -> Asked:
        """The question to the ledger."""
        kinds = (self.kind,) if self.kind else ()
        return Asked(plan=self.plan, actor=self.actor, establishment=self.establishment, kinds=kinds)


@router.get("/revisjon", dependencies=[rule(check_can_see_audit)])
def audit_page(
    request: Request, person: CurrentPerson, ledger: CurrentLedger, now: Now, query: Annotated[AuditQuery, Query()]
) -> Response:
    """One page of the audit; that it was read is in the ledger as well."""
    with ledger.write() as connection:
        found = read_audit(connection, person, now, query.asked, query.after, _A_PAGE)
    older = f"/revisjon?{urlencode({**query.narrowed, 'after': found.next})}" if found.next else None
    newest = f"/revisjon?{urlencode(query.narrowed)}" if query.after else None
    return page(
        request,
        "audit.html",
        HTTPStatus.OK,
        query=query,
        events=found.events,
        kinds=EventKind,
        older=older,
        newest=newest,
        reasons={**OVERRIDE_REASONS, **NOT_INSPECTED_REASONS},
    )
