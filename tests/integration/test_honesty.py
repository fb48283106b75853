"""The three columns on a seeded cohort whose every outcome is known, inspected by a policy that prefers the guilty."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, Quarter, RefusedError, Target
from targeting.evaluation.backtest import Backtest, backtest
from targeting.evaluation.forward_cohort import forward_cohort, observation_quarters, rank_cohort
from targeting.evaluation.honesty import Honesty, three_columns
from targeting.matrix import Matrix
from targeting.modelling.specification import Specification
from tests.lib.seeded_matrix import FEATURES, seeded_frame, seeded_specification

UNTIL = AsOf(date(2025, 1, 1))
AREAS_ON = date(2026, 7, 1)


class World(NamedTuple):
    training: Matrix
    observation: Matrix
    specification: Specification
    result: Backtest
    honesty: Honesty
    everybody: pd.DataFrame


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    specification = replace(seeded_specification(tmp_path_factory.mktemp("specification")), capacity=100)
    everybody = _everybody()
    training = _training(everybody)
    result = backtest(training.frame, FEATURES, specification, UNTIL)
    observation = Matrix(everybody, FEATURES, Target.BHT_USE)
    found = three_columns(
        training, observation, result, specification, ["logistic", "sector_rate"], areas_on=AREAS_ON, learn="through"
    )
    assert found is not None
    return World(training, observation, specification, result, found, everybody)


def _everybody() -> pd.DataFrame:
    """Each establishment once a quarter at most; past breaches and a low industry rate decide who is inspected."""
    frame = seeded_frame(14_000, seed=5).drop_duplicates(["establishment", "as_of"])
    frame = frame.assign(as_of=[stamp.date() for stamp in frame["as_of"]]).sort_values(["as_of", "establishment"])
    push = 0.9 * frame["past_breaches"].fillna(0.0) + 2.0 * (frame["industry"] == "43.210") - 3.2
    draw = np.random.default_rng(3)
    came = draw.random(len(frame)) < 1.0 / (1.0 + np.exp(-push.to_numpy()))
    return frame.assign(
        inspected=came * 1.0,
        labelled=came * 1.0,
        outcome=frame["label"].astype(float),
        label=np.where(came, frame["label"], np.nan),
        severity=np.where(came, frame["label"] * 2.0, np.nan),
        label_known_on=frame["label_known_on"].where(came),
        inspection=frame["inspection"].where(came),
        sampling_weight=1.0,
        enterprise=frame["establishment"],
        size_class="1-4",
        legal_form="AS",
    ).reset_index(drop=True)


def _training(everybody: pd.DataFrame) -> Matrix:
    return Matrix(everybody[everybody["inspected"] == 1.0].reset_index(drop=True), FEATURES, Target.BHT_USE)


def test_labelled_rows_get_the_very_scores_of_the_backtest(world: World) -> None:
    cohort = forward_cohort(world.training, world.observation, world.result, world.specification, learn="through")
    names = ["sector_rate", "lightgbm", "blend"]
    ranked = rank_cohort(world.training, cohort, world.result, world.specification, names)
    for name in names:
        for window in range(len(world.result.splits)):
            rows = (cohort.window == window) & cohort.labelled
            tested = world.result.forward[name][window].ranked
            assert np.array_equal(ranked[name].scores[rows], tested[cohort.place[rows]])
            assert len(tested) == rows.sum()


def test_weighting_comes_nearer_the_truth_than_counting_the_inspected(world: World) -> None:
    tested = {quarter.first_day for quarter, _ in _tested(world)}
    truth = float(world.everybody.loc[world.everybody["as_of"].isin(tested), "outcome"].mean())
    prevalence = world.honesty.candidates["logistic"].metrics["prevalence"]
    assert prevalence.inspected is not None
    assert prevalence.weighted is not None
    assert prevalence.bounds is not None
    assert prevalence.inspected.low > truth
    assert prevalence.weighted.low <= truth <= prevalence.weighted.high
    assert prevalence.bounds.worst <= truth <= prevalence.bounds.best


def _tested(world: World) -> list[tuple[Quarter, float]]:
    shares = observation_quarters(world.result, world.specification)
    return [(quarter, share) for quarter, share in shares.items() if share == 1.0]


def test_the_lists_are_of_the_whole_cohort_and_their_labelled_share_is_told(world: World) -> None:
    found = world.honesty.candidates["logistic"]
    cohort = forward_cohort(world.training, world.observation, world.result, world.specification, learn="through")
    ranked = rank_cohort(world.training, cohort, world.result, world.specification, ["logistic"])["logistic"]
    assert world.honesty.k == 100
    assert ranked.membership.sum() == pytest.approx(100 * world.honesty.quarters)
    labelled = (ranked.membership * cohort.labelled).sum()
    assert found.labelled_share == pytest.approx(labelled / (100 * world.honesty.quarters))
    bounds = found.metrics["precision_at_k"].bounds
    assert bounds is not None
    assert bounds.best - bounds.worst == pytest.approx(1.0 - found.labelled_share)


def test_every_metric_has_its_columns_and_the_whole_is_json(world: World) -> None:
    document = json.loads(json.dumps(world.honesty.to_dict(), allow_nan=False))
    metrics = document["candidates"]["logistic"]["metrics"]
    assert set(metrics) == {
        "prevalence", "precision_at_k", "recall_at_k", "breaches_at_k", "severity_at_k", "auc", "average_precision",
        "brier", "log_loss", "ece", "calibration_slope",
    }  # fmt: skip
    for columns in metrics.values():
        for name in ("inspected", "weighted"):
            assert columns[name]["low"] <= columns[name]["value"] <= columns[name]["high"]
    assert metrics["breaches_at_k"]["weighted"]["value"] == pytest.approx(
        100 * metrics["precision_at_k"]["weighted"]["value"]
    )
    assert document["overlap"]["labelled"] == len(world.result.labels[0]) + sum(map(len, world.result.labels[1:]))
    assert document["sensitivity"] == []


def test_segments_below_the_minimum_have_no_calibration(world: World) -> None:
    segments = world.honesty.candidates["logistic"].segments
    assert {one.kind for one in segments} >= {"size_class", "county", "section"}
    assert any(one.slope is not None for one in segments)
    for one in segments:
        assert (one.slope is None) == (one.rows < 100 or min(one.breaches, one.rows - one.breaches) < 20)
        assert (one.ece is None) == (one.slope is None)


def test_severity_is_worth_twice_a_breach_where_every_breach_is_of_severity_two(world: World) -> None:
    found = world.honesty.candidates["logistic"].metrics
    breaches, severity = found["breaches_at_k"].weighted, found["severity_at_k"].weighted
    assert breaches is not None
    assert severity is not None
    assert severity.value == pytest.approx(2.0 * breaches.value)


def test_areas_hold_no_more_than_the_list(world: World) -> None:
    areas = {one.area: one for one in world.honesty.candidates["logistic"].areas}
    assert areas["construction_injuries"].places > 0.0
    assert all(0.0 <= one.places <= 100.0 for one in areas.values())
    assert all(one.breaches.weighted is None for one in areas.values() if one.labelled < 5)


def test_targets_of_which_little_is_found_are_told_how_much_that_matters(world: World) -> None:
    specification = replace(world.specification, target=Target.WORK_CRIME)
    found = three_columns(
        world.training, world.observation, world.result, specification, ["sector_rate"], areas_on=AREAS_ON
    )
    assert found is not None
    assert [one.found_given_present for one in found.sensitivity] == [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
    values = [one.prevalence.value for one in found.sensitivity if one.prevalence]
    assert values == sorted(values)


def test_where_too_few_were_labelled_before_a_window_the_weighted_column_is_empty(world: World) -> None:
    nobody = replace(world.observation, frame=world.everybody[world.everybody["as_of"] >= date(2023, 4, 1)])
    only = replace(world.result, splits=world.result.splits[:1], labels=world.result.labels[:1])
    found = three_columns(
        world.training, nobody, only, world.specification, ["sector_rate"], areas_on=AREAS_ON, learn="before"
    )
    assert found is not None
    assert found.overlap is None
    metrics = found.candidates["sector_rate"].metrics
    assert all(columns.weighted is None for columns in metrics.values())
    assert metrics["prevalence"].inspected is not None
    json.dumps(found.to_dict(), allow_nan=False)


def test_matrices_of_different_days_are_refused(world: World) -> None:
    other = world.training.frame.assign(inspection="another")
    with pytest.raises(RefusedError, match="one store"):
        forward_cohort(replace(world.training, frame=other), world.observation, world.result, world.specification)


def test_a_test_quarter_without_rows_is_refused(world: World) -> None:
    last = world.result.splits[-1].quarter.first_day
    short = replace(world.observation, frame=world.everybody[world.everybody["as_of"] != last])
    with pytest.raises(RefusedError, match="test quarters"):
        forward_cohort(world.training, short, world.result, world.specification)


def test_nothing_tested_gives_nothing(world: World, tmp_path: Path) -> None:
    empty = Backtest((), (), {}, {}, {})
    assert observation_quarters(empty, world.specification) == {}
    assert (
        three_columns(world.training, world.observation, empty, world.specification, ["logistic"], areas_on=AREAS_ON)
        is None
    )
