"""What somebody with every right to the database can do to it, and how `verify` names each."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from targeting.ledger import EventKind, Fault, FaultKind, Ledger, head, open_ledger, record_event, url_of, verify
from targeting.ledger.chain import event_hash
from targeting.ledger.tables import events
from tests.lib.ledger_story import EVENTS, PLAN, event, filled, tampered
from tests.lib.small_country import number

MOVE = "UPDATE plan_events SET number = {} WHERE number = {}"


@pytest.fixture
def head_of(ledger_url: str) -> str:
    """The noted head of a ledger that lies filled at `ledger_url`."""
    ledger = filled(ledger_url)
    with ledger.read() as connection:
        noted = head(connection)
    assert verify(ledger, noted) == ()
    ledger.close()
    return noted


def found(ledger: Ledger, noted: str | None = None) -> list[Fault]:
    faults = list(verify(ledger, noted))
    ledger.close()
    return faults


@pytest.mark.parametrize(
    ("statement", "kind", "table", "key"),
    [
        ("UPDATE slots SET score = 0.99 WHERE place = 2", FaultKind.CHANGED, "slots", number(1)),
        ("UPDATE slots SET event = 2 WHERE place = 2", FaultKind.CHANGED, "slots", number(1)),
        ("DELETE FROM slots WHERE place = 3", FaultKind.MISSING, "slots", number(2)),
        ("UPDATE outcomes SET breach = NOT breach", FaultKind.CHANGED, "outcomes", number(1)),
        ("UPDATE outcomes SET known_on = '2027-03-02'", FaultKind.CHANGED, "outcomes", number(1)),
        ("UPDATE plan_events SET actor = 'x' WHERE number = 2", FaultKind.CHANGED, "plan_events", "2"),
        ("UPDATE plan_events SET attached = '?' WHERE number = 2", FaultKind.CHANGED, "plan_events", "2"),
        ("UPDATE plan_events SET target = 'work_crime' WHERE number = 2", FaultKind.CHANGED, "plan_events", "2"),
        ("DELETE FROM plan_events WHERE number = 2", FaultKind.MISSING, "plan_events", "2"),
        ("UPDATE plans SET problem = '{}'", FaultKind.CHANGED, "plans", PLAN),
        ("DELETE FROM trials", FaultKind.MISSING, "trials", "b" * 64),
        ("DROP TABLE trials", FaultKind.MISSING, "trials", "b" * 64),
        (
            "INSERT INTO standbys SELECT plan, per, value, 9, establishment, score, event, hash FROM standbys LIMIT 1",
            FaultKind.INSERTED,
            "standbys",
            "03",
        ),
    ],
)
def test_tampering_with_one_row_is_named(
    head_of: str, ledger_url: str, statement: str, kind: FaultKind, table: str, key: str
) -> None:
    if statement.startswith("DROP"):
        with sa.create_engine(ledger_url).begin() as connection:
            connection.exec_driver_sql(statement)
        faults = [one for one in verify_at(ledger_url) if one.kind is not FaultKind.UNGUARDED]
    else:
        faults = found(tampered(ledger_url, statement))

    assert [(one.kind, one.table, key in one.key) for one in faults] == [(kind, table, True)]


def verify_at(url: str) -> list[Fault]:
    return found(open_ledger(url))


def test_what_no_writer_of_ours_could_have_stored_is_named_too(tmp_path: Path) -> None:
    """SQLite keeps any kind of value in any column."""
    filled(url_of(tmp_path)).close()
    faults = found(tampered(url_of(tmp_path), "UPDATE outcomes SET known_on = 'spring', establishment = x'00'"))

    assert [(one.kind, one.table) for one in faults] == [
        (FaultKind.MISSING, "outcomes"),
        (FaultKind.INSERTED, "outcomes"),
    ]


def test_events_that_change_places_are_named_with_the_number_they_had(head_of: str, ledger_url: str) -> None:
    faults = found(tampered(ledger_url, MOVE.format(9, 1), MOVE.format(1, 2), MOVE.format(2, 9)))

    assert [(one.kind, one.key, one.detail) for one in faults] == [
        (FaultKind.REORDERED, "1", "it was written as number 2"),
        (FaultKind.REORDERED, "2", "it was written as number 1"),
    ]


def test_a_lost_event_shows_although_those_behind_it_close_the_gap(head_of: str, ledger_url: str) -> None:
    faults = found(
        tampered(
            ledger_url,
            "DELETE FROM plan_events WHERE number = 2",
            *(MOVE.format(i - 1, i) for i in range(3, EVENTS + 1)),
        )
    )

    assert [(one.kind, one.key) for one in faults] == [
        (FaultKind.REORDERED, "2"),
        (FaultKind.MISSING, "2"),
        *((FaultKind.REORDERED, str(i - 1)) for i in range(4, EVENTS + 1)),
    ]


def test_an_event_put_in_between_is_told_from_those_it_pushed_on(head_of: str, ledger_url: str) -> None:
    """With the right link and the right hash: everything but those who were there before."""
    forged = forged_event(ledger_url, number=3, actor="forger")
    pushed = [MOVE.format(i + 1, i) for i in range(EVENTS, 2, -1)]
    faults = found(tampered(ledger_url, *pushed, forged))

    assert [(one.kind, one.key) for one in faults] == [
        (FaultKind.INSERTED, "3"),
        *((FaultKind.REORDERED, str(i + 1)) for i in range(3, EVENTS + 1)),
    ]


def test_an_event_written_anew_with_its_hash_breaks_the_link_behind_it(head_of: str, ledger_url: str) -> None:
    forged = forged_event(ledger_url, number=2, actor="forger")
    faults = found(tampered(ledger_url, "DELETE FROM plan_events WHERE number = 2", forged))

    assert [(one.kind, one.key, one.detail) for one in faults] == [
        (FaultKind.CHANGED, "2", "event 3 was written after another content")
    ]


def test_a_first_event_that_follows_nothing_known_is_named(head_of: str, ledger_url: str) -> None:
    faults = found(tampered(ledger_url, f"UPDATE plan_events SET previous_hash = '{'f' * 64}' WHERE number = 1"))

    assert [(one.kind, one.key) for one in faults] == [(FaultKind.CHANGED, "1")]


def test_a_cut_off_end_shows_against_a_noted_head(head_of: str, ledger_url: str) -> None:
    cut = ("DELETE FROM trials", f"DELETE FROM plan_events WHERE number = {EVENTS}")

    assert found(tampered(ledger_url, *cut)) == []
    assert [one.kind for one in found(tampered(ledger_url), head_of)] == [FaultKind.MISSING]


def test_a_dropped_trigger_is_named(head_of: str, ledger_url: str) -> None:
    on_server = ledger_url.startswith("postgresql")
    name = "slots_append_only_row" if on_server else "slots_no_update"
    statement = f"ALTER TABLE slots DISABLE TRIGGER {name}" if on_server else f"DROP TRIGGER {name}"
    with sa.create_engine(ledger_url).begin() as connection:
        connection.exec_driver_sql(statement)

    assert [(one.kind, one.table, one.key) for one in verify_at(ledger_url)] == [(FaultKind.UNGUARDED, "slots", name)]


def test_a_long_chain_full_of_breaks_is_still_read(ledger_url: str) -> None:
    ledger = filled(ledger_url)
    with ledger.write() as connection:
        for turn in range(200):
            record_event(connection, event(EventKind.LOOKED_UP, f"person {turn}", plan=None))
    ledger.close()
    faults = found(tampered(ledger_url, "DELETE FROM plan_events WHERE number > 10 AND number = number / 2 * 2"))

    assert {one.kind for one in faults} == {FaultKind.MISSING}
    assert len(faults) == 97  # 12, 14, ..., 204: the last, 205, is there to show the gap before it


def forged_event(url: str, number: int, **changed: str) -> str:
    """An INSERT of an event like the one at `number`, otherwise right in every respect."""
    with sa.create_engine(url).connect() as connection:
        like = dict(connection.execute(sa.select(events).where(events.c.number == number)).mappings().one())
    like |= {**changed, "sequence": 99, "attached": "[]"}
    like["hash"] = event_hash(like)
    values = ", ".join("NULL" if value is None else repr(value) for value in like.values())
    return f"INSERT INTO plan_events ({', '.join(like)}) VALUES ({values})"
