"""LightGBM on raw numbers and shrunken rates: small, monotone where declared, the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import lightgbm
import numpy as np
import pandas as pd

from targeting.features.family import Feature
from targeting.modelling.assignment import AssignmentEffects
from targeting.modelling.candidates import LightgbmParameters
from targeting.modelling.columns import Frame, Reals
from targeting.modelling.encoding import Encoder, fit_encoder
from targeting.modelling.model import Attribution

__all__ = ["Trees", "fit_trees"]

_SETTINGS_FROM: Final = "\nparameters:"


@dataclass(frozen=True)
class Trees:
    """A LightGBM booster as text, with its own encoder. `base` is added to what the trees say."""

    encoder: Encoder
    booster: str
    base: float
    effects: AssignmentEffects

    @property
    def features(self) -> tuple[str, ...]:
        """The feature columns the model reads."""
        return self.encoder.features

    def log_odds(self, frame: Frame, *, threads: int = 1) -> Reals:
        """The trees' sum plus the base."""
        raw = _loaded(self.booster).predict(self._matrix(frame), raw_score=True, num_threads=threads)
        return self.base + np.asarray(raw, dtype=np.float64)

    def assignment(self, frame: pd.DataFrame) -> Reals:
        """The offset each row's assignment was given in training, beside the reference."""
        return self.effects.beside_reference(frame)

    def attribute(self, frame: Frame, *, threads: int = 1) -> Attribution:
        """Exact TreeSHAP; LightGBM's own expected value joins the base."""
        if len(frame) == 0:  # LightGBM divides by the number of rows here
            return Attribution(self.base, np.zeros((0, len(self.features))))
        parts = _loaded(self.booster).predict(self._matrix(frame), pred_contrib=True, num_threads=threads)
        split = np.asarray(parts, dtype=np.float64)
        return Attribution(self.base + float(split[0, -1]), np.ascontiguousarray(split[:, :-1]))

    def _matrix(self, frame: Frame) -> Reals:
        return _stacked(self.encoder.columns(frame), len(frame))


def fit_trees(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    labels: Reals,
    weights: Reals,
    parameters: LightgbmParameters,
    effects: AssignmentEffects,
    *,
    seed: int,
    threads: int,
    explained: Reals | float = 0.0,
) -> Trees:
    """Boost from an offset: the base rate and the `effects` a logistic model found for each row's assignment.

    The assignment enters as a fixed offset rather than as columns, so that no tree can split on it and no reason
    can mention it. So do log-odds that are `explained` already: the trees add to them and do not repeat them.
    """
    encoder = fit_encoder(frame, features, labels, weights, prior=parameters.prior, knots=None)
    matrix = _stacked(encoder.training_columns(frame, labels, weights, parameters.prior), len(frame))
    offset = effects.beside_reference(frame) + explained
    base = _balanced(offset, labels, weights)
    rows = lightgbm.Dataset(
        matrix, labels, weight=weights, init_score=base + offset, params=_settings(parameters, seed, threads)
    )
    monotone = _monotone(encoder, features) if parameters.monotone else None
    settings = _settings(parameters, seed, threads) | ({"monotone_constraints": monotone} if monotone else {})
    booster = lightgbm.train(settings, rows, num_boost_round=parameters.trees)
    # What follows the trees in the text is the settings, threads among them: no part of what was learned.
    text = booster.model_to_string().split(_SETTINGS_FROM)[0] + "\n"
    return Trees(encoder, text, base, effects)


def _settings(parameters: LightgbmParameters, seed: int, threads: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "boost_from_average": False,
        "num_leaves": parameters.leaves,
        "max_depth": parameters.depth,
        "learning_rate": parameters.rate,
        "min_data_in_leaf": parameters.min_leaf,
        "lambda_l2": parameters.l2,
        "feature_fraction": parameters.feature_fraction,
        "max_bin": parameters.bins,
        "feature_pre_filter": False,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "verbosity": -1,
    }


def _monotone(encoder: Encoder, features: Sequence[Feature]) -> list[int]:
    declared = {feature.name: feature.monotone for feature in features}
    return [declared[name] for name in encoder.features]


def _stacked(grouped: list[list[Reals]], rows: int) -> Reals:
    columns = [column for group in grouped for column in group]
    return np.ascontiguousarray(np.column_stack(columns)) if columns else np.zeros((rows, 0))


def _balanced(offset: Reals, labels: Reals, weights: Reals) -> float:
    """The constant that, added to `offset`, makes the mean probability the base rate (Newton's method)."""
    rate, base = float(np.average(labels, weights=weights)), 0.0
    for _ in range(50):
        probability = 1.0 / (1.0 + np.exp(-(base + offset)))
        slope = float(np.average(probability * (1.0 - probability), weights=weights))
        base -= (float(np.average(probability, weights=weights)) - rate) / max(slope, 1e-6)
    return base


@lru_cache(maxsize=16)
def _loaded(text: str) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=text)
