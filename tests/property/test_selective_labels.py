"""Among the inspected is not among everybody, and the weighted figures know it: bias measured, coverage counted.

A population is drawn once: traits decide both who is inspected and who has a breach, so that selection is at random
given the traits, and only given them. It is inspected 200 times. The estimates see the labelled alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest

from targeting.evaluation.propensity import fit_propensity
from targeting.evaluation.weighting import Estimate, clusters_of, share_of, stabilised_weights, top_membership
from targeting.features.family import Feature, FeatureKind
from targeting.modelling.columns import texts
from tests.lib.small_country import number

SIMULATIONS = 200
ROWS, K = 2400, 400
TRAITS = ("past_breaches", "log_size", "tips")


def feature(name: str) -> Feature:
    return Feature(
        name, FeatureKind.REAL, "ratio", name, name, "{value}", "{value}", "test", "test", "-", "test", False, 0, ()
    )


FEATURES = tuple(feature(name) for name in TRAITS)


@dataclass(frozen=True, eq=False)
class Population:
    frame: pd.DataFrame
    breach: np.ndarray
    labelled: np.ndarray  # the true chance
    membership: np.ndarray
    clusters: np.ndarray

    def truth(self, figure: str) -> float:
        return float(np.average(self.breach, weights=self.part(figure)))

    def part(self, figure: str) -> np.ndarray:
        return self.membership if figure == "precision at k" else np.ones(len(self.breach))


def expit(values: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


@cache
def population(seed: int) -> Population:
    """Breaches and inspections share their traits; the list ranks by two of the three, with ties."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(ROWS, 3))
    county = rng.integers(0, 4, ROWS)
    breach = expit(-0.9 + traits @ np.array([0.9, -0.4, 1.1]) + 0.3 * (county == 1))
    chance = expit(-2.4 + traits @ np.array([0.6, 0.4, 1.0]) + 0.4 * (county == 1))
    scores = np.round(traits[:, 0] - 0.5 * traits[:, 1], 1)
    owner = [number(int(place)) for place in rng.integers(0, ROWS // 2, ROWS)]
    frame = pd.DataFrame(traits, columns=list(TRAITS)).assign(
        establishment=[number(place) for place in range(ROWS)],
        enterprise=owner,
        industry="43.210",
        county=[f"0{place}" for place in county],
        size_class="1-4",
        legal_form="AS",
    )
    membership = top_membership(scores, K, np.ones(ROWS))
    return Population(frame, breach, chance, membership, clusters_of(texts(frame, "enterprise")))


def outcomes(where: Population, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is labelled, and who has a breach, this time."""
    rng = np.random.default_rng([seed, 17])
    return rng.random(ROWS) < where.labelled, (rng.random(ROWS) < where.breach).astype(float)


def learned(past: Population, present: Population, seed: int) -> np.ndarray:
    """Propensities of `present` learned from one round of inspections in `past`, thinned as in production."""
    labelled, _ = outcomes(past, seed + 50_000)
    kept = labelled | (np.random.default_rng([seed, 3]).random(ROWS) < 0.5)
    told = past.frame.assign(inspected=labelled * 1.0, labelled=labelled * 1.0)
    told["sampling_weight"] = np.where(labelled, 1.0, 2.0)
    return fit_propensity(told.loc[kept], FEATURES, seed).of(present.frame)


@cache
def weights_of(propensity: str) -> list[np.ndarray]:
    """Each simulation's weights; 1 for everybody where only the inspected are counted."""
    where = population(1)
    if propensity == "ignored":
        return [np.ones(ROWS)] * SIMULATIONS
    known = propensity == "known"
    chances = (where.labelled if known else learned(population(2), where, seed) for seed in range(SIMULATIONS))
    return [stabilised_weights(chance, float(chance.mean())) for chance in chances]


def estimated(figure: str, propensity: str) -> list[Estimate]:
    where, found = population(1), []
    for seed, weights in enumerate(weights_of(propensity)):
        labelled, breach = outcomes(where, seed)
        one = share_of(breach, weights * where.part(figure) * labelled, where.clusters)
        assert one is not None
        found.append(one)
    return found


def coverage(found: list[Estimate], truth: float) -> float:
    return float(np.mean([one.low <= truth <= one.high for one in found]))


@pytest.mark.parametrize("figure", ["prevalence", "precision at k"])
@pytest.mark.parametrize("propensity", ["known", "learned"])
def test_weighted_intervals_cover_the_truth_where_those_among_the_inspected_do_not(
    figure: str, propensity: str, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    truth = population(1).truth(figure)
    weighted, among = estimated(figure, propensity), estimated(figure, "ignored")
    told = {
        "truth": truth,
        "coverage": coverage(weighted, truth),
        "bias": float(np.mean([one.value for one in weighted])) - truth,
        "naive_coverage": coverage(among, truth),
        "naive_bias": float(np.mean([one.value for one in among])) - truth,
    }
    for name, value in told.items():
        record_property(name, round(value, 4))
    with capsys.disabled():
        said = ", ".join(f"{name} {value:.3f}" for name, value in told.items())
        sys.stdout.write(f"\n{figure}, propensity {propensity}: {said}")

    assert 0.93 <= told["coverage"] < 1.0
    assert abs(told["bias"]) < 0.25 * told["naive_bias"]
    assert told["naive_bias"] > 0.03
    assert told["naive_coverage"] < 0.5
