"""Many people at once, through the application, on a real server: one act each, nothing lost, the chain whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from targeting.ledger import Asked, EventKind, open_ledger, trail_of, verify
from targeting.planning.permissions import Role
from tests.lib.api_story import client_of, key, proposed
from tests.lib.issuer import Issuer, running_issuer, trusting
from tests.lib.postgres import Postgres
from tests.lib.published_run import publish

PEOPLE = 50
PLANS = 5


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    name = postgres.fresh()
    yield postgres.url(name)
    postgres.drop(name)


def served(home: Path, issuer: Issuer, url: str) -> FastAPI:
    return create_app(trusting(home, issuer.url, ledger_url=url), lambda: datetime(2027, 1, 4, tzinfo=UTC))


def test_fifty_at_once_approve_and_change_the_same_plans(tmp_path: Path, issuer: Issuer, url: str) -> None:
    """By two processes' worth of applications over one database: a lock in the memory of one would not do."""
    publish(tmp_path)
    apps = [served(tmp_path, issuer, url) for _ in range(2)]
    ada = client_of(apps[0], issuer, "ada", Role.PLANNER)
    plans = [proposed(ada, capacity=10 + number) for number in range(PLANS)]
    slots = [ada.read_plan(plan=one.body["id"]).body["slots"][0]["establishment"] for one in plans]

    approves = [turn % 10 < PLANS for turn in range(PEOPLE)]
    roles = [Role.APPROVER if approving else Role.PLANNER for approving in approves]
    people = [client_of(apps[turn % 2], issuer, f"{role} {turn}", role) for turn, role in enumerate(roles)]

    def act(turn: int) -> tuple[str, int, int]:
        place, person = turn % PLANS, people[turn]
        plan = plans[place]
        seen = {"If-Match": plan.headers["etag"], **key()}
        why = {"reason_code": "capacity", "text": "too far"}
        while True:
            if approves[turn]:
                given = person.approve_plan(plan=plan.body["id"], body={"hash": plan.body["hash"]}, **seen)
            else:
                given = person.remove_slot(plan=plan.body["id"], slot=slots[place], body=why, **seen)
            if given.status != HTTPStatus.SERVICE_UNAVAILABLE:  # others are not done yet: again, with the same key
                return "approve" if approves[turn] else "remove", place, given.status

    with ThreadPoolExecutor(PEOPLE) as pool:
        done = list(pool.map(act, range(PEOPLE)))
    won = Counter(place for _, place, status in done if status == 200)
    assert won == dict.fromkeys(range(PLANS), 1), "of ten people on each plan one was first"
    assert {status for _, _, status in done} == {200, 412}

    for place, plan in enumerate(plans):
        now = ada.read_plan(plan=plan.body["id"]).body
        first = next(what for what, where, status in done if where == place and status == 200)
        assert (now["version"], now["state"]["code"]) == (3, "approved" if first == "approve" else "proposed")
    for app in apps:
        app.state.ledger.close()
    ledger = open_ledger(url)
    assert verify(ledger) == ()
    ledger.close()


def test_the_same_request_many_times_at_once_acts_once(tmp_path: Path, issuer: Issuer, url: str) -> None:
    publish(tmp_path)
    app = served(tmp_path, issuer, url)
    plan = proposed(client_of(app, issuer, "ada", Role.PLANNER), capacity=10)
    bo = client_of(app, issuer, "bo", Role.APPROVER)
    sent = {"If-Match": plan.headers["etag"], **key()}
    with ThreadPoolExecutor(20) as pool:
        given = list(
            pool.map(
                lambda _: bo.approve_plan(plan=plan.body["id"], body={"hash": plan.body["hash"]}, **sent), range(20)
            )
        )
    assert {(one.status, one.headers["etag"]) for one in given} == {(200, '"3"')}
    app.state.ledger.close()


def test_looks_at_the_same_time_are_all_kept(tmp_path: Path, issuer: Issuer, ledger_url: str) -> None:
    publish(tmp_path)
    app = served(tmp_path, issuer, ledger_url)
    with TestClient(app):  # one loop for all, as under a server
        clients = [client_of(app, issuer, f"reader {turn}", Role.PLANNER) for turn in range(4)]
        with ThreadPoolExecutor(16) as pool:
            shown = list(pool.map(lambda turn: clients[turn % 4].ranking(target="bht_use", limit=3).status, range(80)))
        assert shown == [200] * 80
        with app.state.ledger.opened().read() as connection:
            kept = trail_of(connection, Asked(kinds=[EventKind.LISTED]), limit=500).events
        assert Counter(one.actor for one in kept) == dict.fromkeys((f"reader {turn}" for turn in range(4)), 20)
        assert verify(app.state.ledger.opened()) == ()


def test_a_look_that_cannot_be_kept_is_not_answered(tmp_path: Path, issuer: Issuer, postgres: Postgres) -> None:
    publish(tmp_path)
    name = postgres.fresh()
    app = served(tmp_path, issuer, postgres.url(name))
    ada = client_of(app, issuer, "ada", Role.PLANNER)
    assert ada.ranking(target="bht_use").status == 200
    app.state.ledger.close()
    postgres.drop(name)
    given = ada.ranking(target="bht_use")
    assert (given.status, given.headers["retry-after"]) == (503, "10")
    assert ada.current_run().status == 200, "what names nobody is still answered"
