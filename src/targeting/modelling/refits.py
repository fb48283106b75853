"""The chosen candidate fitted again on resampled rows: who is listed whatever sample was drawn, and who by luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from targeting.features.family import Feature
from targeting.modelling.candidates import BlendParameters, LightgbmParameters, LogisticParameters
from targeting.modelling.columns import Frame, Reals, numbers, texts
from targeting.modelling.model import Model
from targeting.modelling.specification import Specification
from targeting.modelling.training import fit_candidates

__all__ = ["NO_REFITS", "REFITS", "Refits", "alone", "among_first", "refit", "resampled"]

REFITS: Final = 10
"""Fits beside the one that serves. Ten tell a place that always holds from one that half the samples give away."""


@dataclass(frozen=True)
class Refits:
    """Models of one candidate on resampled rows, and the length `capacity` of the list they are asked about."""

    models: tuple[Model, ...]
    capacity: int

    def log_odds(self, frame: Frame, *, threads: int = 1) -> Reals:
        """Per fit and row the log-odds: an array (fits, rows)."""
        rows = [model.log_odds(frame, threads=threads) for model in self.models]
        return np.array(rows, dtype=np.float64).reshape(len(self.models), len(frame))


NO_REFITS: Final = Refits((), 0)


def refit(
    frame: pd.DataFrame,
    features: Sequence[Feature],
    specification: Specification,
    candidate: str,
    *,
    number: int = REFITS,
    threads: int = 1,
) -> Refits:
    """Fit `candidate` on `number` resamples of `frame` (training rows only, both labels among them)."""
    small = alone(specification, candidate)
    models = [
        fit_candidates(small, frame.iloc[resampled(frame, [small.seed, step])], features, threads=threads)[candidate]
        for step in range(1, number + 1)
    ]
    return Refits(tuple(models), specification.capacity)


def among_first(scores: Reals, k: int) -> Reals:
    """Each row's chance of being among the `k` highest, those tied at the cut drawn by lot.

    >>> among_first(np.array([0.9, 0.5, 0.5, 0.1]), 2)
    array([1. , 0.5, 0.5, 0. ])
    """
    if k >= len(scores):
        return np.ones(len(scores))
    cut = np.partition(scores, len(scores) - k)[len(scores) - k]
    above, tied = scores > cut, scores == cut
    return np.where(above, 1.0, np.where(tied, (k - above.sum()) / tied.sum(), 0.0))


def alone(specification: Specification, candidate: str) -> Specification:
    """The specification with `candidate` and what its fit rests on, and no more.

    Those are a blend's parts, and for trees the logistic models whose assignment effects they take as their offset.
    """
    needed, parameters = {candidate}, specification.candidate(candidate).parameters
    if isinstance(parameters, BlendParameters):
        needed |= set(parameters.of)
    trees = any(isinstance(specification.candidate(name).parameters, LightgbmParameters) for name in needed)
    kept = tuple(
        one
        for one in specification.candidates
        if one.name in needed or (trees and isinstance(one.parameters, LogisticParameters) and one.parameters.nuisance)
    )
    return replace(specification, candidates=kept)


def resampled(rows: pd.DataFrame, seed: list[int]) -> np.ndarray:
    """Row numbers of as many enterprises as there are, drawn with replacement; drawn again if only one label came.

    By enterprise, because what is found at one establishment tells of its sisters.
    """
    generator, labels = np.random.default_rng(seed), numbers(rows, "label")
    codes, enterprises = pd.factorize(texts(rows, "enterprise"))
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    while True:
        drawn = generator.integers(0, len(enterprises), len(enterprises))
        chosen = np.concatenate([members[place] for place in drawn.tolist()])
        if 0 < labels[chosen].sum() < len(chosen):
            return np.asarray(np.sort(chosen))
