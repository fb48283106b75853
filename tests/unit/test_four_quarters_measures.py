"""What the four-quarter benchmark measures, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.four_quarters_measures import auc_by_truth, calibration_error, paired, top_expected


def test_scores_that_are_the_truth_have_no_calibration_error() -> None:
    truth = pd.Series(np.random.default_rng(1).random(400))
    assert calibration_error(truth, truth) == 0
    assert calibration_error(truth + 0.1, truth) == pytest.approx(0.1)


def test_calibration_error_is_a_mean_over_bins_of_score_not_over_everybody() -> None:
    # Ten bins of two: within each bin one score is 0.1 too high and one as much too low.
    scores = pd.Series(np.repeat(np.arange(10) / 10, 2))
    truth = scores + np.tile([0.1, -0.1], 10)
    assert calibration_error(scores, truth) == pytest.approx(0)
    # All on one side of the middle, one bin off by 0.5: (0.5 + 9 * 0) / 10.
    assert calibration_error(scores, scores + np.where(scores == 0.3, 0.5, 0)) == pytest.approx(0.05)


def test_the_expected_auc_weighs_every_pair_by_its_chance() -> None:
    scores, truth = pd.Series([0.9, 0.4, 0.4]), pd.Series([0.8, 0.5, 0.1])
    won = even = total = 0.0
    for i in range(3):
        for j in range(3):
            chance = truth[i] * (1 - truth[j])
            total += chance
            won += chance * (scores[i] > scores[j])
            even += chance * (scores[i] == scores[j])
    assert auc_by_truth(scores, truth) == pytest.approx((won + even / 2) / total)


def test_the_top_is_taken_by_score_and_counted_by_truth() -> None:
    scores, truth = pd.Series({"a": 0.1, "b": 0.9, "c": 0.5}), pd.Series({"a": 1.0, "b": 0.2, "c": 0.4})
    assert top_expected(scores, truth, 2) == pytest.approx(0.2 + 0.4)


def test_the_error_of_the_difference_is_over_countries() -> None:
    found = {
        11: {"greedy": (9, 9, 10, 12), "exploring": (0, 0, 12, 14)},
        12: {"greedy": (9, 9, 10, 10), "exploring": (0, 0, 9, 11)},
    }
    rows = [
        row(seed, quarter, policy, value)
        for seed, policies in found.items()
        for policy, values in policies.items()
        for quarter, value in enumerate(values, start=1)
    ]
    last = paired(rows)["last_two_quarters"]["ranked_found"]
    assert (last["greedy"], last["exploring"]) == ((11 + 10) / 2, (13 + 10) / 2)
    assert last["difference"] == pytest.approx((2 + 0) / 2)
    assert last["error"] == pytest.approx(1.0)  # differences 2 and 0: deviation sqrt(2), over sqrt(2) countries


def row(seed: int, quarter: int, policy: str, found: int) -> dict[str, object]:
    numbers = ("ranked_expected", "matched_expected", "found", "expected", "calibration_error", "bias", "auc")
    more = ("list_expected", "ranked_promised", "naive_error", "score_error", "estimate_error")
    explored = policy == "exploring"
    return {
        "seed": seed,
        "quarter": f"2026Q{quarter}",
        "policy": policy,
        "ranked": 20,
        "explored": int(explored),
        "ranked_found": found,
        "estimate_covers": True if explored else None,
        **dict.fromkeys((*numbers, *more), 0.0),
    }
