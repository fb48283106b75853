"""A row scored alone equals the same row scored among others, to the bit, after a round trip through MLflow."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.domain import Target
from targeting.modelling.artifact import TrainedModel, dumps
from targeting.modelling.bands import ForwardError, score_form
from targeting.modelling.calibration import fit_calibrator
from targeting.modelling.refits import refit
from targeting.modelling.registry import export, version_folder
from targeting.modelling.releases import CHAMPION
from targeting.modelling.tracking import Tracker
from targeting.modelling.training import fit_candidates
from tests.lib.seeded_matrix import FEATURES, INDUSTRIES, seeded_frame, seeded_specification

NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0]))
ROW = st.fixed_dictionaries(
    {feature.name: NUMBERS for feature in FEATURES[:-2]}
    | {
        "industry": st.one_of(st.none(), st.sampled_from([*INDUSTRIES, "43.999", "99.000", "ukjent æøå"])),
        "county": st.one_of(st.none(), st.sampled_from(["03", "99", ""])),
    }
)


#: Candidate -> the target it is registered as (one MLflow store holds all), and whether its scores are bands.
MODELS = {
    "sector_rate": (Target.UNLAWFUL_HIRING, True),
    "logistic": (Target.BHT_USE, False),
    "lightgbm": (Target.WORKING_ENVIRONMENT, False),
    "blend": (Target.WORK_CRIME, True),
}


@functools.cache
def reloaded(name: str) -> TrainedModel:
    """The model as MLflow gives it back: logged, registered, downloaded, its hashes checked, loaded."""
    return through_mlflow()[name]


@functools.cache
def through_mlflow() -> dict[str, TrainedModel]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        frame, specification = seeded_frame(), seeded_specification(home)
        labels, back = frame["label"].to_numpy(dtype=float), {}
        fitted = fit_candidates(specification, frame, FEATURES)
        for name, (target, banded) in MODELS.items():
            raw = fitted[name].log_odds(frame)
            form = score_form(raw, labels, ForwardError(0.5 if banded else 0.0, len(raw)), 0.02)
            refits = refit(frame, FEATURES, specification, name, number=2)
            model = TrainedModel(
                target.value, name, "any", fitted[name], fit_calibrator(raw, labels), "2025-01-01", 11, form, refits
            )
            version = export(home, model, {"data": "0" * 64})
            Tracker(home).record(target, version, version_folder(home, target, version), {}, {}, [], champion=True)
            back[name] = Tracker(home).load(target, CHAMPION).trained
            assert dumps(back[name]) == dumps(model)
    return back


def as_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    kinds = {feature.name: "str" if feature.name in ("industry", "county") else "float64" for feature in FEATURES}
    return frame.astype(kinds)


@pytest.mark.parametrize("name", MODELS)
@settings(deadline=None, max_examples=25)
@given(rows=st.lists(ROW, min_size=2, max_size=40))
def test_single_equals_batch(name: str, rows: list[dict[str, object]]) -> None:
    model, frame = reloaded(name), as_frame(rows)
    batch = model.score(frame)
    for place in range(len(frame)):
        alone = model.score(frame.iloc[[place]])
        for together, single in zip(batch, alone, strict=True):
            assert together[place].tobytes() == single[0].tobytes()


def test_a_single_record_with_only_nulls_is_scored() -> None:
    record = as_frame([dict.fromkeys((feature.name for feature in FEATURES), None)])
    assert 0.0 < reloaded("blend").score(record).probability[0] < 1.0


def test_an_unseen_industry_takes_its_nearest_known_parent() -> None:
    frame = as_frame([{feature.name: 0.0 for feature in FEATURES} | {"county": "03"}] * 2)
    frame["industry"] = ["43.219", "43.2"]
    scores = reloaded("logistic").score(frame)
    assert np.array_equal(scores.raw[0], scores.raw[1])
