"""A plan's story over the API: the problem, the people, and a filled-in export."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from targeting.planning.permissions import Role
from tests.lib.generated_client import GeneratedClient, Given
from tests.lib.issuer import BASE, Issuer

__all__ = ["PROBLEM", "bearer", "client_of", "drafted", "filled_in", "key", "moved", "proposed"]

PROBLEM: dict[str, Any] = {
    "capacity": 40,
    "seed": 3,
    "exploration": {"share": 0.5},
    "at_most": [{"where": {"county": "03"}, "count": 15}],
    "exclude": {"open_case": True},
    "standby": {"per": "county", "count": 3},
}


def bearer(issuer: Issuer, name: str, *roles: Role) -> str:
    return issuer.token(sub=f"s-{name}", preferred_username=name, roles=[str(role) for role in roles])


def client_of(app: FastAPI, issuer: Issuer, name: str, *roles: Role) -> GeneratedClient:
    return GeneratedClient(TestClient(app, base_url=BASE), bearer(issuer, name, *roles))


def key() -> dict[str, str]:
    """A new idempotency key."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def drafted(client: GeneratedClient, target: str = "bht_use", **changes: Any) -> Given:
    given = client.draft_plan(target=target, body={**PROBLEM, **changes}, **key())
    assert given.status == 201, given.body
    return given


def moved(client: GeneratedClient, act: str, plan: Given, body: dict[str, Any] | None = None, **more: Any) -> Given:
    """An act on the plan as it was given last."""
    call = getattr(client, act)
    seen = {"If-Match": plan.headers["etag"]}
    given: Given = call(plan=plan.body["id"], body=body or {}, **seen, **key(), **more)
    return given


def proposed(client: GeneratedClient, target: str = "bht_use", **changes: Any) -> Given:
    return moved(client, "propose_plan", drafted(client, target, **changes))


def filled_in(exported: bytes, missed: int = 1) -> bytes:
    """The export with a result on every row: breaches by turns, the first `missed` closed down."""
    rows = list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))))
    for place, row in enumerate(rows):
        if place < missed:
            row |= {"result": "not_inspected", "reason": "closed_down"}
        else:
            row |= {"result": "inspected", "breach": "yes" if place % 2 else "no", "inspected_on": "2026-10-01"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
