"""The ledger, on SQLite and on a real PostgreSQL: append-only in the database itself, one transaction, one chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.ledger import (
    AuditEvent,
    EventKind,
    Ledger,
    UnavailableError,
    changes_of,
    events_of,
    open_ledger,
    outcomes_of,
    plan_ids,
    plan_of,
    record_event,
    record_plan,
    trial_of,
    url_of,
    verify,
    version_of,
)
from targeting.ledger.tables import GUARDED
from tests.lib.ledger_story import AT, EVENTS, PLAN, event, filled, plan
from tests.lib.postgres import Postgres
from tests.lib.small_country import number


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    return filled(ledger_url)


def test_what_was_written_is_read_back_equal(ledger: Ledger) -> None:
    with ledger.read() as connection:
        read = plan_of(connection, "AAAA")

        assert read.slots == plan().slots
        assert read.standbys == plan().standbys
        assert (read.author, read.problem, read.summary) == ("planner", {"capacity": 3}, {"objective": 1.0})
        assert [one.kind for one in events_of(connection, PLAN)] == [
            "drafted",
            "proposed",
            "slot_swapped",
            "outcomes_recorded",
        ]
        assert changes_of(connection, PLAN)[0].taken == number(11)
        assert outcomes_of(connection, PLAN)[0].breach is True
        assert trial_of(connection, "b" * 64) == {"arms": 2}


def test_the_database_refuses_to_change_or_delete(ledger: Ledger) -> None:
    """On PostgreSQL the test is owner of the tables and superuser, and refused all the same."""
    statements = ["UPDATE {} SET hash = 'x'", "DELETE FROM {}"]
    if ledger.engine.dialect.name == "postgresql":
        statements.append("TRUNCATE {} CASCADE")
    for table, statement in product(GUARDED, statements):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), ledger.write() as connection:
            connection.exec_driver_sql(statement.format(table))


def test_sqlite_cannot_be_told_to_replace(tmp_path: Path) -> None:
    """INSERT OR REPLACE deletes the old row without asking a DELETE trigger."""
    ledger = filled(url_of(tmp_path))
    for table in GUARDED:
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), ledger.write() as connection:
            connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")


def test_postgresql_triggers_fire_where_ordinary_ones_are_switched_off(postgres: Postgres) -> None:
    name = postgres.fresh()
    ledger = filled(postgres.url(name))
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), ledger.write() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("DELETE FROM outcomes")
    ledger.close()
    postgres.drop(name)


def test_a_service_that_may_only_insert_can_do_everything(postgres: Postgres) -> None:
    """What the operations page grants: the tables belong to another role, which alone migrates."""
    name = postgres.fresh()
    filled(postgres.url(name)).close()
    role = f"service_{name[-12:]}"
    postgres.run(f"CREATE ROLE {role} LOGIN")
    for statement in (
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT DELETE ON requests TO {role}",
    ):
        postgres.run(statement, name)
    ledger = open_ledger(postgres.url(name, role))
    with ledger.write() as connection:
        record_event(connection, event(EventKind.SLOT_REMOVED))
    for statement in ("DELETE FROM outcomes", "ALTER TABLE outcomes DISABLE TRIGGER ALL", "DROP TABLE outcomes"):
        with pytest.raises(sa.exc.ProgrammingError), ledger.write() as connection:
            connection.exec_driver_sql(statement)

    assert verify(ledger) == ()
    ledger.close()
    postgres.drop(name)
    postgres.run(f"DROP ROLE {role}")


def test_a_failing_transaction_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(RefusedError), ledger.write() as connection:
        record_event(connection, event(EventKind.APPROVED))
        record_plan(connection, event(EventKind.DRAFTED), plan())

    with ledger.read() as connection:
        assert version_of(connection, PLAN) == 4
    assert verify(ledger) == ()


def test_looking_at_a_plan_leaves_its_version(ledger: Ledger) -> None:
    with ledger.write() as connection:
        record_event(connection, event(EventKind.PLAN_VIEWED))
        record_event(connection, event(EventKind.EXPORTED))
        assert version_of(connection, PLAN) == 4
        record_event(connection, event(EventKind.APPROVED))
        assert version_of(connection, PLAN) == 5
        assert [one.sequence for one in events_of(connection, PLAN)] == [1, 2, 3, 4, 5]
    assert verify(ledger) == ()


def test_writers_at_once_keep_one_chain(ledger: Ledger) -> None:
    def write(turn: int) -> None:
        with ledger.write() as connection:
            record_event(connection, event(EventKind.SLOT_ADDED, f"person {turn}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    assert verify(ledger) == ()
    with ledger.read() as connection:
        assert [one.sequence for one in events_of(connection, PLAN)] == list(range(1, 4 + 40 + 1))


def test_a_reader_sees_one_state_however_long_it_reads(ledger: Ledger) -> None:
    with ledger.read() as reading:
        before = version_of(reading, PLAN)
        with ledger.write() as writing:
            record_plan(writing, event(EventKind.DRAFTED, plan="c" * 64), plan("c" * 64))
            record_event(writing, event(EventKind.APPROVED))
        assert (version_of(reading, PLAN), plan_ids(reading)) == (before, (PLAN,))


def test_who_does_not_get_a_turn_is_told_to_try_again(ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("targeting.ledger.opening._WAIT", 1)
    monkeypatch.setattr("targeting.ledger.opening._SERVER_SIDE", "-c lock_timeout=1s")
    ledger, of_another_process = filled(ledger_url), open_ledger(ledger_url)
    for other in (ledger, of_another_process):
        with ledger.write(), pytest.raises(UnavailableError, match="try again"), other.write():
            pass

    assert verify(ledger) == ()


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(UnavailableError) as refusal:
        open_ledger("postgres://targeting:hunter2@127.0.0.1:9/ledger")

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "not a url", "postgresql+psycopg2://u:hunter2@h/d"])
def test_other_databases_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(BadInputError, match="postgresql://") as refusal:
        open_ledger(url)

    assert "hunter2" not in str(refusal.value)


def test_what_only_one_database_would_keep_is_refused_by_both(ledger: Ledger) -> None:
    for text in ("a\x00b", "half a pair \ud800"):
        with pytest.raises(BadInputError, match="control character"):
            AuditEvent(EventKind.SLOT_REMOVED, "x", AT, text=text)
        with pytest.raises(BadInputError, match="control character"):
            AuditEvent(EventKind.LISTED, "x", AT, payload={"filters": [{"q": text}]})
        with pytest.raises(NotFoundError), ledger.read() as connection:
            plan_of(connection, text)
    with pytest.raises(BadInputError, match="at most 200"):
        AuditEvent(EventKind.SIGNED_IN, "x" * 201, AT)


def test_an_event_needs_a_time_zone_a_name_and_no_identity_number() -> None:
    with pytest.raises(BadInputError, match="time zone"):
        AuditEvent(EventKind.EXPORTED, "x", datetime(2027, 1, 1))
    with pytest.raises(BadInputError, match="who acts"):
        AuditEvent(EventKind.EXPORTED, " ", AT)
    for told in ({"text": "about 0101" + "9012345"}, {"payload": {"filters": {"q": "0101" + "9012345"}}}):
        with pytest.raises(BadInputError, match="11 digits"):
            AuditEvent(EventKind.EXPORTED, "x", AT, **told)


def test_an_unknown_or_ambiguous_plan_is_not_found(ledger: Ledger) -> None:
    with ledger.write() as connection:
        record_plan(connection, event(EventKind.DRAFTED, plan="ab" * 32), plan("ab" * 32))
    with ledger.read() as connection:
        for asked in ("", "a", "ffff", "%", "a" * 65):
            with pytest.raises(NotFoundError):
                plan_of(connection, asked)


def test_the_story_is_as_long_as_it_says(ledger: Ledger) -> None:
    with ledger.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM plan_events").scalar() == EVENTS
