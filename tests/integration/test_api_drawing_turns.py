"""Nobody stops the service by asking for many plans: two are drawn at a time, a few wait, the rest are told to wait."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

import api.plans.drawing
from api.main import create_app
from api.plans.turns import AT_ONCE, WAITING, turn
from targeting.planning import Plan, make_plan
from targeting.planning.permissions import Role
from tests.lib.api_story import PROBLEM, client_of, drafted
from tests.lib.generated_client import GeneratedClient
from tests.lib.issuer import running_issuer, trusting
from tests.lib.published_run import publish

ASKING = 30


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    publish(tmp_path)
    with running_issuer() as issuer:
        made = create_app(trusting(tmp_path, issuer.url))
        made.state.ada = client_of(made, issuer, "ada", Role.PLANNER)
        yield made
        made.state.ledger.close()


def test_of_many_at_once_two_are_drawn_and_nobody_is_left_without_an_answer(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, most, counting = Counter[str](), Counter[str](), threading.Lock()

    def counted(*asked: Any, **more: Any) -> Plan:
        with counting:
            drawing["now"] += 1
            most["now"] = max(most["now"], drawing["now"])
        try:
            return make_plan(*asked, **more)
        finally:
            with counting:
                drawing["now"] -= 1

    monkeypatch.setattr(api.plans.drawing, "make_plan", counted)
    ada: GeneratedClient = app.state.ada
    with ThreadPoolExecutor(ASKING) as pool:
        given = list(pool.map(lambda _: ada.preview_plan(target="bht_use", body=PROBLEM), range(ASKING)))
    statuses = Counter(one.status for one in given)
    assert statuses.keys() <= {200, 503}
    assert statuses[200] >= AT_ONCE + WAITING
    assert most["now"] <= AT_ONCE


def test_when_no_place_is_left_it_is_said_and_when_to_come_back(app: FastAPI) -> None:
    ada: GeneratedClient = app.state.ada
    with ExitStack() as taken:
        holding = threading.Event()
        pool = taken.enter_context(ThreadPoolExecutor(AT_ONCE + WAITING))
        places = [pool.submit(held, holding) for _ in range(AT_ONCE + WAITING)]
        taken.callback(holding.set)
        for call in (ada.preview_plan, ada.exploration_dial):
            given = full(call)
            assert (given.headers["retry-after"], given.body["status"]) == ("5", 503)
            assert "plans being drawn" in given.body["detail"]
        assert not any(one.done() for one in places)
    assert drafted(ada).status == 201, "the places are free again"


def held(until: threading.Event) -> None:
    with turn():
        until.wait(60)


def full(call: Any) -> Any:
    """The answer once every place is taken: the threads that take them may still be starting."""
    while True:
        given = call(target="bht_use", body=PROBLEM)
        if given.status == 503:
            return given
