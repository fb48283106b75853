"""The life of a plan, as rules a planner can read."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from targeting.domain import BadInputError, RefusedError
from targeting.ledger import OUTSIDE_PLANS, EventKind, Ledger, verify
from targeting.planning import life
from targeting.planning.current_slots import How
from targeting.planning.permissions import (
    Person,
    Role,
    can_approve,
    can_plan,
    can_record_outcomes,
    can_see_plan,
)
from targeting.planning.policies import NOT_INSPECTED_REASONS, OVERRIDE_REASONS, can_act, can_override
from targeting.planning.refusals import NotAllowedError
from targeting.planning.states import ACTS, TRANSITIONS, PlanState, diagram, next_state, state_after
from tests.lib.plan_story import APPROVER, PLAN, PLANNER, by, found, missed, new_ledger, plan_record
from tests.lib.small_country import number

STATES = """
             proposed  returned  approved     begun        closed  withdrawn  slot_added  slot_removed  slot_swapped  outcomes_recorded  exported
draft        proposed  -         -            -            -       withdrawn  =           =             =             -                  =
proposed     -         draft     approved     -            -       withdrawn  =           =             =             -                  =
approved     -         -         -            in_progress  -       withdrawn  -           -             -             -                  =
in_progress  -         -         -            -            closed  -          -           -             =             =                  =
closed       -         -         -            -            -       -          -           -             -             -                  =
withdrawn    -         -         -            -            -       -          -           -             -             -                  =
"""  # noqa: E501 - a table is read as a table


def test_the_table_of_states_and_acts() -> None:
    lines = [line.split() for line in STATES.strip().splitlines()]
    acts, rows = lines[0], lines[1:]

    assert {row[0] for row in rows} == set(PlanState)
    for row in rows:
        for act, cell in zip(acts, row[1:], strict=True):
            moved = next_state(PlanState(row[0]), EventKind(act))
            expected = None if cell == "-" else PlanState(row[0] if cell == "=" else cell)
            assert moved is expected, (row[0], act)
            assert can_act(PlanState(row[0]), EventKind(act)) is (expected is not None)


def test_every_act_but_those_outside_a_life_is_in_the_table() -> None:
    assert {one.act for one in TRANSITIONS} | set(ACTS) == set(EventKind) - OUTSIDE_PLANS - {EventKind.DRAFTED}


def test_the_page_of_states_is_fresh(repository: Path) -> None:
    page = repository / "docs" / "reference" / "plan-states.md"

    assert page.read_text("utf-8") == diagram(), "run: python -m pipelines plan-life states"


def test_a_history_that_cannot_have_been_is_refused() -> None:
    assert state_after(["drafted", "proposed", "returned", "proposed", "approved"]) is PlanState.APPROVED
    for history in (["proposed"], ["drafted", "approved"], ["drafted", "drafted"]):
        with pytest.raises((BadInputError, KeyError)):
            state_after(history)


ROLES = """
                 see   see_akrim  plan   plan_akrim  approve  outcomes
