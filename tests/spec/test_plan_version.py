"""Who acts on a plan says which version they saw; if it moved on meanwhile, they look again."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from targeting.domain import RefusedError
from targeting.ledger import Ledger, events_of, version_of
from targeting.planning import life
from targeting.planning.permissions import Person
from targeting.planning.refusals import ChangedSinceError, NotAllowedError
from tests.lib.plan_story import APPROVER, PLAN, PLANNER, by, found, new_ledger, plan_record
from tests.lib.small_country import number

OVERRIDE = ("capacity", "too far")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A plan that was drafted and proposed: version 2."""
    opened = new_ledger(tmp_path)
    with opened.write() as connection:
        life.draft(connection, by(), plan_record())
        life.propose(connection, by(), PLAN)
    return opened


ACTS: list[tuple[Callable[..., Any], Person, tuple[Any, ...]]] = [
    (life.approve, APPROVER, ()),
    (life.send_back, APPROVER, ()),
    (life.withdraw, PLANNER, ()),
    (life.remove_slot, PLANNER, (number(0),)),
    (life.swap_slot, PLANNER, (number(0),)),
    (life.add_slot, PLANNER, (number(77),)),
]


@pytest.mark.parametrize(("act", "person", "more"), ACTS, ids=lambda one: getattr(one, "__name__", ""))
def test_an_act_on_an_older_version_is_refused_and_on_the_newest_done(
    ledger: Ledger, act: Callable[..., Any], person: Person, more: tuple[Any, ...]
) -> None:
    code = "tip_or_incident" if act is life.add_slot else "capacity"
    who = by(person, code, "because")
    for expected in (1, 3):
        with pytest.raises(ChangedSinceError, match="changed since you saw it"), ledger.write() as connection:
            act(connection, replace(who, expected=expected), PLAN, *more)
    with ledger.write() as connection:
        assert version_of(connection, PLAN) == 2
        assert act(connection, replace(who, expected=2), PLAN, *more).version == 3


def test_outcomes_that_begin_the_plan_count_as_one_thing_seen(ledger: Ledger) -> None:
    with ledger.write() as connection:
        approved = life.approve(connection, by(APPROVER), PLAN)
        life.record(connection, replace(by(), expected=approved.version), PLAN, [found(0, True)])
    with pytest.raises(ChangedSinceError), ledger.write() as connection:
        life.record(connection, replace(by(), expected=approved.version), PLAN, [found(1, True)])
    with pytest.raises(ChangedSinceError), ledger.write() as connection:
        life.close(connection, replace(by(), expected=approved.version), PLAN)


def test_who_may_not_act_is_not_told_whether_the_plan_changed(ledger: Ledger) -> None:
    with pytest.raises(NotAllowedError) as refusal, ledger.write() as connection:
        life.remove_slot(connection, replace(by(APPROVER, *OVERRIDE), expected=1), PLAN, number(0))

    assert not isinstance(refusal.value, ChangedSinceError)


def test_looking_and_taking_out_does_not_change_what_others_saw(ledger: Ledger) -> None:
    with ledger.write() as connection:
        life.viewed(connection, by(APPROVER), PLAN, slots=6)
        life.exported(connection, by(APPROVER), PLAN, "csv", "0" * 64)
        assert life.approve(connection, replace(by(APPROVER), expected=2), PLAN).version == 3
        assert [one.kind for one in events_of(connection, PLAN)] == ["drafted", "proposed", "approved"]


def test_a_refusal_survives_the_way_between_processes() -> None:
    with pytest.raises(NotAllowedError) as refusal:
        life.check_can_act(life.PlanState.DRAFT, life.EventKind.APPROVED)
    again = pickle.loads(pickle.dumps(refusal.value))

    assert isinstance(again, RefusedError)
    assert (str(again), again.reason) == (str(refusal.value), refusal.value.reason)
