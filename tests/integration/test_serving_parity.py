"""What is served is what was learned from: the same features, in the same order, as often unknown, equal to the bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, Target
from targeting.evaluation.gates import Evidence, GateResult, check_gates
from targeting.evaluation.parity import Parity, parity_days, serving_parity
from targeting.matrix import Matrix, scoring_matrix, training_matrix
from targeting.modelling.specification import Specification
from tests.lib.seeded_matrix import seeded_specification
from tests.lib.small_country import small_country, store_of

NOW = AsOf(date(2026, 7, 1))
TARGET = Target.WORKING_ENVIRONMENT


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Specification:
    return seeded_specification(tmp_path_factory.mktemp("models"))


class Made(NamedTuple):
    """A training matrix, some of its days scored again, and the cohort to be scored."""

    training: Matrix
    then: list[Matrix]
    now: Matrix


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    store = store_of(small_country(11, 80), tmp_path_factory.mktemp("home"))
    training = training_matrix(store, TARGET, NOW)
    then = [scoring_matrix(store, TARGET, day) for day in parity_days(training)]
    return Made(training, then, scoring_matrix(store, TARGET, NOW))


def _gate(parity: Parity, specification: Specification, columns: tuple[str, ...] | None = None) -> GateResult:
    evidence = Evidence(specification, parity=parity, columns=columns)
    return next(gate for gate in check_gates(evidence) if gate.code == "TGT004")


def _with(matrix: Matrix, frame: pd.DataFrame) -> Matrix:
    return replace(matrix, frame=frame)


def test_training_days_are_spread_over_the_newest_two_years(made: Made) -> None:
    days = parity_days(made.training)
    assert len(days) == 3
    assert days[-1].day == max(made.training.frame["as_of"])
    assert (days[-1].day - days[0].day).days > 365
    assert parity_days(_with(made.training, made.training.frame[:0])) == ()


def test_training_rows_are_what_scoring_their_day_gives(made: Made) -> None:
    parity = serving_parity(made.training, made.then, made.now)
    days = {day.day for day in parity_days(made.training)}
    asked = made.training.frame[made.training.frame["as_of"].isin(days)]
    assert parity.rows == len(asked[["establishment", "as_of"]].drop_duplicates()) > 5
    assert (parity.differing, parity.misplaced) == ((), ())
    assert {gap.feature for gap in parity.nulls} == {feature.name for feature in made.now.features}


def test_one_other_bit_is_noticed(made: Made, specification: Specification) -> None:
    last = made.then[-1]
    row = made.training.frame.query("as_of == @last.frame['as_of'].iloc[0]")["establishment"].iloc[0]
    nudged = last.frame["inspections_5y"].where(
        last.frame["establishment"] != row, np.nextafter(last.frame["inspections_5y"] + 1.0, np.inf)
    )
    moved = _with(last, last.frame.assign(inspections_5y=nudged))
    parity = serving_parity(made.training, [*made.then[:-1], moved], made.now)
    assert parity.differing == ("inspections_5y",)
    gate = _gate(parity, specification)
    assert (gate.outcome, gate.severity) == ("fail", "block")
    assert "differing: inspections_5y" in gate.detail


def test_another_order_or_set_of_features_is_noticed(made: Made, specification: Specification) -> None:
    first, second, *rest = made.now.features
    swapped = replace(made.now, features=(second, first, *rest))
    parity = serving_parity(made.training, made.then, swapped)
    assert parity.misplaced == tuple(sorted((first.name, second.name)))
    assert first.name in _gate(parity, specification).detail
    fewer = replace(made.now, features=made.now.features[:-1])
    gone = made.now.features[-1].name
    assert serving_parity(made.training, made.then, fewer).misplaced == (gone,)
    assert _gate(serving_parity(made.training, made.then, fewer), specification).outcome == "fail"


def test_a_register_that_did_not_arrive_is_noticed_where_the_model_reads_it(
    made: Made, specification: Specification
) -> None:
    lost = _with(made.now, made.now.frame.assign(employees_low=np.nan))
    parity = serving_parity(made.training, made.then, lost)
    assert parity.nulls[0].feature == "employees_low"
    assert "employees_low" in _gate(parity, specification).detail
    assert _gate(parity, specification, ("employees_low",)).outcome == "fail"
    assert _gate(parity, specification, ("breaches_3y",)).outcome == "pass"


def test_what_is_rightly_unknown_for_a_while_is_not_held_against_it(made: Made) -> None:
    """Two training days that differ show how far the share of unknown values moves by itself."""
    unknown = _with(made.then[0], made.then[0].frame.assign(margin=np.nan))
    known = _with(made.then[-1], made.then[-1].frame.assign(margin=1.0))
    margin = replace(made.now.features[0], name="margin")
    now = Matrix(made.now.frame.assign(margin=1.0), (margin,), TARGET)
    pair = [replace(one, features=(margin,)) for one in (unknown, known)]
    training = Matrix(made.training.frame.assign(margin=1.0), (margin,), TARGET)
    (gap,) = serving_parity(training, pair, now).nulls
    assert (gap.least, gap.most, gap.now, gap.width) == (0.0, 1.0, 0.0, 0.0)
    assert serving_parity(training, pair[:1], now).nulls[0].width == 1.0
