"""Outcomes of a plan: the filled-in export comes back, and what it tells."""

from __future__ import annotations

from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response

from api.deps import CurrentLedger, Home, Now
from api.errors import problems
from api.identity.current import CurrentPerson
from api.identity.rules import rule
from api.plans import record_upload, result_of, viewed_plan
from api.routes.plans.addressed import CHANGES, ETAG, PlanId, json_answer, plan_target
from api.schemas.of_results import result_out, upload_out
from api.schemas.outcomes import PlanResultOut, UploadOut
from api.uploads.received import Upload, uploaded
from api.writes import LockedUpload, etag
from targeting.ledger import Answer
from targeting.planning.life import By
from targeting.planning.permissions import check_can_record_outcomes, check_can_see_plan

__all__ = ["FILE_BODY", "router"]

router = APIRouter()

_FILE: Final = {"type": "string", "format": "binary"}
FILE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": _FILE},
            "multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}},
        },
    }
}
"""How a route that takes a file describes it."""


@router.post(
    "/plans/{plan}/outcomes",
    response_model=UploadOut,
    responses={**problems(*CHANGES, 415), 200: {"headers": ETAG}},
    dependencies=[rule(check_can_record_outcomes, plan_target)],
    openapi_extra=FILE_BODY,
)
def upload_outcomes(
    plan: PlanId, file: Annotated[Upload, Depends(uploaded())], home: Home, writing: LockedUpload
) -> Response:
    """Record what inspections found; a slot that could not be inspected calls the next standby."""
    write = writing(file.sha256)

    def act(connection: sa.Connection) -> Answer:
        recorded = record_upload(connection, write.by(), home, plan, file.path, file.kind, file.sha256)
        return json_answer(upload_out(recorded), ETag=etag(recorded.plan.version))

    return write.once(act)


@router.get(
    "/plans/{plan}/result",
    response_model=PlanResultOut,
    responses={**problems(401, 403, 404, 422, 429, 503), 200: {"headers": ETAG}},
    dependencies=[rule(check_can_see_plan, plan_target)],
)
def plan_result(plan: PlanId, person: CurrentPerson, ledger: CurrentLedger, home: Home, now: Now) -> Response:
    """What the plan found, and what that tells of the whole cohort, with intervals."""
    with ledger.write() as connection:
        found = viewed_plan(connection, By(person, now), plan, part="result")
        told = result_of(connection, person, home, plan)
    body = result_out(found, told).model_dump_json()
    return Response(body, media_type="application/json", headers={"ETag": etag(found.version)})
