"""`/planer/{plan}/liste`: the export of the API behind a page's address, so that a refusal is a page and no JSON."""

from __future__ import annotations

from fastapi import APIRouter

from api.identity.rules import rule
from api.routes.plans.addressed import plan_target
from api.routes.plans.exports import export_plan
from targeting.planning.permissions import check_can_export

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

router.get("/planer/{plan}/liste", dependencies=[rule(check_can_export, plan_target)])(export_plan)
