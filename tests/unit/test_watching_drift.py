"""Histograms, their distance and the lights: over real declared features, on rows that are drawn here."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, BadInputError, Target
from targeting.features import Feature, FeatureKind, features_for, load_families
from targeting.parameters.watching import bounds
from targeting.watching import (
    Drift,
    InputFacts,
    Light,
    Measured,
    Reference,
    TargetReference,
    check_drift,
    drift_of,
    make_reference,
    measure,
    merged_by_target,
    worst,
)
from tests.lib.small_country import number

AS_OF = AsOf(date(2027, 1, 1))
TARGET = Target.WORKING_ENVIRONMENT
_FEATURES = {one.name: one for one in features_for(TARGET, load_families())}


def _of_kind(kind: FeatureKind) -> Feature:
    return next(one for one in _FEATURES.values() if one.kind is kind)


NUMBER, REAL, FLAG, CATEGORY = (
    _of_kind(kind) for kind in (FeatureKind.INTEGER, FeatureKind.REAL, FeatureKind.FLAG, FeatureKind.CATEGORY)
)
FEATURES = (NUMBER, REAL, FLAG, CATEGORY)
NOTHING = InputFacts("2026-10-01", {}, {}, {})


def rows(seed: int, count: int = 4000) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    whole = np.where(draw.random(count) < 0.2, np.nan, np.floor(draw.lognormal(2, 1, count)))
    return pd.DataFrame(
        {
            "establishment": [number(seed * 100_000 + place) for place in range(count)],
            NUMBER.name: whole,
            REAL.name: draw.normal(0, 1, count),
            FLAG.name: (draw.random(count) < 0.1).astype(float),
            CATEGORY.name: pd.Series(draw.choice(["a", "b", "c", None], count, p=[0.5, 0.3, 0.15, 0.05]), dtype="str"),
        }
    )


def pinned(frame: pd.DataFrame, scores: np.ndarray | None = None, model: str = "m") -> TargetReference:
    made = make_reference(NOTHING, {TARGET: measure(frame, FEATURES, None, scores)}, {TARGET: model})
    again = Reference.from_json(made.to_json(), "reference")
    assert again.id == made.id
    return again.targets[TARGET]


def drift(frame: pd.DataFrame, reference: TargetReference) -> dict[str, Drift]:
    found = drift_of(TARGET, measure(frame, FEATURES, reference.histograms), reference, AS_OF)
    return {one.feature: one for one in found}


def test_another_sample_of_the_same_population_is_green() -> None:
    for seed in range(2, 8):
        assert worst(one.light for one in drift(rows(seed), pinned(rows(1))).values()) is Light.GREEN


def test_the_same_rows_have_no_distance() -> None:
    assert {(one.psi, one.ks or 0.0) for one in drift(rows(1), pinned(rows(1))).values()} == {(0.0, 0.0)}


def test_three_times_the_number_is_red_and_said_in_both_languages() -> None:
    frame = rows(2)
    found = drift(frame.assign(**{NUMBER.name: frame[NUMBER.name] * 3}), pinned(rows(1)))[NUMBER.name]
    assert found.light is Light.RED
    assert found.ks is not None
    assert found.ks > 0.2
    assert found.shift_nb != found.shift_en
    assert sum(found.now) == pytest.approx(1)


def test_nulls_are_a_bin_of_their_own() -> None:
    found = drift(rows(2).assign(**{REAL.name: np.nan}), pinned(rows(1)))[REAL.name]
    assert found.light is Light.RED
    assert found.now[-1] == 1.0
    assert found.ks == 0.0  # of the values there are none: the nulls tell it


def test_an_unknown_category_is_pooled_and_seen() -> None:
    frame = rows(2)
    told = drift(frame.assign(**{CATEGORY.name: pd.Series(["new"] * len(frame), dtype="str")}), pinned(rows(1)))
    assert told[CATEGORY.name].light is Light.RED
    assert told[CATEGORY.name].ks is None
    assert told[CATEGORY.name].now[-2] == 1.0


def test_a_flag_that_nobody_had_is_seen_when_everybody_has_it() -> None:
    found = drift(rows(2).assign(**{FLAG.name: 1.0}), pinned(rows(1).assign(**{FLAG.name: 0.0})))
    assert found[FLAG.name].light is Light.RED


def test_a_number_that_most_rows_share_may_move_a_little() -> None:
    """A smoothed rate: nine of ten rows are the country's rate, which moved from 0.7273 to 0.7290."""
    mine, later = rows(1), rows(2)
    shared = np.random.default_rng(5).random(len(mine)) < 0.9
    before = mine.assign(**{REAL.name: np.where(shared, 0.7273, 0.7 + 0.05 * mine[REAL.name])})
    little = later.assign(**{REAL.name: np.where(shared, 0.7290, 0.7 + 0.05 * later[REAL.name])})
    much = later.assign(**{REAL.name: np.where(shared, 0.85, 0.7 + 0.05 * later[REAL.name])})
    reference = pinned(before)
    assert drift(little, reference)[REAL.name].psi < 0.01
    assert drift(much, reference)[REAL.name].light is Light.RED


