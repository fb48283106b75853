"""A row's influence against what the statistic really does: leaving the row out, and drawing the rows again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.evaluation.influence import auc_influence, precision_influence, sampling_error
from targeting.evaluation.metrics import auc, precision_at


def rows(seed: int, number: int, steps: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores (of `steps` values where not zero) and outcomes that follow them."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=number)
    labels = (rng.random(number) < 1 / (1 + np.exp(1.0 - scores))).astype(float)
    return (np.floor(scores * steps) / steps if steps else scores), labels


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_a_row_moves_the_auc_as_far_as_leaving_it_out_does(seed: int, steps: int) -> None:
    scores, labels = rows(seed, 300, steps)
    influence, whole = auc_influence(scores, labels), auc(scores, labels)
    for row in range(0, 300, 50):
        kept = np.arange(300) != row
        left = 1 / (labels.sum() if labels[row] else (1 - labels).sum())
        assert (whole - auc(scores[kept], labels[kept])) * (1 - left) == pytest.approx(influence[row], abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(5, 250))
def test_influences_are_about_zero_together(seed: int, steps: int, k: int) -> None:
    scores, labels = rows(seed, 300, steps)
    assert precision_influence(scores, labels, k).sum() == pytest.approx(0.0, abs=1e-9)
    assert auc_influence(scores, labels).sum() == pytest.approx(0.0, abs=1e-9)


def test_the_error_of_a_paired_gap_is_the_spread_over_new_samples() -> None:
    """Two rankings of the same rows: what four hundred other samples show is what one sample says of itself."""
    gaps, errors = [], []
    for seed in range(400):
        scores, labels = rows(seed, 1000)
        other = scores + np.random.default_rng(seed + 10_000).normal(size=1000)
        ours = 0.4 * precision_influence(scores, labels, 150) + 0.6 * auc_influence(scores, labels)
        theirs = 0.4 * precision_influence(other, labels, 150) + 0.6 * auc_influence(other, labels)
        gaps.append(
            0.4 * (precision_at(scores, labels, 150) - precision_at(other, labels, 150))
            + 0.6 * (auc(scores, labels) - auc(other, labels))
        )
        errors.append(sampling_error(ours - theirs))
    assert float(np.mean(errors)) == pytest.approx(float(np.std(gaps)), rel=0.15)


def test_one_kind_absent_has_no_influence_on_the_auc() -> None:
    assert not auc_influence(np.array([0.1, 0.2]), np.array([1.0, 1.0])).any()
