"""Lessons from other targets: they help where labels are few, keep to their purpose, and never look ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from targeting.domain import BadInputError, Target
from targeting.evaluation.metrics import auc
from targeting.modelling.artifact import TrainedModel, dumps, loads
from targeting.modelling.blend import Blend
from targeting.modelling.calibration import UNCALIBRATED
from targeting.modelling.lessons import Lesson, Siblings
from targeting.modelling.refits import refit
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates
from tests.lib.seeded_matrix import EFFECT, FEATURES, SPECIFICATION, seeded_frame, seeded_specification

TEACHER = Target.WORKING_ENVIRONMENT
OWN_ONLY = "margin"
POOLED = """
[[candidates]]
name = "pooled"
kind = "pooled"
"""
LESSONS = """
[[lessons]]
target = "working_environment"

[[lessons]]
target = "working_environment"
least_severity = 1

[[candidates]]
name = "random"
"""


def taught(folder: Path, frame: pd.DataFrame, teacher: pd.DataFrame) -> Specification:
    text = SPECIFICATION.replace('\n[[candidates]]\nname = "random"\n', LESSONS) + POOLED
    read = seeded_specification(folder, text)
    return replace(read, siblings=Siblings.of(frame, {TEACHER: teacher}, read.nuisance))


def few(rows: int = 150) -> pd.DataFrame:
    return seeded_frame(rows, seed=8)


def turned(rows: int, seed: int) -> pd.DataFrame:
    """Establishments whose industries break the rule where the others' keep it."""
    frame = seeded_frame(rows, seed=seed)
    effect = frame["industry"].map(EFFECT).to_numpy(dtype=float)
    chance = frame["truth"].to_numpy()
    truth = 1 / (1 + np.exp(-(np.log(chance / (1 - chance)) - 2 * effect)))
    found = np.random.default_rng(seed).random(rows) < truth
    return frame.assign(truth=truth, label=found.astype("int8"))


def teachers(rows: int = 4000) -> pd.DataFrame:
    """Inspections of other establishments, told nothing of `OWN_ONLY`."""
    frame = seeded_frame(rows, seed=9)
    names = "3" + frame["establishment"].str[1:]
    return frame.assign(establishment=names, severity=frame["label"]).drop(columns=[OWN_ONLY])


def reached(folder: Path, world: Callable[[int, int], pd.DataFrame]) -> dict[str, float]:
    """AUC of each candidate, and of `pooled` without lessons, on average over draws of eighty labels."""
    rows = world(6000, 21)
    risky = (rows["truth"] > rows["truth"].median()).to_numpy(dtype=float)
    values: dict[str, list[float]] = {}
    for draw in range(30, 36):
        own = world(80, draw)
        fitted = fit_candidates(taught(folder, own, teachers()), own, FEATURES)
        alone = fit_candidates(seeded_specification(folder, SPECIFICATION + POOLED), own, FEATURES)["pooled"]
        for name, model in (fitted | {"alone": alone}).items():
            values.setdefault(name, []).append(auc(model.log_odds(rows), risky))
    return {name: float(np.mean(each)) for name, each in values.items()}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Specification:
    return taught(tmp_path_factory.mktemp("models"), few(), teachers())


def test_lessons_make_up_for_labels_that_are_not_there(tmp_path: Path) -> None:
    average = reached(tmp_path, seeded_frame)
    assert average["pooled"] > average["alone"] + 0.08
    assert average["pooled"] > max(average["logistic"], average["lightgbm"], average["blend"])


def test_a_teacher_whose_worst_industries_are_the_best_here_helps_all_the_same(tmp_path: Path) -> None:
    average = reached(tmp_path, turned)
    assert average["pooled"] > average["alone"] + 0.03


def test_the_trees_of_a_lesson_say_nothing_of_whole_industries(recipe: Specification) -> None:
    world = seeded_frame(6000, seed=21)
    for within, place in recipe.siblings.teach(recipe.lessons, few(), FEATURES, recipe.seed, 1):
        by_industry = pd.DataFrame({"within": within.log_odds(world), "place": place.log_odds(world)})
        spread = by_industry.groupby(world["industry"]).mean().std()
        assert spread["within"] < 0.25 * spread["place"]


