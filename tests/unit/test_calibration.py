"""Calibration makes probabilities of an order, and never changes the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.modelling.calibration import UNCALIBRATED, fit_calibrator, probability_of
from targeting.modelling.fitting import ridge_logistic


def overconfident(rows: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    truth = draw.normal(0.0, 1.0, rows)
    labels = (draw.random(rows) < probability_of(truth)).astype(float)
    return 3.0 * truth + 1.0, labels, probability_of(truth)


@pytest.mark.parametrize(("rows", "kind"), [(2_000, "sigmoid"), (20_000, "isotonic")])
def test_overconfident_log_odds_become_the_true_probabilities(rows: int, kind: str) -> None:
    raw, labels, truth = overconfident(rows)
    calibrator = fit_calibrator(raw, labels)
    assert calibrator.kind == kind
    assert np.abs(calibrator.probability(raw) - truth).mean() < 0.02


@pytest.mark.parametrize("rows", [500, 20_000])
def test_the_interval_holds_the_probability_and_mostly_the_truth(rows: int) -> None:
    raw, labels, truth = overconfident(rows)
    calibrator = fit_calibrator(raw, labels)
    probability = calibrator.probability(raw)
    low, high = calibrator.interval(probability)
    assert np.all((low >= 0.0) & (low <= probability) & (probability <= high) & (high <= 1.0))
    assert np.mean((low <= truth) & (truth <= high)) > 0.93


@settings(deadline=None, max_examples=40)
@given(rows=st.sampled_from([80, 400, 6_000]), seed=st.integers(0, 50))
def test_calibration_is_strictly_increasing(rows: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    raw = draw.normal(0.0, 1.0, rows)
    calibrator = fit_calibrator(raw, (draw.random(rows) < 0.4).astype(float))
    grid = np.linspace(-6.0, 6.0, 400)
    assert np.all(np.diff(calibrator.probability(grid)) > 0.0)


@pytest.mark.parametrize(("rows", "breaches"), [(59, 30), (200, 9), (200, 200), (0, 0)])
def test_too_little_held_out_is_said_and_gives_a_wide_interval(rows: int, breaches: int) -> None:
    labels = np.r_[np.ones(breaches), np.zeros(rows - breaches)]
    calibrator = fit_calibrator(np.linspace(-1.0, 1.0, rows), labels)
    assert calibrator is UNCALIBRATED
    assert not calibrator.calibrated
    low, high = calibrator.interval(np.array([0.5]))
    assert high[0] - low[0] > 0.8


def test_few_pairs_stay_nearer_to_what_the_model_said_than_a_free_fit_and_many_speak_for_themselves() -> None:
    shrunken, free = [], []
    for seed in range(30):
        raw, labels, _ = overconfident(100, seed)
        said = (raw - 1.0) / 3.0  # the model is right here, and a hundred pairs cannot tell it better
        shrunken.append(fit_calibrator(said, labels).slope)
        free.append(ridge_logistic([said], labels, np.ones(100), strength=1e4).coefficients[0])
    assert np.mean((np.array(shrunken) - 1.0) ** 2) < 0.6 * np.mean((np.array(free) - 1.0) ** 2)
    raw, labels, _ = overconfident(4_000)
    assert fit_calibrator(raw, labels).slope == pytest.approx(1 / 3, abs=0.03)


@pytest.mark.parametrize("rows", [2_000, 20_000])
def test_pairs_drawn_by_lot_correct_what_the_selected_ones_say(rows: int) -> None:
    raw, _, truth = overconfident(rows)
    generator = np.random.default_rng(5)
    # Where inspectors chose whom to visit, more was found than the same log-odds mean elsewhere.
    drawn = np.arange(rows) % 4 == 0
    labels = (generator.random(rows) < np.where(drawn, truth, np.minimum(truth + 0.15, 1.0))).astype(float)
    plain, corrected = fit_calibrator(raw, labels), fit_calibrator(raw, labels, drawn)
    assert abs((corrected.probability(raw) - truth).mean()) < 0.03 < abs((plain.probability(raw) - truth).mean())
    assert np.all(np.diff(corrected.probability(np.linspace(-9.0, 9.0, 500))) > 0.0)


def test_a_handful_drawn_by_lot_changes_nothing() -> None:
    raw, labels, _ = overconfident(2_000)
    drawn = np.arange(2_000) < 59
    points = np.linspace(-3.0, 3.0, 50)
    assert np.array_equal(
        fit_calibrator(raw, labels).probability(points), fit_calibrator(raw, labels, drawn).probability(points)
    )


def test_an_order_without_signal_gives_probabilities_near_the_base_rate() -> None:
    raw = np.linspace(-4.0, 4.0, 3_000)
    labels = (np.arange(3_000) < 900).astype(float)  # every breach at the lowest log-odds
    assert fit_calibrator(raw, labels).probability(raw) == pytest.approx(np.full(3_000, 0.3), abs=0.005)
