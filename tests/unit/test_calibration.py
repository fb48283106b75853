"""Calibration makes probabilities of an order, and never changes the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.modelling.calibration import UNCALIBRATED, fit_calibrator, probability_of


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
