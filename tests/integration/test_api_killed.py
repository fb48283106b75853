"""The service killed in the middle of people's writes: nothing half-written, and what was answered was done."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from targeting.ledger import EventKind, open_ledger, plan_ids, verify
from targeting.planning.drafts import kept_frame
from targeting.planning.kept_files import OUTCOMES, plan_folder, unkept_folders
from targeting.planning.life import live_plan
from targeting.planning.permissions import Role
from tests.lib.api_story import PROBLEM, filled_in
from tests.lib.killed_service import Asked, Served, Visitor
from tests.lib.published_run import publish

pytestmark = pytest.mark.night

PLANNERS = 3
SEEDS = itertools.count(1)
WHY = {"reason_code": "local_knowledge", "text": "seen last week"}


@pytest.fixture
def served(tmp_path: Path, ledger_url: str) -> Iterator[Served]:
    publish(tmp_path)
    service = Served(tmp_path, ledger_url)
    service.start()
    yield service
    service.kill()


def test_a_killed_service_leaves_nothing_half_written(tmp_path: Path, ledger_url: str, served: Served) -> None:
    planners = [Visitor(served, f"planner {turn}", Role.PLANNER) for turn in range(PLANNERS)]
    approvers = [Visitor(served, f"approver {turn}", Role.APPROVER) for turn in range(2)]
    everybody = [*planners, *approvers]
    for moment in (a_file_appears, a_while) if ledger_url.startswith("sqlite") else (a_file_appears,):
        writing = [threading.Thread(target=work, args=(one, approvers)) for one in planners]
        for thread in writing:
            thread.start()
        moment(tmp_path)
        served.kill()
        for thread in writing:
            thread.join()
        asked = [one for visitor in everybody for one in visitor.taken()]
        assert any(one.answer for one in asked), "something was done"
        assert any(one.answer is None for one in asked), "and something was interrupted"
        assert len(checked_unkept(ledger_url, tmp_path)) <= 1, "the turn lets one draft write at a time"
        served.start()
        check_repeated(asked)
        assert checked_unkept(ledger_url, tmp_path) == (), "what was sent again is kept, with its file"


def work(planner: Visitor, approvers: list[Visitor]) -> None:
    """One plan after the other, until the service dies."""
    with contextlib.suppress(httpx2.TransportError):
        while True:
            whole_life(planner, approvers)


def whole_life(planner: Visitor, approvers: list[Visitor]) -> None:
    """A plan from its draft to its outcomes; two approve it at once."""
    given = planner.write("/v1/plans?target=bht_use", json={**PROBLEM, "capacity": 12, "seed": next(SEEDS)})
    plan = f"/v1/plans/{given.json()['id']}"
    slot = planner.client.get(plan).json()["slots"][0]["establishment"]
    given = planner.write(f"{plan}/slots/{slot}/removal", given.headers["ETag"], json=WHY)
    given = planner.write(f"{plan}/proposal", given.headers["ETag"], json={})
    with ThreadPoolExecutor(len(approvers)) as pool:
        body, seen = {"hash": given.json()["hash"]}, given.headers["ETag"]
        racing = [pool.submit(one.write, f"{plan}/approval", seen, json=body) for one in approvers]
    assert sorted(one.result().status_code for one in racing) == [200, 412]
    exported = planner.client.get(f"{plan}/export", params={"format": "csv"}).content
    seen = planner.client.get(plan).headers["ETag"]
    csv = {"Content-Type": "text/csv"}
    assert planner.write(f"{plan}/outcomes", seen, content=filled_in(exported), headers=csv).status_code == 200


def a_while(home: Path) -> None:
    """Until a few things were done, and then at any moment."""
    a_file_appears(home)
    time.sleep(random.uniform(0, 2))


def a_file_appears(home: Path) -> None:
    """Until some plans have a file more: the newest appeared just before the transaction that names it ends."""
    there = set(home.glob("plans/*/*"))
    until = time.monotonic() + 30
    while len(set(home.glob("plans/*/*")) - there) < 5:
        assert time.monotonic() < until, "nobody writes"


def checked_unkept(url: str, home: Path) -> tuple[Path, ...]:
    """The folders of no plan; but first that the chain holds, and that every plan is whole."""
    with closing(open_ledger(url)) as ledger:
        assert verify(ledger) == ()
        with ledger.read() as connection:
            plans = plan_ids(connection)
            for plan in plans:
                check_plan(connection, home, plan)
    return unkept_folders(home, plans)


def check_plan(connection: sa.Connection, home: Path, plan: str) -> None:
    """It can be read with its frame, nobody approved it twice, and every file that it names is there."""
    assert kept_frame(connection, home, plan).num_rows
    acts = live_plan(connection, plan).events
    assert Counter(one.kind for one in acts)[EventKind.APPROVED] <= 1
    for named in (one.payload["file"] for one in acts if one.kind == EventKind.OUTCOMES_RECORDED):
        kept = plan_folder(home, plan) / OUTCOMES / named["name"]
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == named["sha256"]


def check_repeated(asked: list[Asked]) -> None:
    """What was answered before the kill has the same answer after it; what was not has one answer from now on."""
    for one in asked:
        answer = one.who.again(one)
        assert answer == (one.answer or one.who.again(one)) or answer[0] >= 400, one.path
