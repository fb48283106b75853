"""How far one candidate is ahead of another: paired, window by window, with an interval that holds the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from targeting.domain import AsOf
from targeting.evaluation.backtest import Backtest, backtest
from targeting.evaluation.lead import paired_lead
from tests.lib.seeded_matrix import FEATURES, SPECIFICATION, seeded_frame, seeded_specification

RULES_AND_LOGISTIC = SPECIFICATION.split('[[candidates]]\nname = "lightgbm"')[0]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Backtest:
    specification = seeded_specification(tmp_path_factory.mktemp("models"), RULES_AND_LOGISTIC)
    return backtest(seeded_frame(2500), FEATURES, specification, AsOf.parse("2025-01-01"))


def test_nobody_is_ahead_of_itself(result: Backtest) -> None:
    lead = paired_lead(result, "logistic", "logistic", "auc", seed=1)
    assert lead == (0.0, 0.0, 0.0)
    assert not lead.sure


def test_a_lead_is_the_difference_of_the_two_summaries_and_turns_round_with_them(result: Backtest) -> None:
    for statistic in ("auc", "precision_at_k"):
        lead = paired_lead(result, "logistic", "random", statistic, seed=1)  # type: ignore[arg-type]
        back = paired_lead(result, "random", "logistic", statistic, seed=1)  # type: ignore[arg-type]
        assert lead is not None and back is not None
        own, other = (getattr(result.summaries[name].metrics, statistic) for name in ("logistic", "random"))
        assert lead.value == pytest.approx(own - other)
        assert lead.low < lead.value < lead.high
        assert lead.sure and lead.low > 0.0
        assert back == pytest.approx((-lead.value, -lead.high, -lead.low))


def test_pairing_knows_a_small_steady_lead_that_two_intervals_would_not(result: Backtest) -> None:
    """A candidate that swaps a few pairs in the same direction everywhere is surely, if slightly, worse."""
    draw = np.random.default_rng(2)
    worse = tuple(
        part._replace(ranked=part.ranked - 0.15 * labels * (draw.random(len(labels)) < 0.5))
        for part, labels in zip(result.forward["logistic"], result.labels, strict=True)
    )
    names = {**result.forward, "worse": worse}
    lead = paired_lead(replace(result, forward=names), "logistic", "worse", "auc", seed=1)
    assert lead is not None
    assert lead.sure
    assert lead.value < 2 * result.summaries["logistic"].auc_error


def test_nothing_tested_gives_nothing(tmp_path: Path) -> None:
    assert paired_lead(Backtest((), (), {}, {}, {}), "one", "other", "auc", seed=1) is None
