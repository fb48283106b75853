"""What the routes of plans have in common: the plan in the address, who may, and how a plan is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path

from api.deps import CurrentLedger
from api.identity.current import CurrentPerson
from api.plans import target_of
from api.schemas.base import Output
from api.schemas.of_plans import standing_of
from api.writes import etag
from targeting.domain import Target
from targeting.ledger import Answer
from targeting.planning.life import LivePlan

__all__ = ["CHANGES", "ETAG", "PlanId", "asked_target", "json_answer", "plan_target", "standing"]

PlanId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="the plan's whole id")]

ETAG = {"ETag": {"description": "the plan's version, for If-Match", "schema": {"type": "string"}}}

CHANGES = (401, 403, 404, 409, 412, 413, 422, 429, 503)
"""What may go wrong where a plan is changed."""


def plan_target(plan: PlanId, person: CurrentPerson, ledger: CurrentLedger) -> Target:
    """What the plan in the address is for; 404 where it is not there for this person."""
    with ledger.read() as connection:
        return target_of(connection, person, plan)


async def asked_target(target: Target) -> Target:
    """The target in the query."""
    return target


AskedTarget = Annotated[Target, Depends(asked_target)]


def standing(plan: LivePlan, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """How every act is answered."""
    return json_answer(standing_of(plan), status, ETag=etag(plan.version), Location=f"/v1/plans/{plan.record.id}")


def json_answer(body: Output, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Answer:
    """`body` as what is remembered and sent."""
    return Answer(status, body.model_dump_json().encode(), {"Content-Type": "application/json", **headers})
