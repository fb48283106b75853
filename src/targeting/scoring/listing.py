"""Who would be listed by other samples: where each refit cuts the cohort, found without holding the cohort."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

__all__ = ["Cuts", "cuts", "refit_columns"]


@dataclass(frozen=True)
class Cuts:
    """Per refit the log-odds of the last of the first `k`, and the chance of whoever is tied with it.

    `at` is minus infinity where the cohort has no more than `k` rows: everybody is listed then.
    """

    at: np.ndarray
    tied: np.ndarray

    def chances(self, refits: np.ndarray) -> np.ndarray:
        """Per row (the second axis of `refits`) the share of the refits that list it; those tied are drawn by lot."""
        above, level = refits > self.at[:, None], refits == self.at[:, None]
        return np.asarray(np.mean(np.where(above, 1.0, np.where(level, self.tied[:, None], 0.0)), axis=0))


def cuts(parts: Callable[[], Iterable[np.ndarray]], k: int) -> Cuts | None:
    """The cuts of a cohort that comes in parts (refits, rows), read twice and held one at a time; null without refits.

    >>> found = cuts(lambda: [np.array([[0.9, 0.5]]), np.array([[0.5, 0.1]])], 2)
    >>> found.at, found.tied
    (array([0.5]), array([0.5]))
    """
    first: np.ndarray | None = None
    rows = 0
    for part in parts():
        known = part if first is None else np.concatenate([first, part], axis=1)
        first, rows = np.sort(known, axis=1)[:, -k:], rows + part.shape[1]
    if first is None or not len(first):
        return None
    if rows <= k:
        return Cuts(np.full(len(first), -np.inf), np.zeros(len(first)))
    at = first[:, 0]
    level = sum(((part == at[:, None]).sum(axis=1) for part in parts()), np.zeros(len(at)))
    return Cuts(at, (k - (first > at[:, None]).sum(axis=1)) / level)


def refit_columns(refits: pa.ListArray) -> np.ndarray:
    """A list column of one length as an array (refits, rows)."""
    values = refits.flatten().to_numpy()
    return values.reshape(len(refits), -1).T if len(values) else np.empty((0, len(refits)))
