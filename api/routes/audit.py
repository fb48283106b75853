"""`GET /v1/audit`: who did what, and who looked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.audit_pages import read_audit
from api.deps import CurrentLedger, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.schemas.audit import AuditPage, EventOut
from targeting.ledger import Asked, EventKind
from targeting.planning.permissions import check_can_see_audit

__all__ = ["AuditQuery", "router"]

router = APIRouter(tags=["audit"])


class AuditQuery(BaseModel):
    """Which acts: all that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    actor: Annotated[str | None, Field(max_length=200)] = None
    establishment: Annotated[str | None, Field(pattern=r"^[0-9]{9}$", description="also as a slot of a plan")] = None
    kind: Annotated[list[EventKind], Field(max_length=40)] = []
    since: Annotated[AwareDatetime | None, Field(description="this moment and after")] = None
    until: Annotated[AwareDatetime | None, Field(description="before this moment")] = None
    limit: Annotated[int, Field(ge=1, le=500, description="rows a page")] = 50
    cursor: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$", description="`next` of the page before")] = None

    @property
    def asked(self) -> Asked:
        """The question without the paging."""
        return Asked(self.plan, self.actor, self.establishment, tuple(self.kind), self.since, self.until)


@router.get(
    "/audit",
    response_model=AuditPage,
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[rule(check_can_see_audit)],
)
def audit(person: CurrentPerson, ledger: CurrentLedger, now: Now, query: Annotated[AuditQuery, Query()]) -> AuditPage:
    """The acts that you may know of, newest first. That you read them is kept as well."""
    with ledger.write() as connection:
        page = read_audit(connection, person, now, query.asked, query.cursor, query.limit)
    rows = [
        EventOut(
            id=one.hash,
            at=one.at,
            kind=one.kind,
            actor=one.actor,
            plan=one.plan,
            establishment=one.establishment,
            target=one.target,
            reason_code=one.reason_code,
            text=one.text,
            payload=dict(one.payload),
        )
        for one in page.events
    ]
    return AuditPage(next=page.next, rows=rows)
