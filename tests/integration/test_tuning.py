"""Tuning: within its budget, seeded, blind to the windows that judge, and never for a gain that chance would give."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from targeting.domain import AsOf, BadInputError, Quarter
from targeting.evaluation import tuning
from targeting.evaluation.splits import forward_splits
from targeting.evaluation.tuning import tune
from targeting.modelling.candidates import LightgbmParameters
from targeting.modelling.specification import Specification, Tuning
from tests.lib.seeded_matrix import FEATURES, SPECIFICATION, seeded_frame, seeded_specification

UNTIL = AsOf(date(2025, 1, 1))
# Three test quarters leave a year and a half of windows before them.
RECIPE = SPECIFICATION.replace("number = 5", "number = 2")
# Deep fast trees on single rows: settings that any trial beats.
WILD = RECIPE.replace("trees = 60\nmin_leaf = 20", "trees = 60\nmin_leaf = 1\nrate = 0.9\nl2 = 0.0\nleaves = 63")


def asked(folder: Path, text: str, trials: int) -> Specification:
    return seeded_specification(folder, text + f'\n[tuning]\ncandidates = ["lightgbm"]\ntrials = {trials}\n')


def settings(specification: Specification) -> LightgbmParameters:
    parameters = specification.candidate("lightgbm").parameters
    assert isinstance(parameters, LightgbmParameters)
    return parameters


def test_what_is_surely_better_replaces_what_is_written_and_again_the_same(tmp_path: Path) -> None:
    recipe, frame = asked(tmp_path, WILD, 4), seeded_frame(2500)
    found, again = (tune(frame, FEATURES, recipe, UNTIL) for _ in range(2))
    assert settings(found).rate < 0.2
    assert settings(found) == settings(again)
    assert replace(found, candidates=()) == replace(recipe, candidates=()), "nothing else changes"


def test_the_windows_that_judge_are_not_seen(tmp_path: Path) -> None:
    recipe, frame = asked(tmp_path, WILD, 3), seeded_frame(2500)
    first = forward_splits(frame, recipe, UNTIL)[0].quarter.first_day
    later = frame["label_known_on"] >= pd.Timestamp(first)
    rewritten = frame.assign(label=np.where(later, 1 - frame["label"], frame["label"]))
    one, other = (settings(tune(each, FEATURES, recipe, UNTIL)) for each in (frame, rewritten))
    assert one == other


def test_the_budget_is_kept_and_the_first_trial_is_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[LightgbmParameters] = []
    real = tuning._losses

    def counted(*arguments: object) -> object:
        tried.append(settings(arguments[2]))  # type: ignore[arg-type]
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(tuning, "_losses", counted)
    recipe = asked(tmp_path, RECIPE, 3)
    tune(seeded_frame(1500), FEATURES, recipe, UNTIL)
    assert len(tried) == 3
    assert tried[0] == replace(settings(recipe), nuisance=False)


def test_a_gain_within_one_error_changes_nothing(tmp_path: Path) -> None:
    written = asked(tmp_path, RECIPE, 2).candidate("lightgbm")
    other = replace(written, parameters=replace(written.parameters, leaves=5))
    noise = np.random.default_rng(3).normal(0.0, 1.0, 400)
    kept = tuning._surely_better([tuning._Tried(written, noise), tuning._Tried(other, noise[::-1] - 0.01)])
    taken = tuning._surely_better([tuning._Tried(written, noise), tuning._Tried(other, noise - 0.01)])
    assert (kept, taken) == (written, other)


def test_without_windows_before_or_without_a_budget_the_settings_stay(tmp_path: Path) -> None:
    frame = seeded_frame(1500)
    none = asked(tmp_path, WILD, 0)
    assert tune(frame, FEATURES, none, UNTIL) == none
    recipe = asked(tmp_path, WILD, 3)
    late = replace(recipe, splits=replace(recipe.splits, first_test=Quarter(2024, 1)))
    assert tune(frame, FEATURES, late, UNTIL) == late


def test_only_candidates_with_settings_can_be_tuned(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="sector_rate"):
        seeded_specification(tmp_path, RECIPE + '\n[tuning]\ncandidates = ["sector_rate"]\ntrials = 2\n')
    assert asked(tmp_path, RECIPE, 2).tuning == Tuning(("lightgbm",), 2)
