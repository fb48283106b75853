"""What a plan tells, on numbers small enough to check by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from targeting.domain import Arm, BadInputError, Slot
from targeting.feedback.arms import SlotOutcome, calibration, hit_rates, price_paid
from targeting.feedback.drawn import Drawn, Frame, draw_of
from targeting.feedback.estimates import Estimator, prevalence
from targeting.feedback.plan_result import frame_from_table, plan_result
from targeting.ledger import Outcome, OutcomeResult, PlanRecord, ProposedSlot
from targeting.planning.frame import drawing_frame
from tests.lib.small_country import number


def slot(index: int, arm: Arm, score: float, breach: bool | None) -> SlotOutcome:
    return SlotOutcome(number(index), arm, score, breach)


def test_hit_rates_count_the_inspected_only() -> None:
    slots = [slot(0, Arm.RANKED, 0.9, True), slot(1, Arm.RANKED, 0.8, None), slot(2, Arm.EXPLORATION, 0.3, False)]
    ranked, drawn = hit_rates(slots)

    assert (ranked.slots, ranked.inspected, ranked.hits, ranked.expected) == (2, 1, 1, 0.9)
    assert (drawn.slots, drawn.inspected, drawn.hits) == (1, 1, 0)


def test_calibration_withholds_small_bins() -> None:
    slots = [slot(i, Arm.RANKED, 0.9, i < 3) for i in range(5)] + [slot(9, Arm.RANKED, 0.1, True)]
    bins = calibration(slots)

    assert [one.inspected for one in bins] == [1, 0, 0, 0, 5]
    assert bins[0].rate is None
    assert bins[4].rate is not None
    assert bins[4].rate.estimate == 3 / 5


def test_the_price_compares_the_draw_with_the_ranked_beside_it() -> None:
    ranked = [slot(i, Arm.RANKED, 0.9 - i / 100, i >= 2) for i in range(4)]
    drawn = [slot(10, Arm.EXPLORATION, 0.1, True), slot(11, Arm.EXPLORATION, 0.2, False)]

    assert price_paid([*ranked, *drawn], 1.25) == (1.25, (2 / 2 - 1 / 2) * 2, 2)


def frame(size: int = 100, probability: float = 0.1) -> Frame:
    names = tuple(sorted(number(i) for i in range(size)))
    score = np.linspace(0.9, 0.1, size)
    nobody = np.zeros(size, dtype=bool)
    half = np.arange(size) < size // 2
    return Frame(names, score, np.full(size, probability), np.arange(size) // (size // 2), nobody, {"top": half})


def test_the_three_estimators_by_hand() -> None:
    where = frame()
    places = np.arange(0, 100, 10)
    found = prevalence(where, Drawn(places, np.array([1.0] * 5 + [0.0] * 5), np.zeros(0)))

    assert found is not None
    assert found.by[Estimator.HORVITZ_THOMPSON].estimate == pytest.approx(5 / 0.1 / 100)
    assert found.by[Estimator.HAJEK].estimate == pytest.approx(5 / 10)
    correction = (5 - where.score[places].sum()) / 0.1
    assert found.by[Estimator.DIFFERENCE].estimate == pytest.approx((where.score.sum() + correction) / 100)


def test_an_area_speaks_for_itself() -> None:
    where = frame()
    found = prevalence(
        where, Drawn(np.arange(0, 100, 10), np.array([1.0] * 5 + [0.0] * 5), np.zeros(0)), where.areas["top"]
    )

    assert found is not None
    assert (found.establishments, found.sampled) == (50, 5)
    assert found.by[Estimator.HAJEK].estimate == 1.0
    assert found.by[Estimator.HAJEK].low < 0.8  # five hits of five do not prove certainty


def test_somebody_drawn_outside_the_frame_is_an_error() -> None:
    with pytest.raises(BadInputError, match="1 outside"):
        draw_of(frame(), {number(9999): 1.0}, {})


def plan_and_frame() -> tuple[PlanRecord, Frame]:
    where = frame()
    drawn, ranked = where.establishments[::10], where.establishments[1:6]
    slots = [ProposedSlot(Slot(name, Arm.RANKED, 1.0, 0.85)) for name in ranked]
    slots += [ProposedSlot(Slot(name, Arm.EXPLORATION, 0.1, 0.5)) for name in drawn]
    prices = {"prices": [{"rule": "exploration share 0.1", "price": 2.5}, {"rule": "at most 1", "price": 1.0}]}
    return PlanRecord("e" * 64, "r", "bht_use", {}, tuple(slots), summary=prices), where


def outcome(name: str, breach: bool | None) -> Outcome:
    inspected = breach is not None
    return Outcome(
        name,
        OutcomeResult.INSPECTED if inspected else OutcomeResult.NOT_INSPECTED,
        breach,
        None if inspected else "moved",
        date(2027, 2, 1) if inspected else None,
        date(2027, 3, 1),
    )


def test_a_standby_is_in_nobodys_estimate() -> None:
    record, where = plan_and_frame()
    found = [outcome(one.slot.establishment, place % 2 == 0) for place, one in enumerate(record.slots)]
    without = plan_result(record, [], found, where)
    with_standby = plan_result(record, [], [*found, outcome(number(5000), True)], where)

    assert without == with_standby
    assert without.price.expected == 2.5
    assert without.lift is not None


def test_missing_outcomes_are_said() -> None:
    record, where = plan_and_frame()
    found = [outcome(one.slot.establishment, True) for one in record.slots[:-2]]
    found.append(outcome(record.slots[-1].slot.establishment, None))
    result = plan_result(record, [], found, where)

    assert result.without_outcome == 2
    assert result.cohort is not None
    assert result.cohort.missing == 2


def test_before_any_outcome_nothing_is_claimed() -> None:
    record, where = plan_and_frame()
    result = plan_result(record, [], [], where)

    assert (result.cohort, result.lift, result.naive_rate) == (None, None, None)


def tables(problem: dict[str, object]) -> tuple[dict[str, object], pa.Table, pa.Table]:
    names = sorted(number(i) for i in range(6))
    chances = pa.table(
        {
            "establishment": names,
            "score": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
            "excluded_because": [None, None, None, None, "in_no_plan", "bankrupt"],
            "probability": [0.25, 0.25, 0.25, 0.25, 0.0, None],
            "score_bin": [0, 0, 0, 0, None, None],
        }
    )
    rows = pa.table({"establishment": names, "enterprise": ["a", "b", "b", "c", "d", "e"]})
    empty: dict[str, object] = {"at_least": [], "at_most": [], "total": [], "at_most_per": []}
    whole = {"capacity": 4, "objective": {"kind": "breaches"}, **empty, **problem}
    document = {"problem": whole, "candidates": {"eligible": 5}, "exploration": {"slots": 1}}
    return document, chances, rows


@pytest.mark.parametrize(
    ("problem", "certain"),
    [
        ({}, [True, True, True, False, False]),
        ({"at_most_per": [{"column": "enterprise", "count": 1}]}, [True, False, False, False, False]),
        ({"at_most": [{"where": {}, "count": 1}]}, [False] * 5),
        ({"objective": {"kind": "employees"}}, [False] * 5),
    ],
)
def test_who_is_in_every_plan_is_known_only_where_it_is_sure(problem: dict[str, object], certain: list[bool]) -> None:
    made = drawing_frame(*tables(problem))

    assert made.column("certain").to_pylist() == certain
    assert frame_from_table(made).uncovered == 1
