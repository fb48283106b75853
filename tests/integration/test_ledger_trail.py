"""The audit as an auditor asks it, and answers to requests that were sent twice; on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from targeting.domain import BadInputError
from targeting.ledger import (
    Answer,
    Asked,
    AuditEvent,
    EventKind,
    KeyReusedError,
    Ledger,
    WriteRequest,
    earlier_answer,
    files_of,
    forget_answers,
    record_event,
    record_looks,
    record_plan,
    remember,
    trail_of,
    verify,
    whole_trail,
)
from tests.lib.ledger_story import AT, EVENTS, PLAN, event, filled, plan
from tests.lib.small_country import number

SECRET = "d" * 64
ASKED = WriteRequest.of("key-1", "ada", "POST /v1/plans", b"{}")
ANSWER = Answer(201, '{"næring": 1}'.encode(), {"ETag": '"1"'})


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    """The small ledger, and after it: two look-ups, a sign-in, and a work-crime plan."""
    opened = filled(ledger_url)
    with opened.write() as connection:
        for minutes, (kind, actor, about) in enumerate(
            [
                (EventKind.LOOKED_UP, "ida", {"establishment": number(1), "target": "bht_use"}),
                (EventKind.LOOKED_UP, "eva", {"establishment": number(1), "target": "work_crime"}),
                (EventKind.SIGNED_IN, "ida", {}),
            ]
        ):
            record_event(connection, event(kind, actor, 60 + minutes, plan=None, **about))
        record_plan(connection, event(EventKind.DRAFTED, "eva", 90, plan=SECRET), plan(SECRET, "work_crime"))
    return opened


def kinds(ledger: Ledger, asked: Asked) -> list[str]:
    with ledger.read() as connection:
        return [f"{one.actor} {one.kind}" for one in trail_of(connection, asked).events]


def test_every_question_of_an_auditor(ledger: Ledger) -> None:
    of_plan = ["planner outcomes_recorded", "planner slot_swapped", "planner proposed", "planner drafted"]

    assert kinds(ledger, Asked(plan=PLAN)) == of_plan
    assert kinds(ledger, Asked(actor="ida")) == ["ida signed_in", "ida looked_up"]
    assert kinds(ledger, Asked(kinds=[EventKind.LOOKED_UP])) == ["eva looked_up", "ida looked_up"]
    assert kinds(ledger, Asked(since=AT + timedelta(minutes=62))) == ["eva drafted", "ida signed_in"]
    assert kinds(ledger, Asked(until=AT + timedelta(minutes=1))) == ["planner drafted"]
    assert len(kinds(ledger, Asked())) == EVENTS + 4


def test_the_whole_trail_goes_past_a_page(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for minutes in range(1_203):
            record_event(
                connection, event(EventKind.LOOKED_UP, "kim", 100 + minutes, plan=None, establishment=number(2))
            )
    with ledger.read() as connection:
        seen = [one.number for one in whole_trail(connection, Asked(actor="kim"))]

    assert len(set(seen)) == 1_203
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("looks", [1, 50, 51, 120])
def test_looks_kept_at_once_are_the_chain_that_one_by_one_makes(ledger: Ledger, looks: int) -> None:
    asked = [event(EventKind.LISTED, "kim", minutes, plan=None, target="bht_use") for minutes in range(looks)]
    with ledger.write() as connection:
        record_looks(connection, asked)
    with ledger.read() as connection:
        kept = list(whole_trail(connection, Asked(actor="kim")))

    assert [(one.kind, one.target, one.at) for one in reversed(kept)] == [
        (str(one.kind), one.target, one.moment) for one in asked
    ]
    assert verify(ledger) == ()


def test_who_saw_an_establishment_counts_the_plans_that_name_it(ledger: Ledger) -> None:
    """As a slot, as a standby that stepped in, and as a standby that was only named."""
    of_plans = [
        "eva drafted",
        "planner outcomes_recorded",
        "planner slot_swapped",
        "planner proposed",
        "planner drafted",
    ]

    assert kinds(ledger, Asked(establishment=number(1))) == [
        "eva drafted",
        "eva looked_up",
        "ida looked_up",
        *of_plans[1:],
    ]
    assert kinds(ledger, Asked(establishment=number(11))) == of_plans
    assert kinds(ledger, Asked(establishment=number(12))) == of_plans
    assert kinds(ledger, Asked(establishment=number(77))) == []


def test_events_of_a_hidden_target_are_not_there(ledger: Ledger) -> None:
    """Neither those that name the target nor those of its plans."""
    assert not any("eva" in one for one in kinds(ledger, Asked(hidden=["work_crime"])))
    assert len(kinds(ledger, Asked(hidden=["work_crime"]))) == EVENTS + 4 - 2
    assert kinds(ledger, Asked(plan=SECRET, hidden=["work_crime"])) == []


def test_pages_meet_without_gap_or_overlap_while_others_write(ledger: Ledger) -> None:
    seen: list[int] = []
    before: int | None = None
    while True:
        with ledger.write() as connection:
            record_event(connection, event(EventKind.LISTED, "late", plan=None))
            page = trail_of(connection, Asked(), before, limit=4)
        seen += [one.number for one in page.events]
        before = page.before
        if before is None:
            break

    assert seen == list(range(EVENTS + 4 + 1, 0, -1))


@pytest.mark.parametrize(("before", "limit"), [(None, 0), (None, 501), (-1, 5), (2**63, 5)])
def test_a_page_out_of_range_is_bad_input(ledger: Ledger, before: int | None, limit: int) -> None:
    with pytest.raises(BadInputError), ledger.read() as connection:
        trail_of(connection, Asked(), before, limit)


def test_a_file_sealed_anew_has_its_newest_hash(ledger: Ledger) -> None:
    with ledger.write() as connection:
        assert files_of(connection, PLAN) == {}
        for sha256 in ("1" * 64, "2" * 64):
            payload = {"files": {"frame.parquet": sha256}}
            record_event(connection, AuditEvent(EventKind.SCORES_DELETED, "job", AT, PLAN, payload=payload))
        assert files_of(connection, PLAN) == {"frame.parquet": "2" * 64}
    assert verify(ledger) == ()


def test_the_same_request_twice_gets_the_first_answer(ledger: Ledger) -> None:
    with ledger.write() as connection:
        assert earlier_answer(connection, ASKED) is None
        remember(connection, ASKED, ANSWER, AT)
    with ledger.write() as connection:
        assert earlier_answer(connection, ASKED) == ANSWER


def test_a_key_belongs_to_one_request_of_one_person(ledger: Ledger) -> None:
    others = [
        WriteRequest.of("key-1", "ada", "POST /v1/plans", b"[]"),
        WriteRequest.of("key-1", "ada", "POST /v1/plans", b"{}", 'If-Match: "2"'),
        WriteRequest.of("key-1", "ada", "POST /v1/trials", b"{}"),
    ]
    with ledger.write() as connection:
        remember(connection, ASKED, ANSWER, AT)
        for other in others:
            with pytest.raises(KeyReusedError, match="another"):
                earlier_answer(connection, other)
        assert earlier_answer(connection, WriteRequest.of("key-1", "bo", "POST /v1/plans", b"[]")) is None


def test_an_act_that_failed_may_be_tried_again_with_its_key(ledger: Ledger) -> None:
    with pytest.raises(RuntimeError), ledger.write() as connection:
        remember(connection, ASKED, ANSWER, AT)
        raise RuntimeError
    with ledger.write() as connection:
        assert earlier_answer(connection, ASKED) is None


def test_twenty_at_once_with_one_key_act_once(ledger: Ledger) -> None:
    def send(_turn: int) -> Answer:
        with ledger.write() as connection:
            if earlier := earlier_answer(connection, ASKED):
                return earlier
            record_event(connection, event(EventKind.SLOT_ADDED, "twice"))
            remember(connection, ASKED, ANSWER, AT)
            return ANSWER

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))

    assert answers == [ANSWER] * 20
    assert kinds(ledger, Asked(actor="twice")) == ["twice slot_added"]


def test_answers_are_forgotten_by_age_and_only_they(ledger: Ledger) -> None:
    with ledger.write() as connection:
        remember(connection, ASKED, ANSWER, AT)
        remember(connection, WriteRequest.of("key-2", "ada", "POST /v1/plans", b"{}"), ANSWER, AT + timedelta(days=1))
        assert forget_answers(connection, AT + timedelta(days=1)) == 1
        assert earlier_answer(connection, ASKED) is None
    assert verify(ledger) == ()
