"""Take a plan out: CSV, XLSX or JSON, with the hash of what was approved. Who took it is kept."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.deps import CurrentLedger, CurrentRun, Home, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.plans import take_out
from api.routes.plans.addressed import ETAG, PlanId, plan_target
from api.writes import etag
from targeting.planning.exports import Format
from targeting.planning.life import By
from targeting.planning.permissions import check_can_export

__all__ = ["MEDIA_TYPES", "router"]

router = APIRouter()

MEDIA_TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_CONTENT: Final = {
    "text/csv": {"schema": {"type": "string"}},
    MEDIA_TYPES[Format.XLSX]: _BINARY,
    "application/json": {"schema": {"type": "object"}},
}


@router.get(
    "/plans/{plan}/export",
    response_class=Response,
    responses={
        **problems(401, 403, 404, 422, 429, 503),
        200: {"description": "the list as it stands", "content": _CONTENT, "headers": ETAG},
    },
    dependencies=[rule(check_can_export, plan_target)],
)
def export_plan(
    plan: PlanId,
    person: CurrentPerson,
    run: CurrentRun,
    ledger: CurrentLedger,
    home: Home,
    now: Now,
    kind: Annotated[Format, Query(alias="format")] = Format.XLSX,
) -> Response:
    """The list for the inspectors, to be filled in and sent back; its cover holds what was approved, by whom."""
    with ledger.write() as connection:
        taken = take_out(connection, By(person, now), home, run, plan, kind)
    headers = {
        "ETag": etag(taken.plan.version),
        "Content-Disposition": f'attachment; filename="{taken.name(kind)}"',
        "X-Content-SHA256": taken.sha256,
    }
    return Response(taken.content, media_type=MEDIA_TYPES[kind], headers=headers)
