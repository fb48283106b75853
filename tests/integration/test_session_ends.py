"""A session that was ended before its time opens nothing, in any process, and somebody answers for the ending."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.identity.session_ends import SessionEnds, session_end
from api.identity.sessions import Session
from api.main import create_app
from targeting.ledger import (
    Asked,
    EventKind,
    Ledger,
    UnavailableError,
    open_ledger,
    record_event,
    session_ends,
    trail_of,
    verify,
)
from targeting.planning.permissions import Person, Role
from tests.lib.api_story import key
from tests.lib.published_run import publish
from tests.lib.signed_in import development, log_in

AT = datetime(2027, 1, 4, 9, tzinfo=UTC)
SECRET = "0123456789abcdef" * 3


def answered(asked: Coroutine[Any, Any, bool]) -> bool:
    """The answer, in a thread of its own: the one of the test may be running a browser's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result()


def form_token(client: TestClient) -> str:
    return client.get("/").text.partition('csrf_token" value="')[2][:64]


def test_whoever_logs_out_everywhere_is_out_everywhere_and_may_come_back(tmp_path: Path) -> None:
    publish(tmp_path)
    app = create_app(development(tmp_path))
    here, there, bo = (log_in(app, [Role.PLANNER], name) for name in ("ada", "ada", "bo"))
    answer = here.post("/logout-everywhere", data={"csrf_token": form_token(here)}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/logged-out")
    assert [one.get("/v1/models").status_code for one in (here, there, bo)] == [401, 401, 200]
    assert log_in(app, [Role.PLANNER], "ada").get("/v1/models").status_code == 200, "a login from after the end"


def test_an_administrator_ends_the_sessions_of_somebody_in_every_process(tmp_path: Path, ledger_url: str) -> None:
    publish(tmp_path)
    settings = development(tmp_path, ledger_url=ledger_url, session_secret=SECRET)
    apps = [create_app(settings) for _ in range(2)]
    ada, eva = log_in(apps[0], [Role.PLANNER], "ada"), log_in(apps[0], [Role.ADMINISTRATOR], "eva")
    elsewhere = TestClient(apps[1], base_url=str(ada.base_url), cookies=ada.cookies)
    assert elsewhere.get("/v1/models").status_code == 200
    asked = {"person": "ada", "text": "the role was taken away"}
    headers = {"X-CSRF-Token": form_token(eva), **key()}
    ended = eva.post("/v1/session-ends", json=asked, headers=headers)
    assert (ended.status_code, ended.json()["person"]) == (201, "ada")
    assert eva.post("/v1/session-ends", json=asked, headers=headers).json() == ended.json(), "sent twice, ended once"
    assert ada.get("/v1/models").status_code == 401, "at once in the process that was asked"
    apps[1].state.session_ends.monotonic = lambda: 1e12
    assert elsewhere.get("/v1/models").status_code == 401, "and in the other when it looks again"
    assert eva.get("/v1/models").status_code == 200
    for app in apps:
        app.state.ledger.close()
    with closing(open_ledger(ledger_url)) as ledger:
        assert verify(ledger) == ()
        with ledger.read() as connection:
            (event,) = trail_of(connection, Asked(kinds=[EventKind.SESSIONS_ENDED])).events
    assert (event.actor, event.text, dict(event.payload)) == ("eva", "the role was taken away", {"person": "ada"})


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    return open_ledger(ledger_url)


def began(name: str, at: datetime) -> Session:
    return Session(Person(name, frozenset()), at.timestamp(), "")


def test_the_newest_end_counts_and_only_for_its_person(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for minutes, person in ((0, "ada"), (10, "ada"), (20, "bo")):
            record_event(connection, session_end("eva", AT + timedelta(minutes=minutes), person))
    with ledger.read() as connection:
        assert session_ends(connection) == {"ada": AT + timedelta(minutes=10), "bo": AT + timedelta(minutes=20)}
    ends = SessionEnds(lambda: ledger)
    found = {
        (name, minutes): answered(ends.ended(began(name, AT + timedelta(minutes=minutes))))
        for name in ("ada", "bo", "cara")
        for minutes in (5, 10, 15)
    }
    assert {one for one, ended in found.items() if ended} == {
        ("ada", 5),
        ("ada", 10),
        ("bo", 5),
        ("bo", 10),
        ("bo", 15),
    }
    ledger.close()


def test_what_was_read_holds_for_a_while_and_while_the_database_is_away(ledger: Ledger) -> None:
    clock, there = [100.0], [True]

    def opened() -> Ledger:
        if there[0]:
            return ledger
        raise UnavailableError(expected="the ledger's database to answer", got="nothing")

    there[0] = False
    ends, session = SessionEnds(opened, lambda: clock[0]), began("ada", AT)
    with pytest.raises(UnavailableError):
        answered(ends.ended(session))
    there[0] = True
    assert not answered(ends.ended(session))
    with ledger.write() as connection:
        record_event(connection, session_end("eva", AT, "ada"))
    assert not answered(ends.ended(session)), "read a moment ago"
    clock[0], there[0] = 106.0, False
    assert not answered(ends.ended(session)), "the database is away"
    clock[0], there[0] = 112.0, True
    assert answered(ends.ended(session))
    ledger.close()
