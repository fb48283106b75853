"""Settings of a candidate tried forward in time, on windows before those that judge it: seeded, within a budget.

The windows that choose between candidates stay unseen here, so a tuned candidate meets them like any other. The
settings as written are the first trial, and stay unless others are better by more than chance would have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import optuna
import pandas as pd

from targeting.domain import AsOf
from targeting.evaluation.splits import Split, forward_splits
from targeting.features.family import Feature
from targeting.modelling.candidates import Candidate, LightgbmParameters, LogisticParameters, PooledParameters
from targeting.modelling.columns import Reals, numbers
from targeting.modelling.specification import Specification, Splits
from targeting.modelling.training import fit_candidates

__all__ = ["tune"]

_WINDOWS: Final = 2
_QUARTERS: Final = 4
"""Two whole years: windows of a quarter would tune to a season."""


class _Tried(NamedTuple):
    """Settings, and the log loss of every test row under them."""

    candidate: Candidate
    losses: Reals

    @property
    def loss(self) -> float:
        return float(self.losses.mean())


def tune(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    specification: Specification,
    until: AsOf,
    *,
    threads: int = 1,
) -> Specification:
    """The specification with the settings found for `[tuning] candidates`; unchanged where nothing can be tried."""
    windows = _windows(frame, specification, until) if specification.tuning.trials else ()
    for name in specification.tuning.candidates if windows else ():
        found = _search(frame, features, specification, name, windows, threads)
        candidates = tuple(found if one.name == name else one for one in specification.candidates)
        specification = replace(specification, candidates=candidates)
    return specification


def _windows(frame: pd.DataFrame, specification: Specification, until: AsOf) -> tuple[Split, ...]:
    judging = forward_splits(frame, specification, until)
    if not judging:
        return ()
    before = Splits(specification.splits.first_test, _WINDOWS, _QUARTERS)
    # What was tested must itself have been known by then: the windows end where their labels were ripe.
    return forward_splits(frame, replace(specification, splits=before), AsOf(judging[0].quarter.first_day))


def _search(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    specification: Specification,
    name: str,
    windows: Sequence[Split],
    threads: int,
) -> Candidate:
    tried: list[_Tried] = []

    def loss(trial: optuna.Trial) -> float:
        written = specification.candidate(name)
        candidate = replace(written, parameters=_suggested(trial, written)) if tried else written
        losses = _losses(frame, features, _only(specification, candidate), name, windows, threads)
        tried.append(_Tried(candidate, losses))
        return tried[-1].loss

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=specification.seed))
    study.optimize(loss, n_trials=specification.tuning.trials)
    return _surely_better(tried)


def _surely_better(tried: Sequence[_Tried]) -> Candidate:
    """The best settings tried, or the written ones (the first) where the gain is within one standard error."""
    written, best = tried[0], min(tried, key=lambda one: one.loss)
    gains = written.losses - best.losses
    error = float(gains.std(ddof=1) / np.sqrt(len(gains)))
    return best.candidate if float(gains.mean()) > error else written.candidate


def _losses(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    specification: Specification,
    name: str,
    windows: Sequence[Split],
    threads: int,
) -> Reals:
    parts = []
    for window in windows:
        model = fit_candidates(specification, frame.iloc[window.train], features, threads=threads)[name]
        tested = frame.iloc[window.test]
        log_odds = model.log_odds(tested, threads=threads) + model.assignment(tested)
        parts.append(np.logaddexp(0.0, log_odds) - numbers(tested, "label") * log_odds)
    return np.concatenate(parts)


def _only(specification: Specification, candidate: Candidate) -> Specification:
    """The candidate by itself. Trees without the assignment effects, which would be another model's fit each time."""
    if isinstance(candidate.parameters, LightgbmParameters):
        candidate = replace(candidate, parameters=replace(candidate.parameters, nuisance=False))
    return replace(specification, candidates=(candidate,))


def _suggested(trial: optuna.Trial, written: Candidate) -> Any:
    match written.parameters:
        case LightgbmParameters() as trees:
            return replace(
                trees,
                leaves=trial.suggest_int("leaves", 4, 16),
                rate=trial.suggest_float("rate", 0.01, 0.1, log=True),
                min_leaf=trial.suggest_int("min_leaf", 10, 200, log=True),
                l2=trial.suggest_float("l2", 1.0, 100.0, log=True),
                feature_fraction=trial.suggest_float("feature_fraction", 0.1, 0.8),
            )
        case LogisticParameters() as line:
            return replace(
                line,
                strength=trial.suggest_float("strength", 5e-4, 0.5, log=True),
                knots=trial.suggest_int("knots", 0, 4),
            )
        case PooledParameters() as pooled:
            return replace(
                pooled,
                levels=trial.suggest_float("levels", 0.1, 1.0, log=True),
                own=trial.suggest_float("own", 0.05, 0.6, log=True),
                lessons=trial.suggest_float("lessons", 0.1, 2.0, log=True),
            )
        case other:
            return other
