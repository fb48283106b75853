"""Partial pooling: the fit is the posterior mode of the priors it names; a rare industry that stands out is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from targeting.features import load_families
from targeting.features.family import Feature
from targeting.modelling.candidates import PooledParameters
from targeting.modelling.levels import fit_levels
from targeting.modelling.model import Model
from targeting.modelling.pooled import fit_pooled

INDUSTRY, FLAG = "industry", "newly_employing"
RARE, COMMON, SISTER, STRANGER = "78.200", "43.320", "78.299", "01.110"


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
    return frame, breach.astype(float), rng.choice([0.5, 1.0], rows)


def fitted(rows: int, parameters: PooledParameters, seed: int = 5) -> Model:
    frame, labels, weights = inspected(rows, seed)
    return fit_pooled(frame, features(), labels, weights, parameters, (), ())[0]


def asked(*rows: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "establishment": ["200000000"] * len(rows),
            INDUSTRY: [industry for industry, _ in rows],
            FLAG: [flag for _, flag in rows],
        }
    )


def test_it_is_the_posterior_mode_of_the_priors_named() -> None:
    frame, labels, weights = inspected(400, seed=2)
    parameters = PooledParameters(levels=0.4, own=0.3, raises=(FLAG,))
    names = fit_levels(INDUSTRY, frame[INDUSTRY].to_numpy(dtype=object)).names
    within = np.array([[float(code.startswith(name)) for name in names] for code in frame[INDUSTRY]])
    design = np.column_stack([np.ones(len(frame)), frame[FLAG], within])
    expected = np.array([0.0, 0.3, *([0.0] * len(names))])
    precision = np.array([0.0, 0.3**-2, *([0.4**-2] * len(names))])

    def minus_log_posterior(effects: np.ndarray) -> float:
        log_odds = design @ effects
        likelihood = (weights * (labels * log_odds - np.logaddexp(0, log_odds))).sum()
        return float(0.5 * (precision * (effects - expected) ** 2).sum() - likelihood)

    mode = minimize(minus_log_posterior, np.zeros(design.shape[1]), method="BFGS", options={"gtol": 1e-7}).x
    model = fit_pooled(frame, features(), labels, weights, parameters, (), ())[0]
    assert model.log_odds(frame) == pytest.approx(design @ mode, abs=2e-4)


def test_a_rare_industry_is_shrunk_for_its_rows_and_not_for_being_a_narrow_column() -> None:
    base, rare, flagged = fitted(6000, PooledParameters()).log_odds(asked((COMMON, 0), (RARE, 0), (COMMON, 1))).tolist()
    assert rare - base == pytest.approx(1.4, abs=0.45)
    assert rare - base > flagged - base > 0.6


def test_with_hardly_any_labels_little_is_said_and_with_many_all_of_it() -> None:
    def gap(rows: int, samples: int) -> float:
        asks = asked((COMMON, 0), (RARE, 0))
        told = [fitted(rows, PooledParameters(), seed).log_odds(asks).tolist() for seed in range(samples)]
        return float(np.mean([rare - base for base, rare in told]))

    assert gap(60, 20) < 0.6 < 1.0 < gap(2000, 5)
    assert gap(40_000, 1) == pytest.approx(1.4, abs=0.15)


def test_a_code_never_seen_takes_its_parents_part_and_a_strange_one_nothing() -> None:
    model = fitted(6000, PooledParameters())
    common, rare, sister, strange = model.log_odds(asked(*((code, 0) for code in (COMMON, RARE, SISTER, STRANGER))))
    assert common < strange < sister < rare


def test_a_flag_of_a_law_not_yet_in_force_counts_what_is_expected_of_it() -> None:
    frame, labels, weights = inspected(2000, seed=7)
    before = frame.assign(**{FLAG: 0.0})
    for raises, expected in (((FLAG,), 0.3), ((), 0.0)):
        parameters = PooledParameters(own=0.3, raises=raises)
        model = fit_pooled(before, features(), labels, weights, parameters, (), ())[0]
        base, flagged = model.log_odds(asked((COMMON, 0), (COMMON, 1))).tolist()
        assert flagged - base == pytest.approx(expected, abs=1e-6)


def test_reasons_add_up() -> None:
    model, rows = fitted(2000, PooledParameters()), asked((COMMON, 0), (RARE, 1), (STRANGER, np.nan))
    parts = model.attribute(rows)
    assert parts.base + parts.contributions.sum(axis=1) == pytest.approx(model.log_odds(rows))
    training, _, _ = inspected(2000, seed=5)
    assert model.attribute(training).contributions.mean(axis=0) == pytest.approx(0.0, abs=1e-9)