def test_small_groups_are_not_called_drift() -> None:
    """Of a hundred samples of one population one may pass for drift; by the limit alone most of these would."""
    reference = pinned(rows(1))
    found = [one for seed in range(2, 22) for one in drift(rows(seed, 40), reference).values()]
    assert {one.rows for one in found} == {40}
    assert sum(one.psi > 0.1 for one in found) > len(found) / 2
    assert sum(one.light is not Light.GREEN for one in found) <= 0.1 * len(found)


def test_how_the_country_is_cut_makes_no_difference() -> None:
    frame, reference = rows(2), pinned(rows(1))
    scores = np.linspace(0, 1, len(frame))
    whole = measure(frame, FEATURES, reference.histograms, scores)
    cuts = [np.arange(len(frame)) % 7 == part for part in (3, 1, 0, 6, 2, 5, 4)]
    parts = [measure(frame[cut], FEATURES, reference.histograms, scores[cut], partitions=7) for cut in cuts]
    together = merged_by_target({TARGET: part} for part in parts)[TARGET]
    assert together.rows == whole.rows
    assert together.counts == whole.counts
    assert reference_text(together) == reference_text(whole)


def reference_text(measured: Measured) -> str:
    return make_reference(NOTHING, {TARGET: measured}, {}).to_json()


def test_one_red_feature_is_yellow_and_many_are_red() -> None:
    reference, frame, least = pinned(rows(1)), rows(2), bounds(AS_OF.day).red_features
    moved = drift(frame.assign(**{REAL.name: frame[REAL.name] + 3}), reference)[REAL.name]
    lights = []
    for red in (0, 1, least - 1, least):
        checks = check_drift(TARGET, [moved] * red + [drift(frame, reference)[FLAG.name]], reference, "m", AS_OF.day)
        assert all(check.target is TARGET and check.group == "features" for check in checks)
        lights.append(worst(checks))
    assert lights == [Light.GREEN, Light.YELLOW, Light.YELLOW, Light.RED]


def test_scores_that_drift_are_red_unless_the_model_is_another() -> None:
    frame = rows(2)
    before = np.random.default_rng(1).random(4000)
    reference = pinned(rows(1), before)
    measured = measure(frame, FEATURES, reference.histograms, before**4)
    found = drift_of(TARGET, measured, reference, AS_OF)
    same, other = (check_drift(TARGET, found, reference, model, AS_OF.day)[-1] for model in ("m", "n"))
    assert (same.code, same.light, other.light) == ("DRI003", Light.RED, Light.YELLOW)
    assert "Another model" in other.reason_en


def test_scores_of_other_rows_are_refused() -> None:
    with pytest.raises(BadInputError, match="4000 scores"):
        measure(rows(1), FEATURES, None, np.zeros(3))
