"""The evidence that a training has at hand; an evaluation adds parity, stability and groups with `replace`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from targeting.domain import AsOf
from targeting.evaluation.backtest import Backtest
from targeting.evaluation.column_strength import feature_strengths
from targeting.evaluation.gates.evidence import Evidence, NewestLabel, Recoding
from targeting.evaluation.selection import Choice
from targeting.features.family import Feature
from targeting.matrix import NUISANCE, Matrix
from targeting.modelling.specification import Specification
from targeting.modelling.training import chosen_features, trainable

__all__ = ["newest_label", "recodings", "training_evidence"]

_LEAST_LEVELS = 3  # two yes/no columns may well agree by chance
_FOLLOWS: Final = frozenset({("office", "establishments.municipality")})
"""An office answers for the places around it: where an establishment lies is registered, and decides the office."""


def training_evidence(
    matrix: Matrix,
    specification: Specification,
    as_of: AsOf,
    result: Backtest,
    choice: Choice,
    columns: Sequence[str],
    declared: Sequence[Feature],
) -> Evidence:
    """All that can be said without scoring a cohort. `columns` are those that the chosen model reads."""
    allowed = chosen_features(matrix.features, specification.features)
    return Evidence(
        specification=specification,
        as_of=as_of,
        result=result,
        choice=choice,
        columns=tuple(columns),
        declared=tuple(declared),
        recodings=recodings(matrix.frame, allowed),
        strengths=feature_strengths(matrix.frame, allowed, result.splits),
        newest=newest_label(matrix.frame, specification, as_of),
    )


def newest_label(frame: pd.DataFrame, specification: Specification, as_of: AsOf) -> NewestLabel | None:
    """Of the rows that may be trained on as of the day; null when there is none."""
    ready = frame[trainable(frame, specification, as_of.day)]
    if ready.empty:
        return None
    newest = (pd.to_datetime(ready[name]).max().date() for name in ("occurred_on", "label_known_on"))
    return NewestLabel(*newest)


def recodings(frame: pd.DataFrame, features: Sequence[Feature]) -> tuple[Recoding, ...]:
    """The `features` that are an assignment-time column under another name, or in numbers.

    Not those that such a column only follows from.
    """
    assigned = {name: _codes(frame[name]) for name in NUISANCE if name in frame}
    return tuple(
        Recoding(feature.name, column)
        for feature in features
        for column, codes in assigned.items()
        if (column, feature.source) not in _FOLLOWS and _same(_codes(frame[feature.name]), codes)
    )


def _codes(values: pd.Series) -> np.ndarray:
    """Whole numbers from 0, one a level, unknown being a level like any other."""
    return pd.factorize(values, use_na_sentinel=False)[0]


def _same(codes: np.ndarray, others: np.ndarray) -> bool:
    """Whether the two split the rows in the same way."""
    levels = codes.max(initial=-1) + 1
    if levels < _LEAST_LEVELS or levels != others.max(initial=-1) + 1:
        return False
    return len(np.unique(codes * levels + others)) == int(levels)
