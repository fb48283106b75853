"""A row scored alone equals the same row scored among others, to the bit, after a round trip through the artifact."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.modelling.artifact import TrainedModel, dumps, loads
from targeting.modelling.calibration import fit_calibrator
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


@functools.cache
def reloaded(name: str) -> TrainedModel:
    with tempfile.TemporaryDirectory() as folder:
        specification = seeded_specification(Path(folder))
    frame = seeded_frame()
    model = fit_candidates(specification, frame, FEATURES)[name]
    calibrator = fit_calibrator(model.log_odds(frame), frame["label"].to_numpy(dtype=float))
    return loads(dumps(TrainedModel("bht_use", name, "any", model, calibrator, "2025-01-01", 11)))


def as_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    kinds = {feature.name: "str" if feature.name in ("industry", "county") else "float64" for feature in FEATURES}
    return frame.astype(kinds)


@pytest.mark.parametrize("name", ["sector_rate", "logistic", "lightgbm", "blend"])
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