nobody           no    no         no     no          no       no
planner          yes   no         yes    no          no       yes
approver         yes   no         no     no          yes      no
data_scientist   yes   no         no     no          no       no
akrim_analyst    yes   yes        no     no          no       no
auditor          yes   no         no     no          no       no
administrator    no    no         no     no          no       no
"""


def test_the_table_of_roles() -> None:
    for line in ROLES.strip().splitlines()[1:]:
        role, *cells = line.split()
        person = Person("eva", frozenset() if role == "nobody" else frozenset({Role(role)}))
        author = frozenset({"ada"})
        got = (
            can_see_plan(person, "bht_use"),
            can_see_plan(person, "work_crime"),
            can_plan(person, "bht_use"),
            can_plan(person, "work_crime"),
            can_approve(person, "bht_use", author),
            can_record_outcomes(person, "bht_use"),
        )
        assert got == tuple(cell == "yes" for cell in cells), role


def test_an_akrim_planner_needs_both_roles() -> None:
    both = Person("eva", frozenset({Role.PLANNER, Role.AKRIM_ANALYST}))

    assert can_plan(both, "work_crime")


def test_a_machine_approves_nothing() -> None:
    machine = Person("maskin", frozenset(Role), machine=True)

    assert can_plan(machine, "bht_use")
    assert not can_approve(machine, "bht_use", frozenset({"ada"}))


@pytest.mark.parametrize("name", ["ada", "Ada", " ADA "])
def test_nobody_approves_what_they_made(name: str) -> None:
    assert not can_approve(Person(name, frozenset({Role.APPROVER})), "bht_use", frozenset({"ada"}))


def test_every_refusal_speaks_both_languages() -> None:
    for state, act in product(PlanState, EventKind):
        if act in {EventKind.DRAFTED, *OUTSIDE_PLANS} or can_act(state, act):
            continue
        with pytest.raises(NotAllowedError) as refusal:
            life.check_can_act(state, act)
        assert refusal.value.reason.nb != refusal.value.reason.en


def test_an_override_needs_a_known_code_and_a_text() -> None:
    draft, removed = PlanState.DRAFT, EventKind.SLOT_REMOVED

    assert all(can_override(draft, removed, code, "why") for code in OVERRIDE_REASONS)
    assert not can_override(draft, removed, "local_knowledge", "  ")
    assert not can_override(draft, removed, "because", "why")
    assert not can_override(draft, EventKind.SLOT_ADDED, "capacity", "why")
    assert all(can_override(PlanState.IN_PROGRESS, EventKind.SLOT_SWAPPED, c, "why") for c in NOT_INSPECTED_REASONS)
    assert not can_override(PlanState.IN_PROGRESS, EventKind.SLOT_SWAPPED, "local_knowledge", "why")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    opened = new_ledger(tmp_path)
    with opened.write() as connection:
        life.draft(connection, by(), plan_record())
        life.propose(connection, by(), PLAN)
    return opened


def test_a_plan_lives_from_draft_to_closed(ledger: Ledger) -> None:
    with ledger.write() as connection:
        approved = life.approve(connection, by(APPROVER), PLAN)
        assert (approved.state, approved.frozen is not None) == (PlanState.APPROVED, True)

        replaced = life.record(connection, by(), PLAN, [found(0, True), missed(1), missed(3, "no_capacity")])
        assert replaced == (life.Replacement(number(1), number(30)),)

        with pytest.raises(NotAllowedError, match="4 slots"):
            life.close(connection, by(), PLAN)
        life.record(connection, by(), PLAN, [found(30, False), *(found(i, False) for i in (2, 4, 5))])
        closed = life.close(connection, by(), PLAN)

    assert closed.state is PlanState.CLOSED
    assert [one.establishment for one in closed.slots][1] == number(30)
    assert verify(ledger) == ()


def test_the_author_cannot_approve_even_with_the_role(ledger: Ledger) -> None:
    with pytest.raises(NotAllowedError, match="another person"), ledger.write() as connection:
        life.approve(connection, by(PLANNER), PLAN)


def test_who_overrode_a_slot_cannot_approve(ledger: Ledger) -> None:
    both = Person("bo", frozenset({Role.APPROVER, Role.PLANNER}))
    with ledger.write() as connection:
        life.remove_slot(connection, by(both, "capacity", "too far"), PLAN, number(0))
    with pytest.raises(NotAllowedError, match="another person"), ledger.write() as connection:
        life.approve(connection, by(both), PLAN)


def test_an_approver_freezes_what_they_saw(ledger: Ledger) -> None:
    with ledger.write() as connection:
        seen = life.live_plan(connection, PLAN).hash
        life.remove_slot(connection, by(PLANNER, "capacity", "too far"), PLAN, number(0))
    with pytest.raises(NotAllowedError, match="changed since"), ledger.write() as connection:
        life.approve(connection, by(APPROVER), PLAN, seen)


def test_an_override_never_deletes_what_was_proposed(ledger: Ledger) -> None:
    with ledger.write() as connection:
        life.swap_slot(connection, by(PLANNER, "recent_contact", "seen in November"), PLAN, number(0))
        life.remove_slot(connection, by(PLANNER, "capacity", "too far"), PLAN, number(1))
        now = life.add_slot(connection, by(PLANNER, "tip_or_incident", "a tip"), PLAN, number(77))

    assert [one.slot.establishment for one in now.record.slots] == [number(i) for i in range(6)]
    assert [(one.establishment, one.how) for one in now.slots] == [
        (number(20), How.STANDBY),
        *((number(i), How.PROPOSED) for i in (2, 3, 4, 5)),
        (number(77), How.ADDED),
    ]
    assert [one.text for one in now.changes] == ["seen in November", "too far", "a tip"]


def test_an_approved_plan_is_frozen(ledger: Ledger) -> None:
    with ledger.write() as connection:
        before = life.approve(connection, by(APPROVER), PLAN)
    for act in (life.remove_slot, life.swap_slot):
        with pytest.raises(NotAllowedError, match="frozen"), ledger.write() as connection:
            act(connection, by(PLANNER, "capacity", "too far"), PLAN, number(0))
    with ledger.read() as connection:
        after = life.live_plan(connection, PLAN)

    assert before.frozen is not None
    assert after.hash == before.frozen.payload["hash"]


def test_the_second_standby_comes_when_the_first_falls_out_and_then_nobody(ledger: Ledger) -> None:
    with ledger.write() as connection:
        life.approve(connection, by(APPROVER), PLAN)
        first = life.record(connection, by(), PLAN, [missed(0)])
        second = life.record(connection, by(), PLAN, [missed(20)])
        third = life.record(connection, by(), PLAN, [missed(21)])

    assert [one.taken for (one,) in (first, second, third)] == [number(20), number(21), None]


def test_outcomes_of_strangers_are_refused_whole(ledger: Ledger) -> None:
    with ledger.write() as connection:
        life.approve(connection, by(APPROVER), PLAN)
    with pytest.raises(BadInputError, match="1 others"), ledger.write() as connection:
        life.record(connection, by(), PLAN, [found(0, True), found(99, True)])
    with ledger.read() as connection:
        assert life.live_plan(connection, PLAN).state is PlanState.APPROVED


def test_the_same_plan_is_not_drafted_twice(ledger: Ledger) -> None:
    with pytest.raises(RefusedError, match="same content"), ledger.write() as connection:
        life.draft(connection, by(), plan_record())


def test_a_plan_sent_back_can_be_changed_and_proposed_again(ledger: Ledger) -> None:
    with ledger.write() as connection:
        life.send_back(connection, by(APPROVER, text="one too many in Oslo"), PLAN)
        life.remove_slot(connection, by(PLANNER, "capacity", "one less in Oslo"), PLAN, number(0))
        life.propose(connection, by(), PLAN)
        approved = life.approve(connection, by(APPROVER), PLAN)

    assert (approved.state, len(approved.slots)) == (PlanState.APPROVED, 6 - 1)
