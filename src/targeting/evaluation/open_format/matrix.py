"""A data set as the frame that the house's candidates are fitted on: training rows and test rows, one path."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from targeting.domain import RefusedError
from targeting.evaluation.open_format.cells import to_texts
from targeting.evaluation.open_format.dataset import Dataset, day_number
from targeting.evaluation.open_format.event_history import EventKind
from targeting.evaluation.open_format.features import build_features, event_kinds
from targeting.features.family import Feature

__all__ = ["OpenMatrix", "open_matrix"]

_MOST_LEVELS: Final = 60


class OpenMatrix(NamedTuple):
    """Rows of both windows with a known outcome; `rows` are their places in the data set's inspections.

    `frame` has the columns that `fit_candidates` needs; `train` and `test` are masks over it. `attributes` are the
    listed columns as they stood on each row's day. `kinds` is the frozen vocabulary of events.
    """

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    attributes: pd.DataFrame
    rows: np.ndarray
    train: np.ndarray
    test: np.ndarray
    kinds: tuple[EventKind, ...]


def open_matrix(data: Dataset) -> OpenMatrix:
    """Features and labels. Training rows were known before the test begins; `RefusedError` when a kind lacks."""
    visits, settings = data.inspections, data.settings
    day, known = visits["day"].to_numpy(), visits["known"].to_numpy()
    begins = day_number(settings.test.start)
    train = (day >= day_number(settings.train.start)) & (day < day_number(settings.train.end)) & (known < begins)
    test = (day >= begins) & (day < day_number(settings.test.end))
    labelled = visits["breach"].notna().to_numpy()
    _check(visits["breach"].to_numpy(dtype=np.float64)[labelled & train], int((labelled & test).sum()), data)
    rows = np.flatnonzero(labelled & (train | test))
    kinds = event_kinds(data)
    built = build_features(data, rows, kinds)
    outcome = visits.iloc[rows].reset_index(drop=True)
    about = pd.DataFrame(
        {
            "establishment": outcome["establishment"],
            "occurred_on": pd.to_datetime(outcome["day"], unit="D"),
            "label_known_on": pd.to_datetime(outcome["known"], unit="D"),
            "label": outcome["breach"],
            **{name: _frequent(built.attributes[name], train[rows]) for name in settings.nuisance},
        }
    )
    frame = pd.concat([about, built.frame], axis=1)
    attributes = built.attributes[list(settings.attributes)]
    return OpenMatrix(frame, built.features, attributes, rows, train[rows], test[rows], kinds)


def _check(labels: np.ndarray, test_rows: int, data: Dataset) -> None:
    if len(labels) == 0 or labels.min() == labels.max() or test_rows == 0:
        raise RefusedError(
            expected="training rows with and without a breach, and test rows, with a known outcome",
            got=f"{int(labels.sum())} breaches in {len(labels)} training rows, {test_rows} test rows",
            where=data.settings.name,
            do="correct the windows in dataset.toml, or the column breach",
        )


def _frequent(values: pd.Series, train: np.ndarray) -> pd.Series:
    """An assignment column's most frequent levels in training; each costs a coefficient, and the rest say little."""
    texts = to_texts(values)
    kept = set(texts[train].value_counts().index[:_MOST_LEVELS])
    return texts.where(texts.isin(kept), "")
