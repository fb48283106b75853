"""Weights, weighted metrics and bounds on numbers small enough to be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from targeting.evaluation import metrics
from targeting.evaluation.bounds import Bounds, labelled_share, mean_bounds, recall_bounds, score_bounds
from targeting.evaluation.propensity import overlap
from targeting.evaluation.weighted_metrics import (
    clustered_interval,
    weighted_auc,
    weighted_average_precision,
    weighted_brier,
    weighted_calibration,
    weighted_calibration_error,
    weighted_log_loss,
)
from targeting.evaluation.weighting import (
    mean_of,
    ratio_of,
    share_of,
    stabilised_weights,
    top_membership,
    training_weights,
)

RANDOM = np.random.default_rng(4)
SCORES = np.round(RANDOM.random(400), 2)
LABELS = (RANDOM.random(400) < SCORES).astype(float)
EVEN = np.ones(400)
ALONE = np.arange(400)


def test_a_weighted_share_is_hajeks_ratio() -> None:
    """Two labelled with weight 1 and one with weight 3, the last without a breach: (1 + 0) / (1 + 1 + 3)."""
    one = share_of(np.array([1.0, 0.0, 0.0, 1.0]), np.array([1.0, 1.0, 3.0, 0.0]), np.arange(4))
    assert one is not None
    assert one.value == pytest.approx(1 / (1 + 1 + 3))
    assert one.rows == 3
    assert one.effective == pytest.approx((1 + 1 + 3) ** 2 / (1 + 1 + 9))
    assert 0.0 <= one.low < one.value < one.high <= 1.0


def test_nobody_labelled_gives_no_estimate() -> None:
    nobody = np.zeros(3)
    assert share_of(nobody, nobody, np.arange(3)) is None
    assert ratio_of(nobody, nobody, np.arange(3)) is None
    assert mean_of(nobody, nobody, np.arange(3), 3.0) is None


@pytest.mark.parametrize("outcome", [0.0, 1.0])
@pytest.mark.parametrize("rows", [1, 2, 6])
def test_outcomes_that_all_agree_prove_no_certainty(outcome: float, rows: int) -> None:
    one = share_of(np.full(rows, outcome), np.ones(rows), np.arange(rows))
    assert one is not None
    assert one.value == outcome
    assert one.high - one.low > 0.3
    assert one.low <= outcome <= one.high


def test_rows_of_one_enterprise_are_not_as_many_answers() -> None:
    twice = np.repeat(LABELS[:100], 4)
    apart, together = (share_of(twice, EVEN, ids) for ids in (ALONE, np.repeat(np.arange(100), 4)))
    assert apart is not None
    assert together is not None
    assert together.value == apart.value
    assert together.high - together.low == pytest.approx(2 * (apart.high - apart.low), rel=0.05)


def test_the_clip_caps_a_weight_and_a_propensity_of_zero_breaks_nothing() -> None:
    assert stabilised_weights(np.array([0.1, 0.0, 0.05]), 0.1, clip=5.0).tolist() == [1.0, 5.0, 2.0]


def test_training_weights_have_mean_one_and_favour_whom_few_inspect() -> None:
    weights = training_weights(np.array([0.5, 0.1, 0.1, 0.0001]), clip=3.0)
    assert weights.mean() == pytest.approx(1.0)
    assert weights[3] > weights[1] == weights[2] >= weights[0]
    assert weights[3] <= 3.0 * 4 / 1.0


def test_a_list_drawn_from_a_sample_holds_k_places_by_what_rows_stand_for() -> None:
    scores, sizes = np.array([0.9, 0.8, 0.8, 0.1]), np.array([1.0, 5.0, 5.0, 5.0])
    member = top_membership(scores, 6, sizes)
    assert member.tolist() == [1.0, 0.5, 0.5, 0.0]
    assert (member * sizes).sum() == 1 + 5 * 0.5 + 5 * 0.5


def test_a_list_longer_than_the_cohort_holds_everybody() -> None:
    assert top_membership(np.array([0.2, 0.1]), 300, np.ones(2)).tolist() == [1.0, 1.0]


def test_precision_by_membership_is_precision_with_ties_in_expectation() -> None:
    for k in (1, 37, 200, 400):
        member = top_membership(SCORES, k, EVEN)
        assert (member * LABELS).sum() / member.sum() == pytest.approx(metrics.precision_at(SCORES, LABELS, k))


def test_even_weights_give_the_plain_metrics() -> None:
    assert weighted_auc(SCORES, LABELS, EVEN) == pytest.approx(metrics.auc(SCORES, LABELS))
    assert weighted_average_precision(SCORES, LABELS, EVEN) == pytest.approx(metrics.average_precision(SCORES, LABELS))
    assert weighted_brier(SCORES, LABELS, EVEN) == pytest.approx(metrics.brier(SCORES, LABELS))
    assert weighted_log_loss(SCORES, LABELS, EVEN) == pytest.approx(metrics.log_loss(SCORES, LABELS))
    assert weighted_calibration_error(SCORES, LABELS, EVEN) == pytest.approx(
        metrics.calibration_error(SCORES, LABELS), abs=0.01
    )


def test_a_weight_of_two_is_the_row_twice() -> None:
    weights, twice = np.where(ALONE % 3 == 0, 2.0, 1.0), np.repeat(ALONE, np.where(ALONE % 3 == 0, 2, 1))
    for metric in (weighted_auc, weighted_average_precision, weighted_brier, weighted_log_loss):
        assert metric(SCORES, LABELS, weights) == pytest.approx(
            metric(SCORES[twice], LABELS[twice], np.ones(len(twice)))
        )
    fits = (
        weighted_calibration(SCORES, LABELS, weights),
        weighted_calibration(SCORES[twice], LABELS[twice], np.ones(len(twice))),
    )
    assert fits[0].coefficients == pytest.approx(fits[1].coefficients)


def test_one_kind_of_outcome_has_no_order() -> None:
    assert math.isnan(weighted_auc(SCORES, EVEN, EVEN))
    assert math.isnan(weighted_average_precision(SCORES, np.zeros(400), EVEN))
    assert clustered_interval(lambda times: weighted_auc(SCORES, EVEN, times), ALONE, 400, 1) is None


def test_a_bootstrap_of_enterprises_is_wider_than_one_of_rows() -> None:
    twice = np.repeat(LABELS[:100], 4)

    def rate(times: np.ndarray) -> float:
        return float(np.average(twice, weights=times))

    rows = clustered_interval(rate, ALONE, 400, 1, draws=200)
    enterprises = clustered_interval(rate, np.repeat(np.arange(100), 4), 400, 1, draws=200)
    assert rows is not None
    assert enterprises is not None
    assert enterprises.high - enterprises.low > 1.5 * (rows.high - rows.low)


def test_bounds_assume_nothing_of_the_unlabelled() -> None:
    """Four places, one labelled with a breach, one without: 1 of 4 at worst, 3 of 4 at best."""
    outcome = np.array([1.0, 0.0, np.nan, np.nan])
    assert mean_bounds(outcome, np.ones(4)) == Bounds(1 / 4, (1 + 2) / 4)
    assert mean_bounds(outcome, np.ones(4), most=3.0) == Bounds(1 / 4, (1 + 2 * 3) / 4)
    assert labelled_share(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 1.0, 1.0, 5.0])) == 2 / 8


def test_recall_at_worst_has_every_unknown_breach_outside_the_list() -> None:
    outcome = np.array([1.0, np.nan, 1.0, np.nan, np.nan])
    inside = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    assert recall_bounds(outcome, inside, np.ones(5)) == Bounds(1 / (1 + 3), 2 / (2 + 1))
    assert recall_bounds(np.zeros(5), inside, np.ones(5)) is None


def test_probability_scores_at_worst_meet_the_less_expected_outcome() -> None:
    found = score_bounds(np.array([0.8, 0.3]), np.array([1.0, np.nan]), np.ones(2), logarithmic=False)
    assert found == pytest.approx(Bounds((0.2**2 + 0.7**2) / 2, (0.2**2 + 0.3**2) / 2))


def test_bounds_hold_whatever_the_unlabelled_turn_out_to_be() -> None:
    random = np.random.default_rng(8)
    for _ in range(50):
        truth, seen = (random.random(60) < 0.4).astype(float), random.random(60) < 0.3
        member, given = random.random(60), random.random(60)
        known = np.where(seen, truth, np.nan)
        share, recall = mean_bounds(known, member), recall_bounds(known, member, np.ones(60))
        loss = score_bounds(given, known, np.ones(60), logarithmic=True)
        assert share.worst <= (truth * member).sum() / member.sum() <= share.best
        assert recall is not None
        assert recall.worst <= (truth * member).sum() / truth.sum() <= recall.best
        assert loss.best <= weighted_log_loss(given, truth, np.ones(60)) <= loss.worst


def test_overlap_says_for_whom_the_labelled_hardly_speak() -> None:
    propensity, labelled = np.array([0.2, 0.2, 0.2, 0.001]), np.array([1.0, 1.0, 0.0, 0.0])
    found = overlap(propensity, labelled, np.array([1.0, 1.0, 4.0, 4.0]), clip=10.0)
    assert found.cohort == 1 + 1 + 4 + 4
    assert found.expected == pytest.approx(0.2 * 6 + 0.001 * 4)
    assert found.under_floor == pytest.approx(4 / 10)
    assert found.effective == pytest.approx(2.0)
    assert (found.labelled, found.clipped) == (2, 0.0)
