"""Which single column says too much: the mark of something decided with, or after, the visit.

One implementation for the house's own features and for a data set of the open format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.evaluation.influence import auc_components
from targeting.evaluation.metrics import auc
from targeting.evaluation.splits import Split
from targeting.features.family import Feature, FeatureKind
from targeting.modelling.categories import fit_categories
from targeting.modelling.columns import Reals, numbers, texts
from targeting.modelling.specification import Gates

__all__ = ["SingleColumn", "Strength", "column_strengths", "feature_strengths", "implausible", "single_column"]

_NAMED_SO: Final = re.compile(r"inspe[ck]t(or|ør|oer)|officer|examiner|auditor|surveyor|assigned|saksbehandler", re.I)
_PRIOR: Final = 20.0
_BINS: Final = 20
_NAMES: Final = np.array([str(number) for number in range(_BINS + 2)], dtype=object)
_LEAST_JUMP: Final = 0.05
_ERRORS: Final = 2.0
_CHANGING: Final = 0.1


class SingleColumn(NamedTuple):
    """One column: numbers (float64, NaN unknown) or texts ("" unknown), and whether it describes a category.

    `declared`: it has a declaration, which a person wrote and the deny-list read.
    """

    values: np.ndarray
    category: bool
    declared: bool


class Strength(NamedTuple):
    """A column on its own, forward in time: AUC of its shrunken rates with its standard error.

    `changes` is the share of repeated visits at which a category differs from the establishment's previous one; null
    for numbers, many of which change by nature.
    """

    column: str
    auc: float
    error: float
    changes: float | None
    declared: bool


def single_column(feature: Feature, frame: pd.DataFrame) -> SingleColumn:
    """A declared feature's values in `frame`."""
    category = feature.kind is FeatureKind.CATEGORY
    values = texts(frame, feature.name) if category else numbers(frame, feature.name)
    return SingleColumn(values, category, declared=True)


def feature_strengths(
    frame: pd.DataFrame, features: Sequence[Feature], splits: Sequence[Split]
) -> tuple[Strength, ...]:
    """`column_strengths` of every feature in a training matrix's `frame`."""
    columns = {feature.name: single_column(feature, frame) for feature in features}
    return column_strengths(columns, texts(frame, "establishment"), numbers(frame, "label"), splits)


def column_strengths(
    columns: Mapping[str, SingleColumn], establishments: np.ndarray, labels: Reals, splits: Sequence[Split]
) -> tuple[Strength, ...]:
    """Every column's forward AUC on its own over the `splits` (weighed by test rows), strongest first.

    A split whose test rows are all of one kind says nothing; without any other, a column is left out.
    """
    telling = [split for split in splits if 1 < labels[split.test].sum() < len(split.test) - 1]
    if not telling:
        return ()
    found = [_strength(name, column, establishments, labels, telling) for name, column in columns.items()]
    return tuple(sorted(found, key=lambda one: (-one.auc, one.column)))


def implausible(strengths: Sequence[Strength], gates: Gates, judged: Callable[[str], bool]) -> tuple[str, ...]:
    """A sentence for every `judged` column that alone says more than anything known beforehand could.

    That is: surely (by two standard errors) beyond `max_feature_auc`; or `max_feature_jump` times as far above chance
    as the best other column; or a category that changes between visits to the same establishment, and so describes
    the visit, and yet orders outcomes; or one without a declaration whose very name says who was sent.
    """
    found = []
    for one in strengths:
        best_other = max((other.auc for other in strengths if other.column != one.column), default=None)
        if judged(one.column) and (why := _why(one, best_other, gates)):
            found.append(f"{one.column} ({why})")
    return tuple(found)


def _why(one: Strength, best_other: float | None, gates: Gates) -> str:
    sure = one.auc - _ERRORS * one.error
    alone = f"AUC {one.auc:.3f} on its own"
    if sure >= gates.max_feature_auc:
        return f"{alone}: it all but holds the outcome"
    if best_other is not None and _jumps(sure, best_other, gates.max_feature_jump):
        return f"{alone}, the best other {best_other:.3f}"
    if one.changes is not None and one.changes >= _CHANGING and sure - 0.5 > _LEAST_JUMP:
        return f"{alone}, and it changes at {one.changes:.0%} of repeated visits"
    if not one.declared and _NAMED_SO.search(one.column):
        return "its name says it is decided with the visit"
    return ""


def _jumps(sure: float, best_other: float, ratio: float) -> bool:
    return sure - best_other > _LEAST_JUMP and sure - 0.5 > ratio * max(best_other - 0.5, 0.0)


def _strength(
    name: str, column: SingleColumn, establishments: np.ndarray, labels: Reals, splits: Sequence[Split]
) -> Strength:
    areas, errors = [], []
    for split in splits:
        values = _levels(column.values, split.train)
        rates = fit_categories(name, values[split.train], labels[split.train], np.ones(len(split.train)), _PRIOR)
        scores, own = rates.encode(values[split.test]), labels[split.test]
        areas.append(auc(scores, own))
        errors.append(_auc_error(scores, own))
    sizes = np.array([split.weight for split in splits], dtype=np.float64)
    shares = sizes / sizes.sum()
    area, error = float((shares * areas).sum()), float(np.sqrt(((shares * np.array(errors)) ** 2).sum()))
    changes = _changes(_levels(column.values, np.arange(len(labels))), establishments) if column.category else None
    return Strength(name, area, error, changes, column.declared)


def _auc_error(scores: Reals, labels: Reals) -> float:
    """DeLong's standard error of the AUC: fifty times as fast as a bootstrap, for a hundred columns a split."""
    below, above = auc_components(scores, labels)
    return float(np.sqrt(below.var(ddof=1) / len(below) + above.var(ddof=1) / len(above)))


def _levels(values: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Text as it is; numbers of many values in twenty bins of equal size, cut where the training rows say."""
    if values.dtype.kind != "f":
        return values
    absent = np.isnan(values)
    edges = np.unique(values[~absent])
    if len(edges) > _BINS:
        known = values[train][~absent[train]]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    return np.where(absent, "", _NAMES[np.searchsorted(edges, values, "right")])


def _changes(values: np.ndarray, establishments: np.ndarray) -> float:
    order = np.argsort(pd.factorize(establishments)[0], kind="stable")
    same = establishments[order][1:] == establishments[order][:-1]
    differs = values[order][1:] != values[order][:-1]
    return float(differs[same].mean()) if same.any() else 0.0
