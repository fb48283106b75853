"""Scoring and explaining: what serves each target, and the LightGBM that is specified for one, against raw LightGBM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.floors_models import Floor, has_trees
from benchmarks.quarter_country import Country
from benchmarks.quarter_figures import Row, timed
from benchmarks.quarter_matrices import matrices, write_matrices
from pipelines.train import MODELS
from targeting.domain import Target
from targeting.matrix import Matrix, Partitions
from targeting.modelling.assignment import NO_EFFECTS
from targeting.modelling.candidates import LightgbmParameters
from targeting.modelling.explanation import explain
from targeting.modelling.model import Model
from targeting.modelling.specification import load_specification
from targeting.modelling.trees import fit_trees

__all__ = ["explaining", "scoring"]

_SHOWN: Final = Target.BHT_USE
_RATE: Final = 0.4
_MOST: Final = 20_000


@dataclass(frozen=True)
class _Measured:
    """One model: what it is called, whose rows it reads, and how it scores them."""

    name: str
    target: Target
    model: Model
    score: Callable[[pd.DataFrame], object]


def scoring(country: Country) -> Iterator[Row]:
    """One row a model: calibrated scores of the cohort against raw log-odds of columns that are ready."""
    yield from _rows(country, "scoring", lambda one, matrix: one.score(matrix.frame), Floor.predict)


def explaining(country: Country) -> Iterator[Row]:
    """One row a model: reasons in sentences for the cohort against `pred_contrib` alone."""
    yield from _rows(
        country, "explaining", lambda one, matrix: explain(one.model, matrix.frame, matrix.features), Floor.explain
    )


def _rows(
    country: Country,
    part: str,
    ours: Callable[[_Measured, Matrix], object],
    floor: Callable[[Floor, Model, pd.DataFrame], None],
) -> Iterator[Row]:
    with country.folder() as folder:
        partitions = write_matrices(country, folder)
        for one in _measured(country, partitions):
            taken, under, rows = 0.0, Floor(threads=1), 0
            for target, matrix in matrices(partitions):
                if target == one.target:
                    if rows == 0:  # the model is read from its text once, and not while the clock runs
                        first = Matrix(matrix.frame.iloc[:1], matrix.features, target)
                        floor(Floor(threads=1), one.model, first.frame)
                        ours(one, first)
                    # The same rows right after each other: a busy moment meets both.
                    floor(under, one.model, matrix.frame)
                    taken += timed(partial(ours, one, matrix))
                    rows += len(matrix.frame)
            yield _row(part, one, taken, under.predicting + under.explaining, rows)


def _row(part: str, one: _Measured, taken: float, under: float, rows: int) -> Row:
    known = has_trees(one.model)
    each = f"{rows} rows, {taken / max(rows, 1) * 1e6:.1f} µs a row"
    return Row(
        part,
        one.name,
        taken,
        under if known else None,
        note=each if known else f"{each}; no trees, so no floor of LightGBM's",
    )


def _measured(country: Country, partitions: Partitions) -> Iterator[_Measured]:
    for target, model in country.models.items():
        yield _Measured(f"{target}: {model.trained.candidate}", target, model.trained.model, model.trained.score)
    yield _specified(partitions)


def _specified(partitions: Partitions) -> _Measured:
    """The LightGBM of one target's specification, fitted here on labels drawn by lot: its shape is what counts."""
    chosen = load_specification(MODELS / f"{_SHOWN}.toml").candidate("lightgbm").parameters
    assert isinstance(chosen, LightgbmParameters)
    matrix = next(matrix for target, matrix in matrices(partitions) if target == _SHOWN)
    frame = matrix.frame.iloc[:_MOST]
    labels = (np.random.default_rng(1).random(len(frame)) < _RATE).astype(np.float64)
    ones = np.ones(len(frame))
    trees = fit_trees(frame, matrix.features, labels, ones, chosen, NO_EFFECTS, seed=1, threads=1)
    name = f"{_SHOWN}: lightgbm as specified, {chosen.trees} x {chosen.leaves}"
    return _Measured(name, _SHOWN, trees, trees.log_odds)
