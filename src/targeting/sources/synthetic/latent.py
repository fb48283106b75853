"""The unobserved quality of a workplace: a Markov chain over a few levels, so that what can be learned is exact.

Quality is what no register shows. It keeps most of its level from quarter to quarter, starts from the long-run
distribution, and is mostly drawn anew when the owner changes (which the register does show). Higher is worse.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from targeting.sources.synthetic.arrays import Ints, Reals
from targeting.sources.synthetic.assumptions import rate
from targeting.sources.synthetic.drawing import sigmoid
from targeting.sources.synthetic.randomness import stream
from targeting.sources.synthetic.timeline import QUARTERS

__all__ = ["Chain", "chain", "mean_over", "walk"]


class Chain(NamedTuple):
    """Levels with mean 0 and variance 1, the chance of each in the long run, and of each step."""

    level: Reals
    stationary: Reals
    step: Reals


@lru_cache(maxsize=1)
def chain() -> Chain:
    """A discretised AR(1) on equally spaced levels; the long-run distribution is the matrix's own.

    >>> links = chain()
    >>> abs(links.stationary @ links.level) < 1e-9, abs(links.stationary @ links.level**2 - 1) < 1e-9
    (np.True_, np.True_)
    """
    keep, nodes = rate("latent.persistence_quarter"), int(rate("latent.nodes"))
    raw = np.linspace(-rate("latent.reach"), rate("latent.reach"), nodes)
    distance = raw[None, :] - keep * raw[:, None]
    step = np.exp(-0.5 * distance**2 / (1 - keep**2))
    step /= step.sum(axis=1, keepdims=True)
    stationary = np.full(nodes, 1 / nodes) @ np.linalg.matrix_power(step, 4096)
    stationary = (stationary + stationary[::-1]) / 2
    stationary /= stationary.sum()
    return Chain(raw / np.sqrt(stationary @ raw**2), stationary, step)


def walk(seed: int, sold: Ints) -> npt.NDArray[np.int8]:
    """The level of every workplace on the first day of quarters 0 to 44; `sold` is the quarter of a new owner."""
    random, links = stream(seed, "latent"), chain()
    start, edges = np.cumsum(links.stationary), np.cumsum(links.step, axis=1)
    count, last = len(sold), len(links.level) - 1
    path = np.empty((count, QUARTERS + 1), dtype=np.int8)
    now = np.minimum(np.searchsorted(start, random.random(count)), last)
    path[:, 0] = now
    for q in range(1, QUARTERS + 1):
        draw = random.random(count)
        stays = np.minimum((draw[:, None] > edges[now]).sum(axis=1), last)
        fresh = np.minimum(np.searchsorted(start, random.random(count)), last)
        anew = (sold == q - 1) & (random.random(count) < rate("latent.reset_at_new_owner"))
        now = np.where(anew, fresh, stays)
        path[:, q] = now
    return path


def mean_over(belief: Reals, logit: Reals, loading: Reals) -> Reals:
    """E[sigmoid(logit + loading x level)] for each row, under its own belief over the levels."""
    return np.asarray((belief * sigmoid(logit[:, None] + loading[:, None] * chain().level)).sum(axis=1))
