"""Where a logistic regression is fitted: by sklearn or scipy, on one thread, so that reruns agree to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csc_array, csr_array, diags_array
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from targeting.modelling.columns import Flags, Reals

__all__ = ["Fit", "posterior_mode", "ridge_logistic"]


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


def posterior_mode(
    columns: Sequence[Reals | Flags], labels: Reals, weights: Reals, means: Reals, spreads: Reals
) -> Fit:
    """The likeliest effects when each is expected to lie about its mean, as far off as its spread (a normal prior).

    What ridge regression is with means of zero and one spread for all. The intercept is free. Zeros cost nothing, so
    hundreds of levels over 100 000 rows take seconds.
    """
    design = _sparse([np.ones(len(labels)), *columns])
    across = design.T.tocsr()
    expected, precision = np.append(0.0, means), np.append(0.0, spreads**-2.0)

    def loss(effects: Reals) -> tuple[float, Reals]:
        log_odds, apart = design @ effects, effects - expected
        value = (weights * (np.logaddexp(0.0, log_odds) - labels * log_odds)).sum() + (precision * apart**2).sum() / 2
        return float(value), across @ (weights * (expit(log_odds) - labels)) + precision * apart

    def curvature(effects: Reals) -> Reals:
        chance = expit(design @ effects)
        weighted = diags_array(weights * chance * (1.0 - chance)) @ design
        return np.asarray((across @ weighted).toarray() + np.diag(precision))

    with _threads().limit(limits=1):
        found = minimize(loss, expected, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-8}).x
    return Fit(np.asarray(found[1:], dtype=np.float64), float(found[0]))


def _sparse(columns: Sequence[Reals | Flags]) -> csr_array:
    """The columns side by side, without their zeros and without ever holding them dense."""
    where = [np.flatnonzero(column) for column in columns]
    values = [column[rows].astype(np.float64) for column, rows in zip(columns, where, strict=True)]
    starts = np.cumsum([0, *map(len, where)])
    shape = (len(columns[0]), len(columns))
    return csc_array((np.concatenate(values), np.concatenate(where), starts), shape=shape).tocsr()


@cache
def _threads() -> ThreadpoolController:
    """Found once: looking for the loaded libraries takes as long as a small fit."""
    return ThreadpoolController()
