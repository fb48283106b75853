"""A scorecard: whole points per warning flag, none negative, few enough to be added up by hand.

Learned signs are what makes a small sample absurd ("no accountant, so no work crime"). Here a flag can only count for
nothing. Weights are shrunk toward each other rather than toward zero, so that with hardly any labels the card becomes
the plain count of flags.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from targeting.modelling.candidates import ScorecardParameters
from targeting.modelling.columns import Reals
from targeting.modelling.rules import Rule, filled, fit_rule

__all__ = ["fit_scorecard"]

_STEPS: Final = 500


def fit_scorecard(frame: pd.DataFrame, labels: Reals, weights: Reals, parameters: ScorecardParameters) -> Rule:
    """Fit the card on training rows; when no flag tells anything, each counts one point."""
    columns = [filled(frame, name, parameters.missing) for name in parameters.features]
    found = _weights(np.column_stack(columns), labels, weights, parameters.strength)
    points = np.rint(found / max(float(found.max()), 1e-12) * parameters.most_points)
    if not points.any():
        points = np.ones(len(columns))
    return fit_rule(frame, parameters.features, parameters.missing, labels, points)


def _weights(design: Reals, labels: Reals, weights: Reals, strength: float) -> Reals:
    """The logistic weights, none negative, ridged by their distance from their own mean."""
    size = design.shape[1]

    def loss(theta: Reals) -> tuple[float, Reals]:
        inside = theta[0] + design @ theta[1:]
        apart = theta[1:] - theta[1:].mean()
        value = float(
            (weights * (np.logaddexp(0.0, inside) - labels * inside)).sum() + (apart @ apart) / (2 * strength)
        )
        wrong = weights * (expit(inside) - labels)
        return value, np.concatenate([[wrong.sum()], design.T @ wrong + apart / strength])

    bounds = [(None, None), *[(0.0, None)] * size]
    with threadpool_limits(1):
        result = minimize(
            loss, np.zeros(size + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS}
        )
    return np.asarray(result.x[1:])
