"""How common breaches are in the cohort, from the exploration arm: three estimators, design-based intervals.

Let U be the frame, s the sample, p the probabilities, m the scores, C the census (those in every plan). All three are
the census counted in full plus an estimate for the rest D = U without C:

- Horvitz-Thompson: sum over s in D of y / p, over the known size. Unbiased.
- Hajek: the same over the estimated size. Nearly unbiased; steadier where the sampled size varies.
- Difference: sum over D of m, plus the sum over s in D of (y - m) / p. Unbiased *whatever the scores are worth*,
  because they were fixed before the draw; the better they are, the smaller the residuals and the variance.

The ranked arm cannot be pooled with the sample: who is ranked depends on who was drawn, so a top establishment would
count with weight one in the ranked arm *and* with 1 / p when drawn. Only the census, fixed beforehand, may be added.
The rate among all the inspected is not an estimate of anything but itself.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from targeting.feedback.drawn import Drawn, Flags, Frame, Reals, variance_of_total
from targeting.feedback.intervals import Interval, of_share

__all__ = ["Estimator", "Prevalence", "prevalence", "prevalence_by_area"]

_LEAST_SAMPLE: Final = 5
"""Fewer sampled in an area tell nothing that an interval could hold."""


class Estimator(StrEnum):
    """How the exploration arm speaks for the cohort."""

    HORVITZ_THOMPSON = "horvitz_thompson"
    HAJEK = "hajek"
    DIFFERENCE = "difference"


class Prevalence(NamedTuple):
    """The share with a breach among `establishments`, by each estimator; `default` is the one to quote.

    `bounds`: the lowest and highest end of the default's interval if every missing outcome were no breach, or breach.
    `without_scores`: Hajek's interval had as many been drawn without score bins; next to it stands what the scores buy.
    `variance` and `df` belong to the default. `sampled` counts the sample outside the census, missing ones included.
    """

    establishments: int
    sampled: int
    census: int
    missing: int
    by: dict[Estimator, Interval]
    default: Estimator
    bounds: tuple[float, float]
    without_scores: Interval
    variance: float
    df: float

    @property
    def interval(self) -> Interval:
        """The estimate to quote."""
        return self.by[self.default]

    @property
    def hajek_to_difference(self) -> float:
        """How many times as wide as the difference estimator's interval Hajek's is, on the same draw.

        Little above 1 after a draw in score bins, which has taken most of what the scores know already.
        """
        return self.by[Estimator.HAJEK].width / self.by[Estimator.DIFFERENCE].width

    @property
    def bought_by_scores(self) -> float:
        """How many times as wide the quoted interval would be without scores in the draw and in the estimate."""
        return self.without_scores.width / self.interval.width


class _Estimate(NamedTuple):
    """A share of the sampled part, worth `effective` independent answers, and how it enters the whole.

    The whole's share is `counted + part * share`: the census is known, and only the sampled part is uncertain.
    """

    share: float
    variance_of_share: float
    df: float
    effective: float
    counted: float
    part: float

    @property
    def variance(self) -> float:
        return self.variance_of_share * self.part**2

    @property
    def interval(self) -> Interval:
        found = of_share(self.share, self.effective, self.df)
        return Interval(*(min(1.0, self.counted + self.part * end) for end in found))


def prevalence(frame: Frame, drawn: Drawn, area: Flags | None = None) -> Prevalence | None:
    """Prevalence in the frame, or in the part of it that `area` marks; null when too few were sampled there.

    Missing outcomes: within a score bin those found stand for those missing, and `bounds` tells how wrong that can be.
    The default is the difference estimator where its estimated variance is the smaller, else Hajek's.
    """
    inside = np.ones(len(frame), dtype=bool) if area is None else area
    sampled = inside[drawn.places] & ~frame.certain[drawn.places]
    answered = sampled & ~np.isnan(drawn.outcome)
    if int(answered.sum()) < _LEAST_SAMPLE:
        return None
    found = _all_three(frame, _answered(frame, drawn), inside)
    default = _default(found, _is_thin(drawn.outcome[answered]))
    chosen = found[default]
    return Prevalence(
        establishments=int(inside.sum()),
        sampled=int(sampled.sum()),
        census=int((inside & frame.certain).sum()),
        missing=int((sampled & ~answered).sum()) + int(np.isnan(drawn.census[inside[frame.certain]]).sum()),
        by={name: one.interval for name, one in found.items()},
        default=default,
        bounds=_bounds(frame, drawn, inside, default),
        without_scores=_without_scores(frame, drawn, inside).interval,
        variance=chosen.variance,
        df=chosen.df,
    )


def prevalence_by_area(frame: Frame, drawn: Drawn) -> dict[str, Prevalence | None]:
    """Prevalence in each area of the frame; null where fewer than five were sampled."""
    return {name: prevalence(frame, drawn, flags) for name, flags in sorted(frame.areas.items())}


def _default(found: dict[Estimator, _Estimate], thin: bool) -> Estimator:
    assisted, plain = found[Estimator.DIFFERENCE], found[Estimator.HAJEK]
    return Estimator.DIFFERENCE if not thin and assisted.variance <= plain.variance else Estimator.HAJEK


def _is_thin(outcome: Reals) -> bool:
    """Whether a variance cannot be read off: with a handful of hits (or misses) it often comes out near 0."""
    hits = float(outcome.sum())
    return min(hits, outcome.size - hits) < _LEAST_SAMPLE


def _bounds(frame: Frame, drawn: Drawn, inside: Flags, default: Estimator) -> tuple[float, float]:
    ends = [_all_three(frame, _as_answers(frame, drawn.filled(y)), inside)[default].interval for y in (0.0, 1.0)]
    return min(one.low for one in ends), max(one.high for one in ends)


def _without_scores(frame: Frame, drawn: Drawn, inside: Flags) -> _Estimate:
    unbinned = replace(frame, stratum=np.zeros(len(frame), dtype=np.int64))
    return _all_three(unbinned, _answered(frame, drawn), inside)[Estimator.HAJEK]


class _Answers(NamedTuple):
    """Who answered, with the probability of being drawn *and* answering, and the census filled at its mean."""

    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    outcome: Reals
    probability: Reals
    census: Reals


def _as_answers(frame: Frame, drawn: Drawn) -> _Answers:
    return _Answers(drawn.places, drawn.outcome, frame.probability[drawn.places], drawn.census)


def _answered(frame: Frame, drawn: Drawn) -> _Answers:
    whole = _as_answers(frame, drawn)
    known = ~np.isnan(drawn.outcome)
    census = drawn.census
    if np.isnan(census).any():
        census = np.where(np.isnan(census), np.nanmean(census) if (~np.isnan(census)).any() else 0.0, census)
    if known.all():
        return whole._replace(census=census)
    stratum = frame.stratum[drawn.places]
    size = int(stratum.max()) + 1
    asked, answers = np.bincount(stratum, minlength=size), np.bincount(stratum[known], minlength=size)
    overall = known.mean()
    rate = np.where(answers > 0, answers / np.maximum(asked, 1), overall)[stratum]
    probability = np.minimum(1.0, whole.probability * rate)
    return _Answers(drawn.places[known], drawn.outcome[known], probability[known], census)


def _all_three(frame: Frame, answers: _Answers, inside: Flags) -> dict[Estimator, _Estimate]:
    places, stratum = answers.places, frame.stratum[answers.places]
    part = inside[places] & ~frame.certain[places]
    rest = inside & ~frame.certain
    size, left = float(inside.sum()), float(rest.sum())
    counted = float(answers.census[inside[frame.certain]].sum())
    weight = part / answers.probability
    y, m = np.where(part, answers.outcome, 0.0), frame.score[places]

    count, hits = float(part.sum()), float(y.sum())
    supposed = (hits + 1) / (count + 2)
    spread = supposed * (1 - supposed)
    whole = bool((answers.probability[part] == 1).all())
    thin = _is_thin(answers.outcome[part]) and not whole

    def estimate(total: float, residual: Reals, size_estimated: float = left) -> _Estimate:
        found = variance_of_total(np.where(part, residual, 0.0), answers.probability, stratum)
        variance = found.value / size_estimated**2
        if thin or (variance <= 0 and not whole):  # strata that agree within themselves prove no certainty
            variance = max(variance, spread / count)
        effective = spread / variance if variance > 0 else float("inf")
        return _Estimate(total / left, variance, found.df, effective, counted / size, left / size)

    estimated = float(weight.sum())
    share = float((weight * y).sum()) / estimated if estimated else 0.0
    return {
        Estimator.HORVITZ_THOMPSON: estimate(float((weight * y).sum()), y),
        Estimator.HAJEK: estimate(left * share, y - share, estimated or left),
        Estimator.DIFFERENCE: estimate(float(frame.score[rest].sum() + (weight * (y - m)).sum()), y - m),
    }
