"""Which candidate is released: the best forward, the earlier named within one error, none that loses to a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from targeting.evaluation.backtest import Backtest
from targeting.evaluation.influence import auc_influence, precision_influence, sampling_error
from targeting.modelling.columns import Reals
from targeting.modelling.specification import Specification

__all__ = ["EQUAL", "Choice", "Shares", "Standing", "choose", "shares_by_noise", "standings"]


class Standing(NamedTuple):
    """A candidate's place: its composite, how far behind the best of its kind, and the error of that distance."""

    candidate: str
    baseline: bool
    composite: float
    behind: float
    error: float


class Choice(NamedTuple):
    """The candidate to release, whether it is a baseline, and the reasoning in one sentence."""

    candidate: str
    baseline: bool
    why: str


class Shares(NamedTuple):
    """What precision at k and AUC count for in the composite; they sum to one."""

    precision: float
    auc: float


EQUAL: Final = Shares(0.5, 0.5)


def shares_by_noise(result: Backtest) -> Shares:
    """Shares by the inverse of each metric's mean bootstrap error: a gap counts by how sure it is.

    Where k is a small part of the rows, precision swings ten times as much as AUC, and equal shares choose by luck.
    """
    errors = [(one.precision_error, one.auc_error) for one in result.summaries.values()]
    known = np.array([pair for pair in errors if not np.isnan(pair).any()], dtype=np.float64).reshape(-1, 2)
    precision, area = known.mean(axis=0).tolist() if len(known) else (0.0, 0.0)
    if not (precision > 0.0 and area > 0.0):
        return EQUAL
    return Shares(area / (precision + area), precision / (precision + area))


def standings(result: Backtest, specification: Specification, shares: Shares = EQUAL) -> tuple[Standing, ...]:
    """Every candidate beside the best of its kind (learned or baseline), in the specification's order.

    The composite is the mean of forward precision at k and AUC: what the capacity is spent on, steadied by the whole
    order; `shares` weighs the two. Distances are paired split by split, because all candidates meet the same easy
    and hard quarters. Their error is that between the splits, and no less than their rows alone make it: the spread of
    four numbers is small by luck one time in ten.
    """
    composites = {name: _composites(result, name, shares) for name in result.forward}
    influences = {name: _influences(result, name, shares) for name in result.forward}
    weights = _weights(result)
    means = {name: float(np.average(values, weights=weights)) for name, values in composites.items()}
    found = []
    for one in specification.candidates:
        rivals = [other.name for other in specification.candidates if other.baseline == one.baseline]
        best = max(rivals, key=lambda name: means[name])
        between = _error_between(composites[best] - composites[one.name])
        error = max(between, _error_within(influences[best], influences[one.name], weights))
        found.append(Standing(one.name, one.baseline, means[one.name], means[best] - means[one.name], error))
    return tuple(found)


def choose(
    result: Backtest, specification: Specification, shares: Shares = EQUAL, *, each_metric: bool = False
) -> Choice:
    """The learned candidate to release; the best rule when none beats it; the fallback when nothing was tested.

    With `each_metric`, an earlier candidate must be within one error of the best on precision and on AUC alone too:
    noise in one of them must not hide a sure loss in the other.
    """
    if not result.splits:
        return Choice(specification.fallback, True, "Too few labels for a forward test: the fallback rule is released.")
    places = standings(result, specification, shares)
    rule = max((place for place in places if place.baseline), key=lambda place: place.composite)
    learned = [place for place in places if not place.baseline]
    if not learned:
        return Choice(rule.candidate, True, "No learned candidate is specified: the best rule is released.")
    best = max(learned, key=lambda place: place.composite)
    if best.composite <= rule.composite:
        lead = best.composite - rule.composite
        why = f"No learned model beats the rule {rule.candidate} (best: {best.candidate}, {lead:+.3f})."
        return Choice(rule.candidate, True, f"{why} The rule is released.")
    # Specifications name the simplest, or steadiest, first.
    near = [place for place in learned if place.behind <= place.error and place.composite > rule.composite]
    if each_metric:
        near = [place for place in near if _level(result, best.candidate, place.candidate)]
    lead, how = near[0].composite - rule.composite, "the best"
    if near[0] != best:
        how = f"within one standard error of {best.candidate}, and named before it"
    return Choice(near[0].candidate, False, f"{near[0].candidate} is {how}; it beats {rule.candidate} by {lead:.3f}.")


def _composites(result: Backtest, candidate: str, shares: Shares) -> np.ndarray:
    parts = [(one.precision_at_k * shares.precision, one.auc * shares.auc) for one in result.metrics[candidate]]
    return np.array([precision + area for precision, area in parts])


def _error_between(gaps: np.ndarray) -> float:
    return float(gaps.std(ddof=1) / np.sqrt(len(gaps))) if len(gaps) > 1 else 0.0


def _error_within(best: Sequence[Reals], candidate: Sequence[Reals], weights: Reals) -> float:
    """The sampling error of the mean gap, from each split's influences: rows that both rank alike do not count."""
    errors = [sampling_error(ours - theirs) for ours, theirs in zip(best, candidate, strict=True)]
    return float(np.sqrt(((weights / weights.sum() * errors) ** 2).sum()))


def _influences(result: Backtest, candidate: str, shares: Shares) -> list[Reals]:
    parts = zip(result.forward[candidate], result.metrics[candidate], result.labels, strict=True)
    return [
        shares.precision * precision_influence(part.ranked, labels, one.k)
        + shares.auc * auc_influence(part.ranked, labels)
        for part, one, labels in parts
    ]


def _weights(result: Backtest) -> Reals:
    return np.array([split.weight for split in result.splits], dtype=np.float64)


def _level(result: Backtest, best: str, candidate: str) -> bool:
    """Whether neither metric of `candidate` is behind that of `best` by more than one paired error."""
    for shares in (Shares(1.0, 0.0), Shares(0.0, 1.0)):
        gaps = _composites(result, best, shares) - _composites(result, candidate, shares)
        if float(np.average(gaps, weights=_weights(result))) > _error_between(gaps):
            return False
    return True
