"""A filled-in export comes back: what was taken in, what was not and why, who steps in for whom."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.deps import Home
from api.identity.rules import rule
from api.pages.languages import speech_of
from api.pages.plans.forms import CurrentActing
from api.pages.plans.refused_rows import aside_rows
from api.pages.templating import page
from api.plans import record_upload
from api.routes.plans.addressed import PlanId, plan_target
from api.schemas.of_results import upload_out
from api.uploads.received import Upload, uploaded
from targeting.ledger import Answer
from targeting.planning.permissions import check_can_record_outcomes

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.post("/planer/{plan}/utfall", dependencies=[rule(check_can_record_outcomes, plan_target)])
def send_outcomes(
    request: Request,
    plan: PlanId,
    file: Annotated[Upload, Depends(uploaded())],
    home: Home,
    acting: CurrentActing,
    key: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")],
    version: Annotated[int, Query(ge=1, le=10**9)],
) -> Response:
    """Record what the inspections found. What is remembered is what the file held: the page is made of it each time.

    Key and version are in the address: beside the file the form has nothing but its token.
    """
    write = acting.write(key, version, file.sha256.encode())

    def act(connection: sa.Connection) -> Answer:
        recorded = record_upload(connection, write.by(), home, plan, file.path, file.kind, file.sha256)
        return Answer(HTTPStatus.OK, upload_out(recorded).model_dump_json().encode())

    told = acting.once(plan, write, act)
    if told.status_code != HTTPStatus.OK:
        return told
    said, content = speech_of(request), json.loads(bytes(told.body))
    return page(
        request,
        "plan_upload.html",
        told=content,
        aside=aside_rows(said, content["quarantined"]),
        other_language=f"/planer/{plan}?lang={said.other}",
    )
