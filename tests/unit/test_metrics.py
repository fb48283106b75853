"""Metrics against an independent library, by hand where ties are concerned, and at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from targeting.evaluation.metrics import (
    auc,
    average_precision,
    bootstrap_error,
    brier,
    calibration_error,
    capacity_in,
    log_loss,
    measure,
    precision_at,
)

TIED = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.sampled_from([0.0, 1.0])), min_size=4, max_size=60)


@settings(deadline=None, max_examples=60)
@given(rows=TIED)
def test_rank_metrics_agree_with_sklearn_ties_included(rows: list[tuple[float, float]]) -> None:
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    if labels.min() == labels.max():
        return
    assert auc(scores, labels) == pytest.approx(oracle.roc_auc_score(labels, scores))
    assert average_precision(scores, labels) == pytest.approx(oracle.average_precision_score(labels, scores))


@settings(deadline=None, max_examples=60)
@given(rows=TIED, data=st.data())
def test_precision_with_ties_is_the_mean_over_all_orders_of_the_tied(
    rows: list[tuple[float, float]], data: st.DataObject
) -> None:
    scores, labels = (np.array(column) for column in zip(*rows, strict=True))
    k = data.draw(st.integers(1, len(rows)))
    draws = np.random.default_rng(0).random((4000, len(rows)))
    orders = np.lexsort((draws, np.broadcast_to(-scores, draws.shape)))[:, :k]
    assert precision_at(scores, labels, k) == pytest.approx(labels[orders].mean(), abs=0.05)


def test_precision_counts_a_tie_at_the_cut_in_part() -> None:
    scores, labels = np.array([0.9, 0.5, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0, 1.0])
    assert precision_at(scores, labels, 2) == pytest.approx((1 + 1 * 1 / 3) / 2)
    assert precision_at(scores, labels, 5) == pytest.approx(3 / 5)


def test_a_ranking_that_says_nothing_finds_the_base_rate() -> None:
    scores, labels = np.zeros(200), np.r_[np.ones(50), np.zeros(150)]
    assert precision_at(scores, labels, 10) == pytest.approx(50 / 200)
    assert auc(scores, labels) == pytest.approx(0.5)
    assert average_precision(scores, labels) == pytest.approx(50 / 200)


def test_probability_metrics_agree_with_sklearn() -> None:
    draw = np.random.default_rng(3)
    probabilities = draw.random(500)
    labels = (draw.random(500) < probabilities).astype(float)
    assert brier(probabilities, labels) == pytest.approx(oracle.brier_score_loss(labels, probabilities))
    assert log_loss(probabilities, labels) == pytest.approx(oracle.log_loss(labels, probabilities))


def test_calibration_error_is_the_mean_gap_of_equal_groups() -> None:
    probabilities = np.r_[np.full(50, 0.2), np.full(50, 0.8)]
    labels = np.r_[np.ones(20), np.zeros(30), np.ones(40), np.zeros(10)]
    assert calibration_error(probabilities, labels, bins=2) == pytest.approx((0.2 + 0.0) / 2)


def test_metrics_without_a_breach_are_not_a_number_and_do_not_crash() -> None:
    measured = measure(np.array([0.1, 0.2]), np.array([0.1, 0.2]), np.zeros(2), 1)
    assert math.isnan(measured.auc)
    assert math.isnan(measured.average_precision)
    assert measured.precision_at_k == 0.0


@pytest.mark.parametrize(("rows", "capacity", "k"), [(10_000, 300, 300), (200, 300, 40), (3, 300, 1)])
def test_k_is_the_capacity_but_at_most_a_fifth_of_the_rows(rows: int, capacity: int, k: int) -> None:
    assert capacity_in(rows, capacity) == k


def test_bootstrap_error_of_a_mean_is_near_the_textbook_one() -> None:
    labels = np.r_[np.ones(300), np.zeros(700)]
    error = bootstrap_error(lambda rows: float(labels[rows].mean()), 1000, seed=5, draws=400)
    assert error == pytest.approx(math.sqrt(0.3 * 0.7 / 1000), rel=0.15)
    assert error == bootstrap_error(lambda rows: float(labels[rows].mean()), 1000, seed=5, draws=400)
