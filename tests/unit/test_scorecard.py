"""A scorecard's points: whole, never negative, near each other where labels are few, and they add up to the score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from targeting.modelling.candidates import ScorecardParameters
from targeting.modelling.rules import Rule
from targeting.modelling.scorecard import fit_scorecard

FLAGS = ("strong", "weak", "nothing", "good_sign")
PUSH = {"strong": 2.0, "weak": 0.8, "nothing": 0.0, "good_sign": -1.0}


def flagged(rows: int, seed: int = 1) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({name: (draw.random(rows) < 0.3).astype(float) for name in FLAGS})
    push = sum(PUSH[name] * frame[name] for name in FLAGS) - 1.5
    frame["label"] = (draw.random(rows) < 1.0 / (1.0 + np.exp(-push))).astype(float)
    return frame


def card(frame: pd.DataFrame, strength: float = 1.0, most: int = 5) -> Rule:
    parameters = ScorecardParameters(FLAGS, most_points=most, strength=strength)
    return fit_scorecard(frame, frame["label"].to_numpy(), np.ones(len(frame)), parameters)


def test_points_are_whole_none_negative_and_the_strongest_flag_has_most() -> None:
    points = dict(zip(FLAGS, card(flagged(4000)).points.tolist(), strict=True))
    assert points["strong"] == 5
    assert 1 <= points["weak"] <= 3
    assert points["good_sign"] == 0, "a flag that lowers the risk in the sample counts for nothing, not against it"
    assert all(point == int(point) >= 0 for point in points.values())


def test_the_score_is_the_sum_of_the_points_that_a_person_adds_up() -> None:
    frame = flagged(4000)
    rule = card(frame)
    added = sum(point * frame[name].to_numpy() for name, point in zip(FLAGS, rule.points, strict=True))
    scores = rule.log_odds(frame)
    assert np.array_equal(np.argsort(scores, kind="stable"), np.argsort(added, kind="stable"))
    assert scores == pytest.approx(rule.intercept + rule.slope * added)
    parts = rule.attribute(frame)
    assert parts.base + parts.contributions.sum(axis=1) == pytest.approx(scores)


def test_with_hardly_any_labels_every_flag_counts_nearly_alike() -> None:
    few, many = card(flagged(40), strength=0.02), card(flagged(40), strength=100.0)
    assert few.points.min() >= 3
    assert many.points.min() == 0


def test_flags_that_tell_nothing_count_one_point_each() -> None:
    frame = flagged(400).assign(label=lambda rows: (rows[list(FLAGS)].sum(axis=1) == 0).astype(float))
    assert card(frame).points.tolist() == [1, 1, 1, 1]


def test_an_unknown_flag_counts_as_not_raised() -> None:
    rule = card(flagged(4000))
    raised, unknown = pd.DataFrame([dict.fromkeys(FLAGS, 0.0)]), pd.DataFrame([dict.fromkeys(FLAGS, np.nan)])
    assert rule.log_odds(raised) == rule.log_odds(unknown)


def test_two_fits_give_the_same_card() -> None:
    assert card(flagged(500)).points.tolist() == card(flagged(500)).points.tolist()
