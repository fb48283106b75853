"""Draws that several modules need: from a table of weights, of a first event, of a value within a class."""

from __future__ import annotations

import numpy as np

from targeting.sources.synthetic.arrays import NEVER, Ints, Reals
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["first_event", "sigmoid", "weighted", "weighted_by_group"]


def weighted(random: np.random.Generator, weights: Reals, how_many: int) -> Ints:
    """`how_many` indices, each with probability proportional to its weight."""
    edges = np.cumsum(weights / weights.sum())
    return np.asarray(np.minimum(np.searchsorted(edges, random.random(how_many)), len(weights) - 1))


def weighted_by_group(random: np.random.Generator, weights: Reals, group: Ints) -> Ints:
    """For each entry a column index, with probabilities from row `group` of `weights`."""
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    chosen = (random.random(len(group))[:, None] > edges[group]).sum(axis=1)
    return np.asarray(np.minimum(chosen, weights.shape[1] - 1))


def first_event(random: np.random.Generator, yearly: Reals) -> Ints:
    """The quarter of an event with a constant yearly rate, `NEVER` when it does not come in time."""
    quarterly = np.clip(yearly / 4, 1e-12, 0.99)
    waiting = np.floor(np.log(random.random(len(yearly))) / np.log1p(-quarterly))
    return np.where(waiting < QUARTERS, waiting, NEVER).astype(np.int64)


def sigmoid(logit: Reals) -> Reals:
    """From log-odds to a probability."""
    return 1.0 / (1.0 + np.exp(-logit))
