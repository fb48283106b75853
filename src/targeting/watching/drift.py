"""Drift of features and scores: this quarter's histograms against the pinned reference's, never a rolling one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from targeting.domain import AsOf, Target
from targeting.features import Feature
from targeting.parameters.watching import Bounds, bounds
from targeting.watching.check import Check, Group, Light, light_of
from targeting.watching.distance import ks, nearest, noise, psi
from targeting.watching.histograms import RARE, SCORE, Histogram
from targeting.watching.measuring import Measured
from targeting.watching.reference import TargetReference
from targeting.watching.telling import at_most, tell
from targeting.watching.words import Words, named, number, percent, say

__all__ = ["Drift", "check_drift", "drift_of"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Drift:
    """One feature (or `score`) of one target against the reference.

    Both leave moves within a feature's `reach` out. `psi` counts nulls as a bin; `ks` is of the values alone, on bins
    (at most the true distance), null for categories. `noise` is the PSI that chance stays under 99 times in a hundred
    at these sizes: below it the light is green. `now` and `before` are shares of the bins `bins`, nulls last.
    """

    target: Target
    feature: str
    title_nb: str
    title_en: str
    theme: str
    rows: int
    rows_before: int
    psi: float
    ks: float | None
    noise: float
    light: Light
    bins: tuple[str, ...]
    now: tuple[float, ...]
    before: tuple[float, ...]
    shift_nb: str
    shift_en: str


def drift_of(target: Target, measured: Measured, pinned: TargetReference, as_of: AsOf) -> tuple[Drift, ...]:
    """Every feature that the reference knows, and the scores, most drifted first."""
    limits = bounds(as_of.day)
    features = {feature.name: feature for feature in measured.features}
    rows = [
        _drift(target, features.get(name), measured.counts[name], pinned.histograms[name], limits)
        for name in pinned.histograms.keys() & measured.counts.keys()
    ]
    return tuple(sorted(rows, key=lambda one: (-one.psi, one.feature)))


def check_drift(
    target: Target, found: Sequence[Drift], pinned: TargetReference, model: str | None, on: date
) -> tuple[Check, ...]:
    """The target's lights: one check a feature that is not green, one for the features together, one for the scores.

    `model` is the sha256 of the model that scored now: another one than the reference's explains another distribution
    of scores, which is then yellow at most.
    """
    limits = bounds(on)
    features = [one for one in found if one.feature != SCORE]
    scores = [one for one in found if one.feature == SCORE]
    checks = [_feature(one, limits) for one in features if one.light is not Light.GREEN]
    if features:
        checks.append(_features(target, features, limits))
    changed = pinned.model is not None and model != pinned.model
    return (*checks, *(_score(one, limits, changed=changed) for one in scores))


def _drift(target: Target, feature: Feature | None, now: Histogram, before: Histogram, limits: Bounds) -> Drift:
    reached = before.counts if before.categorical else nearest(now.counts, before.counts, before.low, before.high)
    apart, chance = psi(now.every, (*reached, before.nulls)), noise(now.every, before.every, before.distinct)
    limit = limits.score_psi if feature is None else limits.feature_psi
    shift = _shift(now, before)
    return Drift(
        target=target,
        feature=SCORE if feature is None else feature.name,
        title_nb="Skår" if feature is None else feature.title_nb,
        title_en="Score" if feature is None else feature.title_en,
        theme="" if feature is None else feature.theme,
        rows=now.rows,
        rows_before=before.rows,
        psi=round(apart, 6),
        ks=None if now.categorical else ks(now.counts, reached),
        noise=round(chance, 6),
        light=light_of(apart, limit) if apart > chance else Light.GREEN,
        bins=before.names,
        now=_shares(now),
        before=_shares(before),
        shift_nb=shift.nb,
        shift_en=shift.en,
    )


def _shares(histogram: Histogram) -> tuple[float, ...]:
    return tuple(round(count / histogram.rows, 6) if histogram.rows else 0.0 for count in histogram.every)


def _shift(now: Histogram, before: Histogram) -> Words:
    """What moved, in words: the median's bin of a number, the category whose share moved most."""
    nulls = {"nulls": percent(_null_share(now)), "nulls_before": percent(_null_share(before))}
    if not now.categorical:
        return say("DRI001", "mean", middle=_middle(now), middle_before=_middle(before), **nulls)
    shares, reference = _shares(now)[:-1], _shares(before)[:-1]
    moved = int(np.argmax([abs(one - other) for one, other in zip(shares, reference, strict=True)]))
    value = now.values[moved] if now.values[moved] != RARE else Words("andre", "others")
    return say(
        "DRI001",
        "category",
        value=value,
        share=percent(shares[moved]),
        share_before=percent(reference[moved]),
        **nulls,
    )


def _null_share(histogram: Histogram) -> float:
    return histogram.nulls / histogram.rows if histogram.rows else 0.0


def _middle(histogram: Histogram) -> str:
    """The bin in which half of the values are reached."""
    if not sum(histogram.counts):
        return "-"
    reached = np.cumsum(histogram.counts) * 2 >= sum(histogram.counts)
    return histogram.names[int(np.argmax(reached))]


def _feature(one: Drift, limits: Bounds) -> Check:
    # Yellow at most by itself: whether the features are red is said once, of all of them together.
    light = Light.YELLOW if one.light is Light.RED else one.light
    words = say(
        "DRI001",
        feature=Words(one.title_nb, one.title_en),
        observed=number(one.psi),
        ks="-" if one.ks is None else number(one.ks),
        rows=one.rows,
        shift=Words(one.shift_nb, one.shift_en),
    )
    return _check("DRI001", one, light, f"{one.target}.{one.feature}", one.psi, at_most(limits.feature_psi), words)


def _features(target: Target, found: Sequence[Drift], limits: Bounds) -> Check:
    """Red from so many red features on; with fewer, yellow: one feature may drift for a good reason."""
    red = [one for one in found if one.light is Light.RED]
    yellow = [one for one in found if one.light is Light.YELLOW]
    drifting = Light.YELLOW if red or yellow else Light.GREEN
    light = Light.RED if len(red) >= limits.red_features else drifting
    words = say(
        "DRI002",
        target=named("target", target),
        red=len(red),
        yellow=len(yellow),
        features=len(found),
        least=limits.red_features,
        examples=_examples(red or yellow),
    )
    return _check("DRI002", found[0], light, str(target), len(red), f"< {limits.red_features}", words)


def _examples(drifted: Sequence[Drift]) -> Words:
    if not drifted:
        return Words("", "")
    names = ", ".join(one.feature for one in drifted[:_SHOWN])
    return Words(f" ({names})", f" ({names})")


def _score(one: Drift, limits: Bounds, *, changed: bool) -> Check:
    light = Light.YELLOW if changed and one.light is Light.RED else one.light
    words = say(
        "DRI003",
        "model" if changed else "reason",
        target=named("target", one.target),
        observed=number(one.psi),
        ks="-" if one.ks is None else number(one.ks),
        rows=one.rows,
    )
    return _check("DRI003", one, light, f"{one.target}.{SCORE}", one.psi, at_most(limits.score_psi), words)


def _check(code: str, about: Drift, light: Light, where: str, observed: float, bound: str, words: Words) -> Check:
    group: Group = "scores" if about.feature == SCORE else "features"
    return tell(code, group, light, where, observed, bound, words, about.target)
