"""Train and serve alike: a row's features from the whole file equal those from the file as it was on that day."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from targeting.evaluation.open_format.dataset import Dataset
from targeting.evaluation.open_format.event_history import EventKind
from targeting.evaluation.open_format.features import build_features
from targeting.evaluation.parity import Parity, differing_columns

__all__ = ["check_parity"]

_DAYS: Final = 3
_ROWS_A_DAY: Final = 20


def check_parity(data: Dataset, frame: pd.DataFrame, rows: np.ndarray, kinds: tuple[EventKind, ...]) -> Parity:
    """Rebuild a sample of `frame` (the features of the inspections at `rows`) from truncated data, and compare.

    The sample is up to twenty rows of the first, the middle and the last day: the same for every run.
    """
    days = data.inspections["day"].to_numpy()[rows]
    distinct = np.unique(days)
    sampled = np.unique(distinct[np.linspace(0, len(distinct) - 1, _DAYS).astype(int)])
    compared, differing = 0, set[str]()
    for day in sampled.tolist():
        places = np.flatnonzero(days == day)[:_ROWS_A_DAY]
        again = _as_known(data, rows[places], int(day), kinds)
        whole = frame.iloc[places].reset_index(drop=True)
        compared += len(places)
        differing |= set(differing_columns(whole, again))
    return Parity(compared, tuple(sorted(differing)))


def _as_known(data: Dataset, rows: np.ndarray, day: int, kinds: tuple[EventKind, ...]) -> pd.DataFrame:
    past = data.before(day)
    wanted = data.inspections["inspection"].to_numpy()[rows]
    ids = pd.Series(past.inspections.index[past.inspections["day"] == day])
    named = past.inspections["inspection"].loc[ids].to_numpy()
    places = dict(zip(named.tolist(), ids.tolist(), strict=True))
    return build_features(past, np.array([places[one] for one in wanted.tolist()], dtype=np.int64), kinds).frame
