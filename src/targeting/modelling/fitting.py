"""The one place where a logistic regression is fitted: sklearn's, on one thread, so that reruns agree to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from targeting.modelling.columns import Reals

__all__ = ["Fit", "ridge_logistic"]


class Fit(NamedTuple):
    """Coefficients in the order of the columns, and the intercept (never shrunk)."""

    coefficients: Reals
    intercept: float


def ridge_logistic(columns: Sequence[Reals], labels: Reals, weights: Reals, *, strength: float) -> Fit:
    """Ridge logistic regression of `labels` (0 or 1, both present) on `columns`.

    Newton steps reach the optimum to machine precision, where lbfgs stops somewhere near it.
    """
    design = np.column_stack(columns) if columns else np.zeros((len(labels), 1))
    if not np.any(design):
        rate = float(np.average(labels, weights=weights))
        return Fit(np.zeros(len(columns)), float(np.log(rate / (1.0 - rate))))
    learner = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=200, tol=1e-8)
    with _threads().limit(limits=1):
        learner.fit(design, labels.astype(np.int64), sample_weight=weights)
    return Fit(np.asarray(learner.coef_[0], dtype=np.float64), float(learner.intercept_[0]))


@cache
def _threads() -> ThreadpoolController:
    """Found once: looking for the loaded libraries takes as long as a small fit."""
    return ThreadpoolController()
