"""A frame as the columns of a linear model or of trees, each column knowing the feature it belongs to."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from targeting.features.family import Feature, FeatureKind
from targeting.modelling.categories import CategoryRates, fit_categories
from targeting.modelling.columns import Frame, Reals, numbers, texts
from targeting.modelling.numerics import NumericShape, fit_numeric

__all__ = ["Encoder", "fit_encoder", "out_of_fold"]

_FOLDS = 5


@dataclass(frozen=True)
class Encoder:
    """Numeric features shaped for a linear model (or left raw, for trees) and categories as shrunken rates."""

    shapes: tuple[NumericShape, ...]
    raw: tuple[str, ...]
    categories: tuple[CategoryRates, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The features read, in the order of their columns."""
        return (*(shape.feature for shape in self.shapes), *self.raw, *(rates.feature for rates in self.categories))

    def columns(self, frame: Frame) -> list[list[Reals]]:
        """The columns of every feature, in the order of `features`."""
        return [*self._numeric(frame), *([rates.encode(texts(frame, rates.feature))] for rates in self.categories)]

    def training_columns(self, frame: pd.DataFrame, labels: Reals, weights: Reals, prior: float) -> list[list[Reals]]:
        """As `columns`, but a row's category rates come from other establishments only (cross-fitted)."""
        folds = out_of_fold(frame)
        held_out = [_cross_fitted(frame, rates.feature, labels, weights, prior, folds) for rates in self.categories]
        return [*self._numeric(frame), *([column] for column in held_out)]

    def _numeric(self, frame: Frame) -> list[list[Reals]]:
        shaped = [shape.columns(numbers(frame, shape.feature)) for shape in self.shapes]
        return [*shaped, *([numbers(frame, name)] for name in self.raw)]


def fit_encoder(
    frame: pd.DataFrame, features: Sequence[Feature], labels: Reals, weights: Reals, *, prior: float, knots: int | None
) -> Encoder:
    """Learn the encoding from training rows; `knots` null leaves numbers raw, as trees want them."""
    plain = [feature.name for feature in features if feature.kind is not FeatureKind.CATEGORY]
    named = [feature.name for feature in features if feature.kind is FeatureKind.CATEGORY]
    categories = tuple(fit_categories(name, texts(frame, name), labels, weights, prior) for name in named)
    if knots is None:
        return Encoder((), tuple(plain), categories)
    shapes = [fit_numeric(name, numbers(frame, name), knots) for name in plain]
    return Encoder(tuple(shape for shape in shapes if shape is not None), (), categories)


def out_of_fold(frame: pd.DataFrame) -> np.ndarray:
    """A fold per row; all rows of an establishment share one, so that its own results never teach its category."""
    folds = {value: zlib.crc32(value.encode()) % _FOLDS for value in set(texts(frame, "establishment").tolist())}
    return np.array([folds[value] for value in texts(frame, "establishment").tolist()], dtype=np.int64)


def _cross_fitted(
    frame: pd.DataFrame, name: str, labels: Reals, weights: Reals, prior: float, folds: np.ndarray
) -> Reals:
    values = texts(frame, name)
    encoded = np.empty(len(frame), dtype=np.float64)
    for fold in range(_FOLDS):
        inside, outside = folds == fold, folds != fold
        if inside.any() and outside.any():
            rates = fit_categories(name, values[outside], labels[outside], weights[outside], prior)
            encoded[inside] = rates.encode(values[inside])
        else:
            encoded[inside] = fit_categories(name, values, labels, weights, prior).overall
    return encoded
