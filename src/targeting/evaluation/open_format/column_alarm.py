"""Which single column says too much: the mark of something decided with, or after, the visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.evaluation.metrics import auc, bootstrap_error
from targeting.evaluation.open_format.cells import is_date, to_numbers, to_texts
from targeting.evaluation.splits import Split
from targeting.modelling.categories import fit_categories
from targeting.modelling.columns import Reals

__all__ = ["Strength", "column_strengths"]

_PRIOR: Final = 20.0
_BINS: Final = 20


class Strength(NamedTuple):
    """A column on its own, forward in time: AUC of its shrunken rates, its standard error, and how it was fitted."""

    column: str
    auc: float
    error: float
    changes: float


def column_strengths(
    attributes: pd.DataFrame, establishments: np.ndarray, labels: Reals, splits: Sequence[Split], seed: int
) -> tuple[Strength, ...]:
    """Every attribute's univariate forward AUC over the `splits` pooled, strongest first.

    `changes` is the share of repeated visits at which the column differs from the establishment's previous one.
    """
    found = [_strength(attributes, str(name), establishments, labels, splits, seed) for name in attributes]
    return tuple(sorted(found, key=lambda one: (-one.auc, one.column)))


def _strength(
    attributes: pd.DataFrame,
    name: str,
    establishments: np.ndarray,
    labels: Reals,
    splits: Sequence[Split],
    seed: int,
) -> Strength:
    areas, errors = [], []
    for split in splits:
        values = _levels(attributes[name], split.train)
        ones = np.ones(len(split.train))
        rates = fit_categories(name, values[split.train], labels[split.train], ones, _PRIOR)
        scores, own = rates.encode(values[split.test]), labels[split.test]
        areas.append(auc(scores, own))
        errors.append(_error(scores, own, seed))
    sizes = np.array([len(split.test) for split in splits], dtype=np.float64)
    shares = sizes / sizes.sum()
    area, error = float((shares * areas).sum()), float(np.sqrt(((shares * np.array(errors)) ** 2).sum()))
    return Strength(name, area, error, _changes(_levels(attributes[name], np.arange(len(labels))), establishments))


def _error(scores: Reals, labels: Reals, seed: int) -> float:
    return bootstrap_error(lambda rows: auc(scores[rows], labels[rows]), len(labels), seed)


def _levels(values: pd.Series, train: np.ndarray) -> np.ndarray:
    """Text as it is; numbers and dates in twenty bins of equal size, cut where the training rows say."""
    if is_date(values):
        return to_texts(values.dt.year if hasattr(values, "dt") else values).to_numpy()
    if not pd.api.types.is_numeric_dtype(values.dtype) or values.nunique() <= _BINS:
        return to_texts(values).to_numpy()
    numbers = to_numbers(values, str(values.name))
    known = numbers[train][~np.isnan(numbers[train])]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    binned = np.searchsorted(edges, numbers, "right").astype(str).astype(object)
    return np.where(np.isnan(numbers), "", binned)


def _changes(values: np.ndarray, establishments: np.ndarray) -> float:
    order = np.argsort(pd.factorize(establishments)[0], kind="stable")
    same = establishments[order][1:] == establishments[order][:-1]
    differs = values[order][1:] != values[order][:-1]
    return float(differs[same].mean()) if same.any() else 0.0
