"""Role by route by state of the plan, all of them: every route of the application with a plan in its address.

Of the API and of the pages, and for bearer tokens and sessions alike. What is refused, or only read, is asked of one
plan a state; an act that is allowed gets a plan of its own.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

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
from targeting.planning.life import LivePlan
from targeting.planning.permissions import Role
from targeting.planning.states import PlanState
from tests.lib.api_story import bearer, key
from tests.lib.issuer import BASE, Issuer, log_in_at_issuer, running_issuer, trusting
from tests.lib.plan_story import APPROVER, PLANNER, by, found, plan_record
from tests.lib.published_run import publish
from tests.lib.small_country import number

TURNS = itertools.count(1)
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
PAGES = """
page             draft  proposed  approved  in_progress  closed  withdrawn
plan_page        200    200       200       200          200     200
result_page      200    200       200       200          200     200
export_plan      200    200       200       200          200     200
slot_page        200    200       200       200          200     200
propose          303    403       403       403          403     403
send_back        403    303       403       403          403     403
approve          403    303       403       403          403     403
begin            403    403       303       403          403     403
close            403    403       403       303          403     403
withdraw         303    303       303       403          403     403
add_slot         303    303       403       403          403     403
change_slot      303    303       403       403          403     403
swap_by_a_form   303    303       403       403          403     403
send_outcomes    403    403       200       200          403     403
"""
WHO = {
    "read_plan": READERS,
    "plan_result": READERS,
    "export_plan": EXPORTERS,
    "return_plan": {Role.APPROVER},
    "approve_plan": {Role.APPROVER},
    "plan_page": READERS,
    "result_page": READERS,
    "send_back": {Role.APPROVER},
    "approve": {Role.APPROVER},
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
FORMS: dict[str, dict[str, Any]] = {
    "send_back": {"text": "not yet"},
    "withdraw": {"text": "another instead"},
    "add_slot": BODIES["add_slot"],
    "change_slot": {**WHY, "act": "remove"},
    "swap_by_a_form": {**WHY, "act": "swap"},
}
FOUND = f"establishment,result,breach,reason,inspected_on\n{number(2)},inspected,yes,,2027-01-02\n"


class Row(NamedTuple):
    """One route: what answers it, how it is addressed, and the status that whoever may gets in each state."""

    name: str
    method: str
    template: str
    cells: Mapping[PlanState, int]

    @property
    def page(self) -> bool:
        return not self.template.startswith("/v1")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> FastAPI:
    home = tmp_path_factory.mktemp("home")
    publish(home)
    return create_app(trusting(home, issuer.url), lambda: datetime(2027, 1, 5, tzinfo=UTC))


def routes_of_plans(app: FastAPI, start: str) -> dict[str, tuple[str, str]]:
    """Method and address of every route under `start` with a plan in its address, by name."""
    return {
        getattr(route.endpoint, "__name__", ""): (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if str(route.path).startswith(f"{start}/{{plan}}")
        for method in route.methods or ()
    }


def cells_of(table: str) -> dict[str, dict[PlanState, int]]:
    lines = [line.split() for line in table.strip().splitlines()[1:]]
    return {name: dict(zip(PlanState, map(int, cells), strict=True)) for name, *cells in lines}


def rows(app: FastAPI) -> Iterator[Row]:
    for start, table in (("/v1/plans", TABLE), ("/planer", PAGES)):
        routes = routes_of_plans(app, start)
        routes |= {"swap_by_a_form": routes["change_slot"]} if "change_slot" in routes else {}
        for name, cells in cells_of(table).items():
            yield Row(name, *routes[name], cells)


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


def plan_in(app: FastAPI, home: Path, state: PlanState) -> LivePlan:
    """A new plan in `state`. In progress every slot has its outcome."""
    record = dataclasses.replace(plan_record(), id=f"{next(TURNS):08x}" * 8, run="a" * 16)
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
    return live


class Caller(NamedTuple):
    """One person with one role, by token or by session. `token` is that of the session's forms; empty without one."""

    role: Role
    client: TestClient
    token: str

    def ask(self, row: Row, plan: LivePlan) -> int:
        address = row.template.replace("{plan}", plan.record.id).replace("{slot}", number(1))
        sent = {} if row.method == "GET" else self.form(row, plan) if row.page else self.body(row, plan)
        return self.client.request(row.method, address, **sent).status_code

    def body(self, row: Row, plan: LivePlan) -> dict[str, Any]:
        headers = {"If-Match": f'"{plan.version}"', **key(), **({"X-CSRF-Token": self.token} if self.token else {})}
        if row.name == "upload_outcomes":
            return {"content": FOUND, "headers": {**headers, "Content-Type": "text/csv"}}
        return {"json": {"hash": plan.hash} if row.name == "approve_plan" else BODIES[row.name], "headers": headers}

    def form(self, row: Row, plan: LivePlan) -> dict[str, Any]:
        acting = {"key": f"{next(TURNS):064x}", "version": plan.version}
        data = {"csrf_token": self.token}
        if row.name == "send_outcomes":
            return {"params": acting, "data": data, "files": {"file": ("filled.csv", FOUND, "text/csv")}}
        approved = {"hash": plan.hash} if row.name == "approve" else {}
        return {"data": {**data, **acting, **approved, **FORMS.get(row.name, {})}}


@pytest.fixture(scope="module")
def callers(app: FastAPI, issuer: Issuer) -> list[Caller]:
    """Everybody twice: with a bearer token, and logged in at the issuer."""
    found = []
    for role in Role:
        issuer.know(f"s-the {role}", preferred_username=f"the {role}", roles=[str(role)])
        sends = {"Authorization": f"Bearer {bearer(issuer, f'the {role}', role)}"}
        found.append(Caller(role, TestClient(app, base_url=BASE, headers=sends), ""))
        browser = TestClient(app, base_url=BASE, headers={"Origin": BASE}, follow_redirects=False)
        found.append(Caller(role, browser, log_in_at_issuer(browser, f"s-the {role}")))
        found[-2].client.follow_redirects = False
    return found


def test_every_route_of_a_plan_and_every_state_is_in_the_tables(app: FastAPI) -> None:
    assert set(routes_of_plans(app, "/v1/plans")) == set(cells_of(TABLE))
    assert set(routes_of_plans(app, "/planer")) | {"swap_by_a_form"} == set(cells_of(PAGES))
    for table in (TABLE, PAGES):
        assert table.strip().splitlines()[0].split()[1:] == [str(state) for state in PlanState]


@pytest.mark.parametrize("state", PlanState)
def test_the_tables(app: FastAPI, callers: list[Caller], state: PlanState) -> None:
    home = app.state.run_in_service.home
    shared = plan_in(app, home, state)
    for row, caller in itertools.product(rows(app), callers):
        expected = row.cells[state] if caller.role in WHO.get(row.name, {Role.PLANNER}) else 403
        acts = expected < 400 and row.method == "POST"
        plan = plan_in(app, home, state) if acts else shared
        assert caller.ask(row, plan) == expected, (caller.role, bool(caller.token), row.name, state)
        if acts:
            assert version_now(app.state.ledger.opened(), plan.record.id) > plan.version, "what was allowed was done"
    assert version_now(app.state.ledger.opened(), shared.record.id) == shared.version, "a refusal changes nothing"


def version_now(ledger: Ledger, plan: str) -> int:
    with ledger.read() as connection:
        return version_of(connection, plan)
