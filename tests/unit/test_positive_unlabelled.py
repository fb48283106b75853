from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from targeting.domain import BadInputError
from targeting.evaluation.positive_unlabelled import hidden_breach, sensitivity
from targeting.evaluation.weighting import Estimate
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification


def test_what_was_hidden_follows_from_what_is_found_by_bayes() -> None:
    """One in two breaches is found and one in four has one: 1/8 found, so 1/8 of all hide one among the other 7/8."""
    assert hidden_breach(np.array([1 / 8]), 0.5) == pytest.approx([(1 / 8) / (7 / 8)])
    assert hidden_breach(np.array([0.3]), 1.0) == pytest.approx([0.0])


def test_a_chance_of_finding_that_is_no_chance_is_refused() -> None:
    with pytest.raises(BadInputError, match="found given present"):
        hidden_breach(np.array([0.3]), 0.0)


def test_the_less_is_found_the_more_there_is_and_the_list_moves_but_little(tmp_path: Path) -> None:
    specification, frame = seeded_specification(tmp_path), seeded_frame(900)
    prevalence, precision = Estimate(0.3, 0.25, 0.35, 400, 300.0), Estimate(0.6, 0.5, 0.7, 90, 80.0)
    found = sensitivity(
        specification, "logistic", frame, FEATURES, seeded_frame(1500, seed=3), prevalence, precision, steps=(1.0, 0.5)
    )
    whole, half = found
    assert (whole.overlap, whole.capped) == (1.0, False)
    assert whole.prevalence == prevalence
    assert half.prevalence is not None
    assert half.prevalence.value == pytest.approx(0.3 / 0.5)
    assert half.precision_at_k is not None
    assert (half.precision_at_k.value, half.capped) == (1.0, True)
    assert 0.6 < half.overlap < 1.0


def test_a_rule_learns_nothing_from_labels_and_keeps_its_list(tmp_path: Path) -> None:
    (half,) = sensitivity(
        seeded_specification(tmp_path),
        "past_breaches",
        seeded_frame(400),
        FEATURES,
        seeded_frame(600, seed=3),
        None,
        None,
        steps=(0.5,),
    )
    assert half.overlap == 1.0
    assert half.to_dict()["prevalence"] is None
