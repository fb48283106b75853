"""Lessons: what inspections of other targets teach about a target that has few labels of its own.

A lesson is two models of another target's outcome: what its industries and counties add, and trees of what tells
establishments of the same industry and county apart. Careless employers are careless in more than one way; which
industries and places break which rule is more of each target's own matter, so each part gets a share of its own.

It learns from establishments that the pooled target has no label of, so what it says of that target's training rows is
what it will say of rows it never saw, and needs no cross-fitting. Findings on hiring and on work crime are bound to
their purpose: they teach no other target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from targeting.domain import BadInputError, Quarter, Target
from targeting.features.family import Feature
from targeting.modelling.assignment import NO_EFFECTS
from targeting.modelling.candidates import LightgbmParameters, PooledParameters
from targeting.modelling.columns import days, numbers, texts
from targeting.modelling.model import Model
from targeting.modelling.pooled import fit_pooled
from targeting.modelling.trees import fit_trees

__all__ = ["NO_SIBLINGS", "TEACHERS", "Lesson", "Siblings"]

TEACHERS: Final = (Target.BHT_USE, Target.WORKING_ENVIRONMENT)
"""Targets whose findings may teach another one."""

_PLACE: Final = ("industry", "county")
"""Features whose levels have effects of their own, beside which the trees are learned."""

_LEAST_OF_EACH: Final = 50
_LEARNER: Final = LightgbmParameters(
    trees=150, leaves=8, depth=4, rate=0.06, min_leaf=20, l2=20.0, feature_fraction=0.3
)
"""Trees, because what is shared between targets is bent: sizes and ages that a straight line misses."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Learn `target`'s outcome: that its inspection was at least so severe, or its label where that is null."""

    target: str
    least_severity: int | None = None

    def __post_init__(self) -> None:
        if self.target not in TEACHERS:
            raise BadInputError(expected=f"one of {', '.join(TEACHERS)}", got=repr(self.target), where="a lesson")


@dataclass(frozen=True, eq=False)
class Siblings:
    """Training rows of the teaching targets, and the lessons already learned from them.

    `frames` hold no establishment of the target that is taught. Lessons are remembered, because the same one is
    wanted for every resample of a window's rows.
    """

    frames: Mapping[str, pd.DataFrame]
    nuisance: tuple[tuple[str, str], ...] = ()
    learned: dict[tuple[object, ...], tuple[Model, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, taught: pd.DataFrame, teachers: Mapping[Target, pd.DataFrame], nuisance: tuple[tuple[str, str], ...]
    ) -> Siblings:
        """The rows of `teachers` (training matrices' frames) at establishments that `taught` does not hold."""
        known = set(texts(taught, "establishment").tolist())
        frames = {target.value: rows[~rows["establishment"].isin(known)] for target, rows in teachers.items()}
        return cls(frames, nuisance)

    def teach(
        self, lessons: Sequence[Lesson], frame: pd.DataFrame, features: Sequence[Feature], seed: int, threads: int
    ) -> list[tuple[Model, ...]]:
        """Each lesson's parts, learned from what was known when the quarter of `frame`'s newest label began."""
        if not self.frames or not len(frame):
            return []
        newest = pd.Timestamp(days(frame, "label_known_on").max())
        quarter = Quarter.of(newest.date())
        learned = [self._learned(lesson, quarter, features, seed, threads) for lesson in lessons]
        return [parts for parts in learned if parts]

    def _learned(
        self, lesson: Lesson, quarter: Quarter, features: Sequence[Feature], seed: int, threads: int
    ) -> tuple[Model, ...]:
        key = (lesson, quarter, tuple(feature.name for feature in features), seed)
        if key not in self.learned:
            self.learned[key] = self._learn(lesson, quarter, features, seed, threads)
        return self.learned[key]

    def _learn(
        self, lesson: Lesson, quarter: Quarter, features: Sequence[Feature], seed: int, threads: int
    ) -> tuple[Model, ...]:
        """Nothing when the target has no rows, or too few of one kind to say anything."""
        if lesson.target not in self.frames:
            return ()
        every = self.frames[lesson.target]
        rows = every[days(every, "label_known_on") < np.datetime64(quarter.first_day)]
        severity = lesson.least_severity
        labels = numbers(rows, "label") if severity is None else (numbers(rows, "severity") >= severity).astype(float)
        if min(labels.sum(), len(labels) - labels.sum()) < _LEAST_OF_EACH:
            return ()
        read, weights = [feature for feature in features if feature.name in rows], np.ones(len(rows))
        placed = [feature for feature in read if feature.name in _PLACE]
        place, _ = fit_pooled(rows, placed, labels, weights, PooledParameters(), self.nuisance, ())
        known = place.log_odds(rows) + place.assignment(rows)
        within = fit_trees(
            rows, read, labels, weights, _LEARNER, NO_EFFECTS, seed=seed, threads=threads, explained=known
        )
        # How the teacher's inspections were made stays with the teacher.
        return (within, replace(place, effects=NO_EFFECTS)) if placed else (within,)


NO_SIBLINGS: Final = Siblings({})
