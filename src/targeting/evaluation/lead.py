"""How far one candidate is ahead of another on the same tested rows, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np

from targeting.evaluation.backtest import Backtest
from targeting.evaluation.metrics import auc, precision_at
from targeting.modelling.columns import Reals

__all__ = ["Lead", "paired_lead"]

_DRAWS: Final = 200
_LOW, _HIGH = 2.5, 97.5

Statistic = Literal["precision_at_k", "auc"]


class Lead(NamedTuple):
    """The figure of one candidate less that of the other, averaged over the windows, with a 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves only one sign.

        >>> Lead(0.05, 0.01, 0.09).sure, Lead(0.05, -0.01, 0.11).sure
        (True, False)
        """
        return self.low > 0.0 or self.high < 0.0


def paired_lead(
    result: Backtest, candidate: str, rival: str, statistic: Statistic, seed: int, draws: int = _DRAWS
) -> Lead | None:
    """Null when nothing was tested.

    Each draw takes the same rows of each window for both: what is luck of the rows for one is luck for the other too.
    Windows are weighed by their rows; one whose figure is not known (no breach in it) is left out.
    """
    if not result.splits:
        return None
    windows = [
        _differences(_measured(result, window, statistic), result, (candidate, rival), window, seed, draws)
        for window in range(len(result.splits))
    ]
    weights = [float(len(labels)) for labels in result.labels]
    value, *drawn = (_mean(column, weights) for column in zip(*windows, strict=True))
    low, high = np.nanpercentile(np.array(drawn), [_LOW, _HIGH]).tolist()
    return Lead(value, low, high)


def _measured(result: Backtest, window: int, statistic: Statistic) -> Callable[[Reals, Reals], float]:
    """The statistic of scores and labels, at the window's own k."""
    if statistic == "auc":
        return auc
    k = next(iter(result.metrics.values()))[window].k
    return lambda scores, labels: precision_at(scores, labels, k)


def _differences(
    figure: Callable[[Reals, Reals], float],
    result: Backtest,
    names: tuple[str, str],
    window: int,
    seed: int,
    draws: int,
) -> list[float]:
    """The difference as tested, then on each draw of the window's rows."""
    labels = result.labels[window]
    one, other = (result.forward[name][window].ranked for name in names)
    generator = np.random.default_rng([seed, window])
    every = np.arange(len(labels))
    rows = [every, *(generator.integers(0, len(labels), len(labels)) for _ in range(draws))]
    return [figure(one[drawn], labels[drawn]) - figure(other[drawn], labels[drawn]) for drawn in rows]


def _mean(values: tuple[float, ...], weights: list[float]) -> float:
    found, known = np.array(values), ~np.isnan(values)
    return float(np.average(found[known], weights=np.array(weights)[known])) if known.any() else float("nan")