def test_without_rows_of_others_it_is_a_model_of_its_own_labels(recipe: Specification, tmp_path: Path) -> None:
    alone = seeded_specification(tmp_path, SPECIFICATION + POOLED)
    model = fit_candidates(alone, few(), FEATURES)["pooled"]
    assert isinstance(model, Blend)
    assert model.shares == (1.0,)


def test_reasons_add_up_and_name_only_registers(recipe: Specification) -> None:
    model, rows = fit_candidates(recipe, few(), FEATURES)["pooled"], seeded_frame(200, seed=3)
    parts = model.attribute(rows)
    assert parts.base + parts.contributions.sum(axis=1) == pytest.approx(model.log_odds(rows))
    assert set(model.features) <= {feature.name for feature in FEATURES}


def test_the_same_bytes_twice_and_the_same_scores_after_a_round_trip(recipe: Specification, tmp_path: Path) -> None:
    again = taught(tmp_path, few(), teachers())
    first, second = (
        TrainedModel("bht_use", "pooled", "pooled", model, UNCALIBRATED, "2025-01-01", 11)
        for model in (fit_candidates(one, few(), FEATURES)["pooled"] for one in (recipe, again))
    )
    assert dumps(first) == dumps(second)
    rows, back = seeded_frame(50, seed=4), loads(dumps(first))
    assert np.array_equal(back.score(rows).raw, first.score(rows).raw)
    assert back.score(rows.iloc[[7]]).raw[0] == first.score(rows).raw[7]


def test_what_became_known_later_teaches_nothing(recipe: Specification, tmp_path: Path) -> None:
    early = few(600)[lambda rows: rows["label_known_on"] < "2023-03-15"]
    teacher = teachers()
    later = teacher["label_known_on"] >= "2023-01-01"
    rewritten = teacher.assign(
        label=np.where(later, 1 - teacher["label"], teacher["label"]), severity=np.where(later, 3, teacher["severity"])
    )
    one, other = (taught(tmp_path, few(600), rows) for rows in (teacher, rewritten))
    rows = seeded_frame(100, seed=5)
    scores = [fit_candidates(each, early, FEATURES)["pooled"].log_odds(rows) for each in (one, other)]
    assert np.array_equal(*scores)


def test_an_establishment_never_teaches_about_itself() -> None:
    frame, teacher = few(), teachers(400)
    shared = teacher.assign(establishment=frame["establishment"].iloc[0])
    both = pd.concat([teacher, shared], ignore_index=True)
    kept = Siblings.of(frame, {TEACHER: both}, ()).frames[TEACHER.value]
    assert len(kept) == len(teacher)
    assert set(kept["establishment"]).isdisjoint(frame["establishment"])


@pytest.mark.parametrize("purpose", ["work_crime", "unlawful_hiring"])
def test_findings_bound_to_their_purpose_teach_no_other_target(purpose: str, tmp_path: Path) -> None:
    text = SPECIFICATION.replace('\n[[candidates]]\nname = "random"\n', LESSONS) + POOLED
    with pytest.raises(BadInputError, match=purpose):
        seeded_specification(tmp_path, text.replace('target = "working_environment"', f'target = "{purpose}"', 1))


def test_a_feature_the_teacher_may_not_use_enters_no_lesson(recipe: Specification) -> None:
    lessons = recipe.siblings.teach(recipe.lessons, few(), FEATURES, recipe.seed, 1)
    assert len(lessons) == 2
    assert all(OWN_ONLY not in part.features for parts in lessons for part in parts)


def test_too_little_of_either_kind_teaches_nothing() -> None:
    never = teachers(400).assign(label=0, severity=0)
    siblings = Siblings.of(few(), {TEACHER: never}, ())
    assert siblings.teach((Lesson(TEACHER.value),), few(), FEATURES, 1, 1) == []


def test_resamples_of_the_own_rows_share_their_lessons(recipe: Specification, tmp_path: Path) -> None:
    fresh = taught(tmp_path, few(), teachers())
    rows = few().assign(enterprise=lambda frame: frame["establishment"])
    models = refit(rows, FEATURES, fresh, "pooled", number=3).models
    assert len(fresh.siblings.learned) <= 2 * len(fresh.lessons)
    assert len({dumps(TrainedModel("bht_use", "p", "p", one, UNCALIBRATED, "2025-01-01", 1)) for one in models}) == 3
