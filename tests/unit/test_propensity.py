from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from targeting.domain import RefusedError
from targeting.evaluation import propensity
from targeting.evaluation.propensity import fit_propensity, matured
from targeting.evaluation.segments import calibration_by_segment, segments_of
from tests.lib.seeded_matrix import FEATURES, seeded_frame


def _observed(rows: int = 6000) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """A cohort with the true chance of being inspected, and that of being asked when inspected."""
    frame = seeded_frame(rows, seed=9)
    came = 1.0 / (1.0 + np.exp(-(0.8 * frame["past_breaches"].fillna(0.0) - 2.5).to_numpy()))
    asked = np.where(frame["industry"] == "43.210", 0.9, 0.3)
    draw = np.random.default_rng(2)
    inspected = draw.random(rows) < came
    labelled = inspected & (draw.random(rows) < asked)
    told = frame.assign(
        as_of=[stamp.date() for stamp in frame["as_of"]],
        inspected=inspected * 1.0,
        labelled=labelled * 1.0,
        label_known_on=frame["label_known_on"].where(labelled),
        sampling_weight=1.0,
        size_class="1-4",
        legal_form="AS",
    )
    return told, came, asked


def test_the_chance_to_be_labelled_is_that_of_a_visit_times_that_of_the_question() -> None:
    told, came, asked = _observed()
    found = fit_propensity(told, FEATURES, 1)
    chance = found.of(told)
    assert found.checked is not None
    assert chance.sum() == pytest.approx(found.labelled, rel=0.05)
    for part in (told["industry"] == "43.210", told["past_breaches"] >= 3, told["industry"] == "62.010"):
        assert chance[part].mean() == pytest.approx((came * asked)[part].mean(), rel=0.15)


def test_where_every_inspection_checks_the_target_the_visit_is_all() -> None:
    told, _, _ = _observed()
    found = fit_propensity(told.assign(labelled=told["inspected"]), FEATURES, 1)
    assert found.checked is None
    assert found.labelled == found.inspections


def test_a_thinned_cohort_keeps_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    told, _, _ = _observed()
    whole = fit_propensity(told, FEATURES, 1)
    monkeypatch.setattr(propensity, "_MOST_ROWS", 3000)
    thin = fit_propensity(told, FEATURES, 1)
    assert thin.rows < 3300 < whole.rows
    assert thin.inspections == whole.inspections
    assert thin.of(told).mean() == pytest.approx(whole.of(told).mean(), rel=0.05)


def test_labels_that_became_known_later_teach_nothing() -> None:
    told, _, _ = _observed()
    day = date(2023, 1, 1)
    known = pd.to_datetime(told["label_known_on"]) < pd.Timestamp(day)
    rewritten = told.assign(labelled=np.where(known, told["labelled"], told["inspected"]))
    ours, theirs = (fit_propensity(each, FEATURES, 1, known_before=day).of(told) for each in (told, rewritten))
    assert np.array_equal(ours, theirs)


def test_too_few_labels_or_nobody_uninspected_is_refused() -> None:
    told, _, _ = _observed(600)
    with pytest.raises(RefusedError, match="at least 30 labelled"):
        fit_propensity(told.assign(labelled=0.0), FEATURES, 1)
    with pytest.raises(RefusedError, match="uninspected"):
        fit_propensity(told.assign(inspected=1.0), FEATURES, 1)


def test_only_quarters_whose_labels_had_time_to_ripen_are_learned_from() -> None:
    frame = pd.DataFrame({"as_of": [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)]})
    # The second quarter ends before 1 July; 180 days later is 28 December.
    assert matured(frame, date(2024, 12, 28), 180).tolist() == [True, True, False]
    assert matured(frame, date(2024, 12, 27), 180).tolist() == [True, False, False]


def test_segments_name_size_classes_sections_and_areas() -> None:
    frame = pd.DataFrame(
        {
            "size_class": [1.0, 7.0, np.nan],
            "county": ["03", "46", None],
            "industry": pd.array(["41.200", "56.101", None], dtype="str"),
        }
    )
    found = segments_of(frame, date(2026, 7, 1))
    names = [{name for name, rows in found[kind].items() if rows[0]} for kind in ("size_class", "county", "section")]
    assert names == [{"1-4"}, {"03"}, {"F"}]
    assert found["size_class"]["250+"].tolist() == [False, True, False]
    assert found["priority_area"]["construction_injuries"].tolist() == [True, False, False]
    assert not any(rows[2] for parts in found.values() for rows in parts.values())


def test_calibration_of_a_segment_sees_what_the_average_hides() -> None:
    """Half the rows are given too high a chance and half too low: right on average, wrong in each."""
    draw = np.random.default_rng(1)
    truth, first = draw.uniform(0.1, 0.9, 4000), np.arange(4000) < 2000
    given = np.clip(truth + np.where(first, 0.15, -0.15), 0.01, 0.99)
    labels = (draw.random(4000) < truth).astype(float)
    segments = {"county": {"03": first, "46": ~first, "11": np.arange(4000) < 60}}
    found = {one.name: one for one in calibration_by_segment(segments, given, labels, np.ones(4000))}
    high, tiny, low = found["03"], found["11"], found["46"]
    assert (tiny.slope, tiny.intercept, tiny.ece) == (None, None, None)
    assert high.intercept is not None
    assert low.intercept is not None
    assert high.intercept < -0.3 < 0.3 < low.intercept
    assert high.ece == pytest.approx(0.15, abs=0.05)
