"""The ledger: append-only in the database itself, one hash chain, and a check that names what was tampered with."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from targeting.domain import Arm, BadInputError, NotFoundError, RefusedError, Slot
from targeting.ledger import (
    AuditEvent,
    EventKind,
    FaultKind,
    Ledger,
    Outcome,
    OutcomeResult,
    PlanRecord,
    ProposedSlot,
    SlotChange,
    SlotChangeKind,
    Standby,
    changes_of,
    events_of,
    head,
    open_ledger,
    outcomes_of,
    plan_of,
    record_changes,
    record_event,
    record_outcomes,
    record_plan,
    url_of,
    verify,
)
from targeting.ledger.tables import METADATA
from tests.lib.small_country import number

PLAN = "a" * 64
AT = datetime(2027, 1, 4, 9, tzinfo=UTC)


def event(kind: EventKind, actor: str = "planner", minutes: int = 0, plan: str = PLAN) -> AuditEvent:
    return AuditEvent(kind, actor, AT + timedelta(minutes=minutes), plan, "reason", "because", {"n": 1.5})


def plan(identifier: str = PLAN) -> PlanRecord:
    slots = tuple(
        ProposedSlot(Slot(number(i), arm, 0.1 * (i + 1), 0.9 - 0.1 * i, ("county=03",)), (("county", "03"),))
        for i, arm in enumerate((Arm.RANKED, Arm.RANKED, Arm.EXPLORATION))
    )
    standbys = tuple(Standby("county", "03", place, number(10 + place), 0.5) for place in (1, 2))
    return PlanRecord(identifier, "run", "bht_use", {"capacity": 3}, slots, standbys, {"objective": 1.0})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    opened = open_ledger(url_of(tmp_path))
    with opened.write() as connection:
        record_plan(connection, event(EventKind.DRAFTED), plan())
        record_event(connection, event(EventKind.PROPOSED, minutes=1))
        change = SlotChange(
            SlotChangeKind.SWAP, number(0), "planner", "moved", "moved away", taken=number(11), score=0.5
        )
        record_changes(connection, event(EventKind.SLOT_SWAPPED, minutes=2), [change])
        found = Outcome(number(1), OutcomeResult.INSPECTED, True, None, date(2027, 2, 1), date(2027, 3, 1))
        record_outcomes(connection, event(EventKind.OUTCOMES_RECORDED, minutes=3), [found])
    return opened


def tampered(tmp_path: Path, *statements: str) -> Ledger:
    """What somebody with the file and a tool can do: the triggers dropped first."""
    with sqlite3.connect(tmp_path / "ledger.db") as raw:
        raw.execute("PRAGMA foreign_keys=OFF")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
    return open_ledger(url_of(tmp_path))


def test_what_was_written_is_read_back_equal(ledger: Ledger) -> None:
    with ledger.read() as connection:
        read = plan_of(connection, "aaaa")

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


def test_an_untouched_ledger_is_whole(ledger: Ledger) -> None:
    with ledger.read() as connection:
        noted = head(connection)

    assert verify(ledger, noted) == ()


@pytest.mark.parametrize("table", ["plan_events", "plans", "slots", "standbys", "slot_events", "outcomes"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete(ledger: Ledger, table: str, statement: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), ledger.write() as connection:
        connection.exec_driver_sql(statement.format(table))


@pytest.mark.parametrize(
    ("statement", "kind", "table", "key"),
    [
        ("UPDATE slots SET score = 0.99 WHERE place = 2", FaultKind.CHANGED, "slots", number(1)),
        ("DELETE FROM slots WHERE place = 3", FaultKind.MISSING, "slots", number(2)),
        ("UPDATE outcomes SET breach = 0", FaultKind.CHANGED, "outcomes", number(1)),
        ("UPDATE plan_events SET actor = 'x' WHERE number = 2", FaultKind.CHANGED, "plan_events", "2"),
        ("DELETE FROM plan_events WHERE number = 2", FaultKind.MISSING, "plan_events", "2"),
        ("UPDATE plans SET problem = '{}'", FaultKind.CHANGED, "plans", PLAN),
        (
            "INSERT INTO standbys SELECT plan, per, value, 9, establishment, score, event, hash FROM standbys LIMIT 1",
            FaultKind.UNEXPLAINED,
            "standbys",
            "03",
        ),
    ],
)
def test_tampering_is_named(
    ledger: Ledger, tmp_path: Path, statement: str, kind: FaultKind, table: str, key: str
) -> None:
    ledger.close()
    faults = verify(tampered(tmp_path, statement))

    assert [(one.kind, one.table) for one in faults if key in one.key][:1] == [(kind, table)]


def test_events_that_change_places_are_named_with_the_number_they_had(ledger: Ledger, tmp_path: Path) -> None:
    ledger.close()
    swap = "UPDATE plan_events SET number = {} WHERE number = {}"
    faults = verify(tampered(tmp_path, swap.format(9, 1), swap.format(1, 2), swap.format(2, 9)))
    moved = {one.key: one.detail for one in faults if one.kind is FaultKind.REORDERED and "written as" in one.detail}

    assert moved == {"1": "it was written as number 2", "2": "it was written as number 1"}


def test_a_cut_off_end_shows_against_a_noted_head(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.read() as connection:
        noted = head(connection)
    ledger.close()
    shorter = tampered(tmp_path, "DELETE FROM outcomes", "DELETE FROM plan_events WHERE number = 4")

    assert verify(shorter) == ()
    assert [one.kind for one in verify(shorter, noted)] == [FaultKind.MISSING]


def test_a_failing_transaction_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(RefusedError), ledger.write() as connection:
        record_event(connection, event(EventKind.APPROVED))
        record_plan(connection, event(EventKind.DRAFTED), plan())

    with ledger.read() as connection:
        assert len(events_of(connection, PLAN)) == 4
    assert verify(ledger) == ()


def test_writers_at_once_keep_one_chain(ledger: Ledger) -> None:
    def write(turn: int) -> None:
        with ledger.write() as connection:
            record_event(connection, event(EventKind.EXPORTED, f"person {turn}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    assert verify(ledger) == ()
    with ledger.read() as connection:
        assert [one.sequence for one in events_of(connection, PLAN)] == list(range(1, 4 + 40 + 1))


def test_the_migrations_make_the_tables_the_code_reads(ledger: Ledger) -> None:
    found = sa.MetaData()
    found.reflect(ledger.engine)

    for name, table in METADATA.tables.items():
        made = {column.name: (column.nullable, column.primary_key) for column in found.tables[name].columns}
        assert made == {column.name: (column.nullable, column.primary_key) for column in table.columns}, name


def test_opening_again_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    ledger.close()
    again = open_ledger(url_of(tmp_path))

    assert verify(again) == ()


def test_an_event_needs_a_time_zone_a_name_and_no_identity_number() -> None:
    with pytest.raises(BadInputError, match="time zone"):
        AuditEvent(EventKind.EXPORTED, "x", datetime(2027, 1, 1))
    with pytest.raises(BadInputError, match="who acts"):
        AuditEvent(EventKind.EXPORTED, " ", AT)
    with pytest.raises(BadInputError, match="11 digits"):
        AuditEvent(EventKind.EXPORTED, "x", AT, text="about 0101" + "9012345")


def test_an_unknown_or_ambiguous_plan_is_not_found(ledger: Ledger) -> None:
    with ledger.write() as connection:
        record_plan(connection, event(EventKind.DRAFTED, plan="ab" * 32), plan("ab" * 32))
    with ledger.read() as connection:
        for asked in ("", "a", "ffff", "%"):
            with pytest.raises(NotFoundError):
                plan_of(connection, asked)
