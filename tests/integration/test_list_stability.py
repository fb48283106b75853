"""A list drawn again: the same luck gives the same list, other luck is measured, and chances to be listed sum to k."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, BadInputError
from targeting.evaluation.gates import Evidence, check_gates
from targeting.evaluation.stability import Budget, Cohort, Refit, Stability, list_stability
from targeting.modelling.refits import alone
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates, trainable
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification

NOW, BEFORE = AsOf(date(2024, 10, 1)), AsOf(date(2024, 7, 1))
K = 40
BUDGET = Budget(seeds=2, resamples=4)


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Specification:
    return replace(seeded_specification(tmp_path_factory.mktemp("models")), capacity=K)


@pytest.fixture(scope="module")
def training() -> pd.DataFrame:
    frame = seeded_frame(1500)
    return frame.assign(enterprise=[f"{310_000_000 + row % 700}" for row in range(len(frame))])


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return seeded_frame(400, seed=9).drop_duplicates("establishment").drop(columns=["label", "truth"])


def _drawn(
    training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification, candidate: str, budget: Budget = BUDGET
) -> Stability:
    cohorts = [Cohort(BEFORE, cohort), Cohort(NOW, cohort)]
    return list_stability(training, FEATURES, specification, candidate, cohorts, tie_break=7, budget=budget)


@pytest.fixture(scope="module")
def trees(training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification) -> Stability:
    return _drawn(training, cohort, specification, "lightgbm")


def test_listing_probabilities_are_probabilities_and_sum_to_k(trees: Stability, cohort: pd.DataFrame) -> None:
    assert trees.listing is not None
    chances = trees.listing.column("listing_probability").to_numpy()
    assert trees.listing.column("establishment").to_pylist() == sorted(cohort["establishment"])
    assert ((chances >= 0.0) & (chances <= 1.0)).all()
    assert chances.sum() == pytest.approx(K)
    assert ((chances > 0.0) & (chances < 1.0)).sum() > 0, "four samples do not agree on everybody"


@pytest.mark.parametrize("candidate", ["random", "past_breaches"])
def test_chances_sum_to_k_among_ties_too(
    candidate: str, training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification
) -> None:
    made = _drawn(training, cohort, specification, candidate, Budget(seeds=1, resamples=2))
    assert made.listing is not None
    assert np.sum(made.listing.column("listing_probability").to_numpy()) == pytest.approx(K)
    assert made.seeds is not None
    assert made.seeds.least == 1.0, "a rule has no seed"


def test_overlaps_are_shares_and_a_seed_moves_less_than_another_sample(trees: Stability) -> None:
    assert trees.seeds is not None
    assert trees.resamples is not None
    assert trees.quarters is not None
    assert (trees.seeds.lists, trees.resamples.lists, trees.quarters.lists) == (2, 4, 1)
    for overlap in (trees.seeds, trees.resamples, trees.quarters):
        assert 0.0 < overlap.least <= overlap.mean <= 1.0
    assert trees.seeds.mean > trees.resamples.mean
    assert trees.to_dict()["resamples"] == {"lists": 4, "least": trees.resamples.least, "mean": trees.resamples.mean}


def test_drawing_twice_gives_the_same_lists(
    trees: Stability, training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification
) -> None:
    again = _drawn(training, cohort, specification, "lightgbm")
    assert again.to_dict() == trees.to_dict()
    assert again.listing == trees.listing


@pytest.mark.parametrize("candidate", ["lightgbm", "blend"])
def test_a_candidate_refitted_alone_ranks_as_it_does_beside_the_others(
    candidate: str, training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification
) -> None:
    """What is drawn again is the list that serves: the assignment effects it rests on are fitted with it."""
    ready = training[trainable(training, specification, NOW.day)]
    beside = fit_candidates(specification, ready, FEATURES)[candidate]
    by_itself = fit_candidates(alone(specification, candidate), ready, FEATURES)
    assert np.array_equal(by_itself[candidate].log_odds(cohort), beside.log_odds(cohort))
    assert len(by_itself) < len(specification.candidates)


def test_a_quarter_learns_only_from_what_was_known_then(
    training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification
) -> None:
    none = Budget(0, 0)
    news = pd.to_datetime(training["label_known_on"]) >= pd.Timestamp(BEFORE.day)
    silent = training.assign(label_known_on=training["label_known_on"].where(~news, pd.Timestamp(NOW.day)))
    quiet, noisy = (_drawn(frame, cohort, specification, "logistic", none) for frame in (silent, training))
    assert quiet.quarters is not None
    assert noisy.quarters is not None
    assert quiet.quarters.least == 1.0, "the same cohort and nothing learned since"
    assert noisy.quarters.least < 1.0
    assert quiet.listing is None


def test_a_quarter_before_any_label_is_left_out(
    training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification
) -> None:
    early = Cohort(AsOf(date(2020, 1, 1)), cohort)
    made = list_stability(
        training, FEATURES, specification, "logistic", [early, Cohort(NOW, cohort)], tie_break=7, budget=Budget(1, 0)
    )
    assert made.quarters is None
    with pytest.raises(BadInputError, match="labels known before"):
        list_stability(training, FEATURES, specification, "logistic", [early], tie_break=7)


def test_every_refit_is_tracked_once(
    training: pd.DataFrame, cohort: pd.DataFrame, specification: Specification
) -> None:
    seen: list[Refit] = []

    def watched(refits: Sequence[Refit]) -> Iterator[Refit]:
        for one in refits:
            seen.append(one)
            yield one

    list_stability(
        training,
        FEATURES,
        specification,
        "sector_rate",
        [Cohort(BEFORE, cohort), Cohort(NOW, cohort)],
        tie_break=7,
        budget=Budget(1, 2),
        track=watched,
    )
    assert [one.kind for one in seen] == ["list", "seed", "resample", "resample", "quarter"]


def test_the_gate_speaks_of_the_floors_of_the_specification(trees: Stability, specification: Specification) -> None:
    def outcome(floor: float) -> str:
        gates = replace(
            specification.gates, min_jaccard_seeds=0.0, min_jaccard_resamples=floor, min_jaccard_quarters=0.0
        )
        evidence = Evidence(replace(specification, gates=gates), stability=trees)
        return next(gate.outcome for gate in check_gates(evidence) if gate.code == "TGT005")

    assert (outcome(0.01), outcome(1.0)) == ("pass", "fail")
