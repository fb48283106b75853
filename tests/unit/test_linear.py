"""A ridge that shrinks numbers and rates alike: a rare industry that stands out is not lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from targeting.features import load_families
from targeting.features.family import Feature
from targeting.modelling.candidates import LogisticParameters
from targeting.modelling.linear import fit_beside

INDUSTRY, FLAG = "industry", "newly_employing"
RARE, COMMON = "78.200", "43.320"


def features() -> list[Feature]:
    declared = [feature for family in load_families() for feature in family.features]
    return [feature for feature in declared if feature.name in (INDUSTRY, FLAG)]


def inspected(rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """One in twenty is in the rare industry, one in twenty is flagged: each raises the log-odds by 1.4."""
    rng = np.random.default_rng(seed)
    rare, flagged = rng.random(rows) < 0.05, rng.random(rows) < 0.05
    frame = pd.DataFrame(
        {
            "establishment": [f"2{number:08d}" for number in range(rows)],
            INDUSTRY: np.where(rare, RARE, COMMON),
            FLAG: flagged.astype(float),
        }
    )
    breach = rng.random(rows) < 1 / (1 + np.exp(2.2 - 1.4 * rare - 1.4 * flagged))
    return frame, breach.astype(float), np.ones(rows)


def told_apart(strength: float) -> tuple[float, float]:
    """How far the rare industry, and the flag, move the log-odds."""
    frame, labels, weights = inspected(6000, seed=5)
    model = fit_beside(frame, features(), labels, weights, LogisticParameters(strength, nuisance=False), (), ()).model
    asked = pd.DataFrame({"establishment": ["200000000"] * 3, INDUSTRY: [COMMON, RARE, COMMON], FLAG: [0.0, 0.0, 1.0]})
    base, rare, flagged = model.log_odds(asked).tolist()
    return rare - base, flagged - base


@pytest.mark.parametrize("strength", [0.002, 0.005, 0.1])
def test_a_rate_is_shrunk_as_much_as_a_flag_that_says_as_much(strength: float) -> None:
    rare, flagged = told_apart(strength)
    assert rare == pytest.approx(flagged, rel=0.25)
    assert rare > 0.6
