"""Overrides are scored by reason, never by person, and small numbers are withheld."""

from __future__ import annotations

from targeting.feedback.overrides import OverrideScore, score_overrides
from targeting.ledger import SlotChange, SlotChangeKind
from tests.lib.small_country import number


def swap(index: int, code: str, planner: str = "ada") -> SlotChange:
    return SlotChange(SlotChangeKind.SWAP, number(index), planner, code, "why", taken=number(100 + index), score=0.4)


def test_a_reason_is_scored_by_what_was_given_up_and_gained() -> None:
    changes = [swap(i, "recent_contact") for i in range(6)]
    scores = {number(i): 0.5 for i in range(6)}
    breaches = {number(100 + i): i < 2 for i in range(5)}

    assert score_overrides(changes, scores, breaches) == (OverrideScore("recent_contact", 6, 6 * 0.5, 5, 2),)


def test_fewer_than_five_are_counted_together_and_nothing_more() -> None:
    changes = [swap(i, "capacity") for i in range(4)] + [swap(i, "other") for i in range(4, 6)]

    assert score_overrides(changes, {}, {number(100): True}) == (OverrideScore("withheld", 4 + 2, None, None, None),)


def test_what_newcomers_showed_is_withheld_below_five() -> None:
    changes = [swap(i, "capacity") for i in range(5)]
    (score,) = score_overrides(changes, {}, {number(100): True, number(101): False})

    assert (score.newcomers_inspected, score.gained) == (None, None)


def test_who_overrode_changes_nothing_and_is_nowhere_in_the_table() -> None:
    ada = [swap(i, "capacity", "ada") for i in range(5)]
    mixed = [swap(i, "capacity", "bo" if i % 2 else "ada") for i in range(5)]

    assert score_overrides(ada, {}, {}) == score_overrides(mixed, {}, {})
    assert "ada" not in str(score_overrides(mixed, {}, {}))


def test_no_overrides_no_rows() -> None:
    assert score_overrides([], {}, {}) == ()
