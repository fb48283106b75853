"""`audit verify` and `audit show` as an auditor reads them, on both databases."""

from __future__ import annotations

import pytest

from pipelines.audit import render_faults, show, verified
from targeting.ledger import Asked, EventKind, Ledger, open_ledger, record_event
from tests.lib.ledger_story import EVENTS, PLAN, event, filled, tampered
from tests.lib.small_country import number


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    return filled(ledger_url)


def test_a_whole_ledger_gives_its_head_to_note(ledger: Ledger) -> None:
    found = verified(ledger)

    assert (found.faults, found.events) == ((), EVENTS)
    assert render_faults(found) == f"the ledger is whole: {EVENTS} events; note its head elsewhere: {found.head}"
    assert verified(ledger, found.head).faults == ()


def test_a_tampered_one_is_named_row_by_row(ledger: Ledger, ledger_url: str) -> None:
    ledger.close()
    opened = tampered(ledger_url, "UPDATE plan_events SET actor = 'x' WHERE number = 2", "DELETE FROM trials")
    text = render_faults(verified(opened, "f" * 64))
    opened.close()

    assert text.splitlines() == [
        "plan_events 2 is changed: its content does not give its hash",
        f'trials ["{"b" * 64}"] is missing: event 5 wrote it',
        "plan_events ffffffffffff is missing: the event with this hash was noted outside",
        "the ledger is not what was written: 1 changed, 2 missing",
    ]


def test_an_empty_ledger_is_whole(ledger_url: str) -> None:
    opened = open_ledger(ledger_url)

    assert render_faults(verified(opened)) == "the ledger is whole: 0 events; note its head elsewhere: none yet"
    assert show(opened, Asked()) == "no such event"
    opened.close()


def test_show_tells_who_looked_at_whom_and_how_to_go_on(ledger: Ledger) -> None:
    with ledger.write() as connection:
        record_event(
            connection,
            event(EventKind.LOOKED_UP, "ida", 60, plan=None, establishment=number(1), target="bht_use"),
        )
    text = show(ledger, Asked(establishment=number(1)), limit=2)

    assert text.splitlines() == [
        f"      6  2027-01-04T10:00:00  ida  looked_up  {number(1)}  bht_use  reason  because",
        f"      4  2027-01-04T09:03:00  planner  outcomes_recorded  plan {PLAN[:12]}  reason  because",
        "older ones: --before 4",
    ]
    assert "older" not in show(ledger, Asked(establishment=number(1)), before=4)
