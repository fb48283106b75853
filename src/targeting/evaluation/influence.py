"""How much each test row moves precision at k and AUC: what the sampling error of a paired gap is made of."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from targeting.modelling.columns import Reals
from targeting.modelling.refits import among_first

__all__ = ["auc_components", "auc_influence", "precision_influence", "sampling_error"]


def precision_influence(scores: Reals, labels: Reals, k: int) -> Reals:
    """One value a row, about zero together: how far the row moves the precision among the `k` highest scores.

    Ties at the cut are in by the chance of being drawn.
    """
    inside = among_first(scores, k)
    return np.asarray(inside * (labels - float((inside * labels).sum()) / k) / k)


def auc_components(scores: Reals, labels: Reals) -> tuple[Reals, Reals]:
    """DeLong's: of each breach the share of the others below it, and of each of those the share of breaches below it.

    Ties count one half; both kinds must be present.
    """
    breach = labels == 1.0
    ranks, breaches, others = rankdata(scores), int(breach.sum()), int((~breach).sum())
    below = (ranks[breach] - rankdata(scores[breach])) / others
    above = (ranks[~breach] - rankdata(scores[~breach])) / breaches
    return below, above


def auc_influence(scores: Reals, labels: Reals) -> Reals:
    """The same of the AUC. Zero everywhere when one kind is absent."""
    breach, moved = labels == 1.0, np.zeros(len(labels))
    if breach.any() and not breach.all():
        below, above = auc_components(scores, labels)
        moved[breach] = (below - below.mean()) / len(below)
        moved[~breach] = (above.mean() - above) / len(above)
    return moved


def sampling_error(influence: Reals) -> float:
    """The standard error that a statistic has from its rows alone, given how far each of them moves it."""
    return float(np.sqrt((influence**2).sum()))
