"""Role by route by state of the plan, all of them: every route of the application with a plan in its address."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.main import create_app
from targeting.domain import Arm
from targeting.ledger import Ledger, version_of
from targeting.planning import life
from targeting.planning.drafts import keep_draft
from targeting.planning.permissions import Role
from targeting.planning.states import PlanState
from tests.lib.api_story import bearer, key
from tests.lib.issuer import BASE, Issuer, running_issuer, trusting
from tests.lib.plan_story import APPROVER, PLANNER, by, found, plan_record
from tests.lib.published_run import publish
from tests.lib.small_country import number

READERS = frozenset(Role) - {Role.ADMINISTRATOR}
EXPORTERS = frozenset({Role.PLANNER, Role.APPROVER, Role.AKRIM_ANALYST})

TABLE = """
route            draft  proposed  approved  in_progress  closed  withdrawn
read_plan        200    200       200       200          200     200
plan_result      200    200       200       200          200     200
export_plan      200    200       200       200          200     200
propose_plan     200    403       403       403          403     403
return_plan      403    200       403       403          403     403
approve_plan     403    200       403       403          403     403
begin_plan       403    403       200       403          403     403
close_plan       403    403       403       200          403     403
withdraw_plan    200    200       200       403          403     403
add_slot         200    200       403       403          403     403
remove_slot      200    200       403       403          403     403
swap_slot        200    200       403       403          403     403
upload_outcomes  403    403       200       200          403     403
"""
WHO = {
    "read_plan": READERS,
    "plan_result": READERS,
    "export_plan": EXPORTERS,
    "return_plan": {Role.APPROVER},
    "approve_plan": {Role.APPROVER},
}
WHY = {"reason_code": "local_knowledge", "text": "seen last week"}
BODIES: dict[str, dict[str, Any]] = {
    "propose_plan": {},
    "return_plan": {"text": "not yet"},
    "begin_plan": {},
    "close_plan": {},
    "withdraw_plan": {"text": "another instead"},
    "add_slot": {**WHY, "reason_code": "tip_or_incident", "establishment": number(90)},
    "remove_slot": WHY,
    "swap_slot": WHY,
}
FOUND = f"establishment,result,breach,reason,inspected_on\n{number(2)},inspected,yes,,2027-01-02\n"
CELLS = {
    line.split()[0]: dict(zip(PlanState, map(int, line.split()[1:]), strict=True))
    for line in TABLE.strip().splitlines()[1:]
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> FastAPI:
    home = tmp_path_factory.mktemp("home")
    publish(home)
    return create_app(trusting(home, issuer.url), lambda: datetime(2027, 1, 5, tzinfo=UTC))


def routes_of_plans(app: FastAPI) -> dict[str, tuple[str, str]]:
    """Method and address of every route of the API with a plan in its address, by name."""
    return {
        getattr(route.endpoint, "__name__", ""): (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if str(route.path).startswith("/v1/plans/{plan}")
        for method in route.methods or ()
    }


def frame(establishments: list[str]) -> pa.Table:
    count = len(establishments)
    return pa.table(
        {
            "establishment": establishments,
            "score": [0.5] * count,
            "probability": [0.125] * count,
            "score_bin": [0] * count,
            "certain": [False] * count,
            "areas": pa.array([[]] * count, pa.list_(pa.string())),
        }
    )


def plan_in(app: FastAPI, home: Path, state: PlanState, digits: str) -> tuple[str, int, str]:
    """A new plan in `state`: its id, version and hash. In progress every slot has its outcome."""
    record = dataclasses.replace(plan_record(), id=digits * 8, run="a" * 16)
    names = [one.slot.establishment for one in record.slots if one.slot.arm is Arm.EXPLORATION]
    way = {
        PlanState.DRAFT: (),
        PlanState.PROPOSED: (life.propose,),
        PlanState.WITHDRAWN: (life.withdraw,),
        PlanState.APPROVED: (life.propose, life.approve),
        PlanState.IN_PROGRESS: (life.propose, life.approve, life.begin),
        PlanState.CLOSED: (life.propose, life.approve, life.begin, life.close),
    }
    with app.state.ledger.opened().write() as connection:
        keep_draft(connection, by(), home, record, frame(names))
        for act in way[state]:
            if act is life.close:
                life.record(connection, by(), record.id, [found(i, breach=True) for i in range(6)])
            act(connection, by(APPROVER if act is life.approve else PLANNER), record.id)
        if state is PlanState.IN_PROGRESS:
            life.record(connection, by(), record.id, [found(i, breach=True) for i in range(6)])
        live = life.live_plan(connection, record.id)
    assert live.state is state
    return record.id, live.version, live.hash


def ask(client: TestClient, name: str, method: str, address: str, version: int, content: str) -> int:
    headers = {"If-Match": f'"{version}"', **key()}
    if name == "upload_outcomes":
        sent: dict[str, Any] = {"content": FOUND, "headers": {**headers, "Content-Type": "text/csv"}}
    elif method == "GET":
        sent = {}
    else:
        sent = {"json": {"hash": content} if name == "approve_plan" else BODIES[name], "headers": headers}
    return client.request(method, address, **sent).status_code


def test_every_route_of_a_plan_and_every_state_is_in_the_table(app: FastAPI) -> None:
    assert set(routes_of_plans(app)) == set(CELLS)
    assert TABLE.strip().splitlines()[0].split()[1:] == [str(state) for state in PlanState]


@pytest.mark.parametrize("state", PlanState)
def test_the_table(app: FastAPI, issuer: Issuer, state: PlanState) -> None:
    home = app.state.run_in_service.home
    ledger = app.state.ledger.opened()
    clients = {role: TestClient(app, base_url=BASE) for role in Role}
    for role, client in clients.items():
        client.headers["Authorization"] = f"Bearer {bearer(issuer, f'the {role}', role)}"
    for turn, (name, (method, template)) in enumerate(routes_of_plans(app).items()):
        plan, version, content = plan_in(app, home, state, f"{list(PlanState).index(state):04x}{turn:04x}")
        address = template.replace("{plan}", plan).replace("{slot}", number(1))
        allowed = WHO.get(name, {Role.PLANNER})
        for role in sorted(Role, key=lambda role: role in allowed):  # whoever may comes last: it changes the plan
            if role in allowed and method == "POST":
                assert version_now(ledger, plan) == version, "a refusal changes nothing"
            expected = CELLS[name][state] if role in allowed else 403
            assert ask(clients[role], name, method, address, version, content) == expected, (role, name, state)


def version_now(ledger: Ledger, plan: str) -> int:
    with ledger.read() as connection:
        return version_of(connection, plan)
