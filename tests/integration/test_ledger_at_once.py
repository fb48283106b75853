"""Many people at once on a real server, processes killed in the middle, a database that goes away."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from targeting.ledger import (
    EventKind,
    Ledger,
    UnavailableError,
    events_of,
    open_ledger,
    plan_ids,
    plan_of,
    record_event,
    verify,
)
from targeting.planning import life
from targeting.planning.permissions import Person, Role
from targeting.planning.refusals import ChangedSinceError, NotAllowedError
from targeting.planning.states import PlanState
from tests.lib.killed_writer import SLOTS
from tests.lib.ledger_story import EVENTS, event, filled, plan
from tests.lib.plan_story import PLANNER, at, by
from tests.lib.postgres import Postgres
from tests.lib.small_country import number

PLANS = [f"{digit}" * 64 for digit in range(1, 6)]


@pytest.fixture
def on_server(postgres: Postgres) -> Iterator[str]:
    name = postgres.fresh()
    yield postgres.url(name)
    postgres.drop(name)


def version_to_act_on(ledger: Ledger, identifier: str) -> life.LivePlan:
    with ledger.read() as connection:
        return life.live_plan(connection, identifier)


def edit(ledger: Ledger, turn: int) -> int:
    """Take one slot of one plan out, looking again as often as somebody else was faster; 1 if it was done."""
    person, identifier = Person(f"planner {turn}", frozenset({Role.PLANNER})), PLANS[turn % len(PLANS)]
    while True:
        seen = version_to_act_on(ledger, identifier).version
        who = life.By(person, at(turn), "capacity", "too far", expected=seen)
        try:
            with ledger.write() as connection:
                after = life.remove_slot(connection, who, identifier, number(turn // len(PLANS)))
        except ChangedSinceError:
            continue
        except NotAllowedError:
            return 0  # frozen meanwhile
        assert after.version == seen + 1, "nothing came between what was seen and what was done"
        return 1


def approve(ledger: Ledger, turn: int) -> int:
    """Approve one plan once three edits are in it; 1 if it was this person who did."""
    person, identifier = Person(f"approver {turn}", frozenset({Role.APPROVER})), PLANS[turn % len(PLANS)]
    while True:
        seen = version_to_act_on(ledger, identifier)
        if seen.version < 2 + 3:
            time.sleep(0.01)
            continue
        try:
            with ledger.write() as connection:
                life.approve(connection, life.By(person, at(turn), expected=seen.version), identifier, seen.hash)
        except ChangedSinceError:
            continue
        except NotAllowedError:
            return 0  # somebody else did
        return 1


def test_fifty_at_once_edit_and_approve_the_same_plans(on_server: str) -> None:
    ledger = open_ledger(on_server)
    with ledger.write() as connection:
        for identifier in PLANS:
            life.draft(connection, by(PLANNER), plan(identifier, slots=8))
            life.propose(connection, by(PLANNER), identifier)
    with ThreadPoolExecutor(50) as pool:
        edits = [pool.submit(edit, ledger, turn) for turn in range(25)]
        approvals = [pool.submit(approve, ledger, turn) for turn in range(25)]
        edited, approved = (sum(one.result() for one in found) for found in (edits, approvals))

    assert verify(ledger) == ()
    with ledger.read() as connection:
        plans = [life.live_plan(connection, identifier) for identifier in PLANS]
    assert [one.state for one in plans] == [PlanState.APPROVED] * len(PLANS)
    assert [[act.kind for act in one.events].count("approved") for one in plans] == [1] * len(PLANS)
    assert approved == len(PLANS)
    assert sum(len(one.changes) for one in plans) == edited == sum(8 - len(one.slots) for one in plans)
    assert all(one.frozen is not None and one.frozen.payload["hash"] == one.hash for one in plans)
    ledger.close()


def writer(url: str, name: str, repository: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.lib.killed_writer", url, name, *options]
    return subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True)


def test_a_process_killed_in_the_middle_leaves_nothing_half_written(ledger_url: str, repository: Path) -> None:
    inside = writer(ledger_url, "inside", repository, "inside")
    assert inside.stdout is not None
    unfinished = inside.stdout.readline().strip()
    inside.kill()
    inside.communicate()

    running = [writer(ledger_url, f"writer {turn}", repository) for turn in range(2)]
    told = [str(one.stdout.readline()).strip() for one in running if one.stdout]
    time.sleep(0.3)
    for one in running:
        one.kill()
        told += one.communicate()[0].split()

    ledger = open_ledger(ledger_url)
    assert verify(ledger) == ()
    with ledger.read() as connection:
        kept = plan_ids(connection)
        assert unfinished not in kept
        assert {one for one in told if len(one) == 64} <= set(kept), "what was told as done is there"
        for identifier in kept:
            read = plan_of(connection, identifier)
            assert (len(read.slots), len(read.standbys)) == (SLOTS, 2)
            assert [act.kind for act in events_of(connection, identifier)] == ["drafted", "proposed"]
    with ledger.write() as connection:
        record_event(connection, event(EventKind.SIGNED_IN, plan=None))
    ledger.close()


def test_a_connection_lost_on_the_way_leaves_nothing_and_the_next_one_works(on_server: str, postgres: Postgres) -> None:
    ledger = filled(on_server)
    with pytest.raises(UnavailableError, match="try again"), ledger.write() as connection:
        record_event(connection, event(EventKind.SLOT_REMOVED))
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        postgres.run(f"SELECT pg_terminate_backend({pid})")

    with ledger.write() as connection:
        record_event(connection, event(EventKind.SLOT_ADDED))
    assert verify(ledger) == ()
    with ledger.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM plan_events").scalar() == EVENTS + 1
    ledger.close()
