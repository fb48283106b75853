"""A model of a target with few labels: other targets' lessons, and what its own labels add to them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from targeting.features.family import Feature
from targeting.modelling.blend import Blend
from targeting.modelling.candidates import PooledParameters
from targeting.modelling.columns import Reals
from targeting.modelling.linear import fit_beside
from targeting.modelling.model import Model

__all__ = ["fit_pooled"]


def fit_pooled(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    parameters: PooledParameters,
    nuisance: Sequence[tuple[str, str]],
    lessons: Sequence[Model],
) -> Model:
    """Regress on the log-odds of `lessons` and on the own features at once; without lessons, on these alone.

    A lesson's column is made `trust` times as wide as the standardised others, so that ridge shrinks it less.
    """
    taught = [lesson.log_odds(frame) for lesson in lessons]
    widths = [parameters.trust / (float(column.std()) or 1.0) for column in taught]
    given = [column * width for column, width in zip(taught, widths, strict=True)]
    own, coefficients = fit_beside(frame, features, labels, weights, parameters.own, nuisance, given)
    slopes = (float(slope * width) for slope, width in zip(coefficients, widths, strict=True))
    return Blend((own, *lessons), (1.0, *slopes))
