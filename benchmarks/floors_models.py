"""The floor under scoring and explaining: each model's own arithmetic on columns that are ready.

A booster's `predict` and `pred_contrib`, a linear model's product, on float64 matrices that somebody else encoded.
A rule has no floor: its arithmetic is a sum.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import lightgbm
import numpy as np
import pandas as pd

from targeting.modelling.blend import Blend
from targeting.modelling.linear import Logistic
from targeting.modelling.model import Model
from targeting.modelling.trees import Trees

__all__ = ["Floor", "has_trees"]


@dataclass
class Floor:
    """Seconds so far of raw predicting and of raw contributions, `threads` at a time."""

    threads: int
    predicting: float = 0.0
    explaining: float = 0.0

    def predict(self, model: Model, frame: pd.DataFrame) -> None:
        """Add what the models inside `model` take to predict the rows of `frame`."""
        for part, columns in _ready(model, frame):
            begun = time.perf_counter()
            if isinstance(part, Trees):
                _booster(part.booster).predict(columns, raw_score=True, num_threads=self.threads)
            else:
                columns @ part.coefficients
            self.predicting += time.perf_counter() - begun

    def explain(self, model: Model, frame: pd.DataFrame) -> None:
        """Add what the models inside `model` take to split their sums over the columns."""
        for part, columns in _ready(model, frame):
            begun = time.perf_counter()
            if isinstance(part, Trees):
                _booster(part.booster).predict(columns, pred_contrib=True, num_threads=self.threads)
            else:
                (columns - part.means) * part.coefficients
            self.explaining += time.perf_counter() - begun


def has_trees(model: Model) -> bool:
    """Whether LightGBM has anything to do in `model`."""
    return any(isinstance(part, Trees) for part in _parts(model))


def _ready(model: Model, frame: pd.DataFrame) -> Iterator[tuple[Trees | Logistic, np.ndarray]]:
    for part in _parts(model):
        columns = [column for group in part.encoder.columns(frame) for column in group]
        yield part, np.ascontiguousarray(np.column_stack(columns))


def _parts(model: Model) -> Iterator[Trees | Logistic]:
    """The learned models inside, those that read no column left out."""
    match model:
        case Blend():
            for part in model.parts:
                yield from _parts(part)
        case Trees() | Logistic() if model.features:
            yield model


@lru_cache(maxsize=16)
def _booster(text: str) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=text)
