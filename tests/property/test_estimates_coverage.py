"""The promise of the exploration arm: probabilities that are true, and intervals that cover as they say.

Plans are simulated on synthetic countries with a known truth: outcomes from a logit of four traits and an area, scores
from three of the traits only. The draw is the planner's own design (`planning.exploration`), not a stand-in.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from targeting.feedback.drawn import Drawn, Frame, variance_of_total
from targeting.feedback.estimates import Estimator, Prevalence, prevalence
from targeting.planning.candidates import read_candidates
from targeting.planning.constraints import lay_out
from targeting.planning.default_problem import default_problem
from targeting.planning.exploration import Design, design_draw, draw
from targeting.planning.problem import AtMost, Exploration, Problem, Where
from tests.lib.small_country import number

CAPACITY = 300
PLANS = 250
SEEDS = (1, 2, 3, 4)


@dataclass(frozen=True, eq=False)
class Country:
    frame: Frame
    design: Design
    breach: np.ndarray

    @property
    def truth(self) -> float:
        return float(self.breach.mean())


def country(
    seed: int, explored: int, bins: int, *, quotas: bool = False, base: float = -0.2, size: int = 1500
) -> Country:
    rng = np.random.default_rng(seed)
    traits, county, area = rng.normal(size=(size, 4)), rng.integers(0, 6, size), rng.integers(0, 4, size)
    logit = base + traits @ np.array([0.9, 0.6, 0.4, 0.5]) + 0.5 * (area == 1) - 0.5 * (area == 2)
    breach = (rng.random(size) < 1 / (1 + np.exp(-logit))).astype(float)
    score = 1 / (1 + np.exp(-(base + 0.15 + 0.85 * traits[:, :3] @ np.array([0.9, 0.6, 0.4]))))
    names = sorted(number(i) for i in range(size))
    rows = read_candidates(pa.table({"establishment": names, "score": score, "county": [f"{c:02d}" for c in county]}))
    caps = tuple(AtMost(Where((("county", (f"{c:02d}",)),)), 8 if c < 2 else 90) for c in range(6))
    problem = Problem(CAPACITY, exploration=Exploration(explored / CAPACITY, bins), at_most=caps if quotas else ())
    design = design_draw(score, lay_out(problem, rows), explored, bins, f"{seed:016x}")
    nobody = np.zeros(size, dtype=bool)
    frame = Frame(tuple(names), score, design.probability, design.score_bin, nobody, {"first": area == 1})
    return Country(frame, design, breach)


def simulated(where: Country, area: bool = False) -> list[Prevalence]:
    part = where.frame.areas["first"] if area else None
    found = []
    for seed in range(PLANS):
        places = draw(where.design, seed)
        one = prevalence(where.frame, Drawn(places, where.breach[places], np.zeros(0)), part)
        if one is not None:
            found.append(one)
    return found


def covered(found: list[Prevalence], truth: float, by: Estimator | None = None) -> float:
    ends = [one.by[by] if by else one.interval for one in found]
    return float(np.mean([end.low <= truth <= end.high for end in ends]))


BINS = default_problem().exploration.bins
DESIGNS = {
    "30 drawn as by default": {"explored": 30, "bins": BINS},
    "60 drawn as by default": {"explored": 60, "bins": BINS},
    "30 drawn in ten score bins": {"explored": 30, "bins": 10},
    "60 drawn under county quotas": {"explored": 60, "bins": BINS, "quotas": True},
    "60 drawn without score bins": {"explored": 60, "bins": 1},
    "60 drawn where breaches are rare": {"explored": 60, "bins": BINS, "base": -2.0},
}
NARROWER = {1: 1.05, BINS: 1.008, 10: 0.995}
"""By how much the model-assisted interval is narrower than Hajek's at the least, by the number of score bins."""


@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_cover_the_truth_in_93_to_97_percent(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """1 000 plans over four countries per design, so that one country's lattice of shares does not decide."""
    shares: dict[str, list[float]] = {}
    widths: dict[Estimator, list[float]] = {one: [] for one in Estimator}
    quoted, unaided = [], []
    for seed in SEEDS:
        where = country(seed, **DESIGNS[name])
        found = simulated(where)
        shares.setdefault("default", []).append(covered(found, where.truth))
        for one in Estimator:
            shares.setdefault(one, []).append(covered(found, where.truth, one))
            widths[one].append(float(np.mean([p.by[one].width for p in found])))
        quoted.append(np.mean([p.interval.width for p in found]))
        unaided.append(np.mean([p.without_scores.width for p in found]))
    coverage = {key: float(np.mean(values)) for key, values in shares.items()}
    factor = float(np.sum(widths[Estimator.HAJEK]) / np.sum(widths[Estimator.DIFFERENCE]))
    with capsys.disabled():
        said = ", ".join(f"{key} {value:.3f}" for key, value in coverage.items())
        sys.stdout.write(
            f"\n{name}: coverage {said}; Hajek is {factor:.3f} times as wide as the difference estimator, and without "
            f"any scores {np.sum(unaided) / np.sum(quoted):.3f} times as wide as the quoted interval"
        )

    assert all(0.93 <= value <= 0.97 for value in coverage.values()), coverage
    assert factor >= NARROWER[DESIGNS[name]["bins"]]
    assert np.sum(unaided) / np.sum(quoted) > 1.05


def test_intervals_of_an_area_cover_its_truth_and_scores_narrow_them(capsys: pytest.CaptureFixture[str]) -> None:
    shares, hajek, assisted = [], [], []
    for seed in SEEDS:
        where = country(seed, 60, BINS)
        found = simulated(where, area=True)
        truth = float(where.breach[where.frame.areas["first"]].mean())
        shares.append(covered(found, truth))
        hajek += [one.by[Estimator.HAJEK].width for one in found]
        assisted += [one.by[Estimator.DIFFERENCE].width for one in found]
    factor = float(np.sum(hajek) / np.sum(assisted))
    with capsys.disabled():
        sys.stdout.write(
            f"\nan area with a quarter of 60 drawn: coverage {np.mean(shares):.3f}; Hajek {factor:.3f} times as wide"
        )

    assert 0.93 <= np.mean(shares) <= 0.985  # about 15 answers: a discrete estimate errs on the safe side
    assert factor > 1.0


@pytest.mark.parametrize("quotas", [False, True])
def test_realised_frequencies_are_the_stated_probabilities(quotas: bool) -> None:
    """Chi-square over groups of neighbours in score; 2 000 draws."""
    where, draws = country(7, 60, 10, quotas=quotas, size=600), 2000
    taken = np.zeros(600)
    for seed in range(draws):
        taken[draw(where.design, seed)] += 1
    expected = where.frame.probability * draws
    spread = expected * (1 - where.frame.probability)
    z = (taken - expected) / np.sqrt(spread)

    assert where.frame.probability.min() > 0
    assert stats.chi2.sf(float((z**2).sum()), 600) > 0.001
    assert stats.chi2.cdf(float((z**2).sum()), 600) > 0.001


def test_the_naive_hit_rate_is_biased_and_the_estimators_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    where = country(11, 60, 10)
    order = np.argsort(-where.frame.score)
    naive, honest = [], []
    for seed in range(PLANS):
        drawn = draw(where.design, seed)
        ranked = order[~np.isin(order, drawn)][: CAPACITY - 60]
        naive.append(where.breach[np.r_[drawn, ranked]].mean())
        found = prevalence(where.frame, Drawn(drawn, where.breach[drawn], np.zeros(0)))
        assert found is not None
        honest.append([found.by[one].estimate for one in Estimator])
    error = np.std(honest, axis=0) / np.sqrt(PLANS)
    bias = np.mean(honest, axis=0) - where.truth
    with capsys.disabled():
        sys.stdout.write(
            f"\ntruth {where.truth:.3f}; among the inspected {np.mean(naive):.3f}; bias of estimators {bias.round(4)}"
        )

    assert np.mean(naive) - where.truth > 0.15
    assert (np.abs(bias) < 4 * error).all()


def test_for_a_stratified_sample_the_variance_is_the_textbook_one() -> None:
    rng = np.random.default_rng(3)
    size, taken = np.array([40, 90]), np.array([6, 9])
    stratum = np.repeat([0, 1], taken)
    y = rng.random(15)
    textbook = sum(
        big**2 * (1 - n / big) * y[stratum == h].var(ddof=1) / n
        for h, (big, n) in enumerate(zip(size, taken, strict=True))
    )

    got = variance_of_total(y, (taken / size)[stratum], stratum)

    assert got.value == pytest.approx(textbook)
    assert got.df == 6 + 9 - 2


def test_the_census_of_who_is_in_every_plan_is_counted_in_full() -> None:
    """Frame with 200 certain: unbiased, and narrower than without them."""
    where = country(5, 60, 10, size=800)
    certain = np.zeros(800, dtype=bool)
    certain[np.argsort(-where.frame.score)[:200]] = True
    frame = Frame(
        where.frame.establishments, where.frame.score, where.frame.probability, where.frame.stratum, certain, {}
    )
    plain, counted = [], []
    for seed in range(PLANS):
        places = draw(where.design, seed)
        outcome = np.where(certain[places], 0.0, where.breach[places])
        plain.append(prevalence(where.frame, Drawn(places, where.breach[places], np.zeros(0))))
        counted.append(prevalence(frame, Drawn(places, outcome, where.breach[certain])))
    kept = [one for one in counted if one is not None]
    estimates = np.array([one.by[Estimator.HORVITZ_THOMPSON].estimate for one in kept])

    assert abs(estimates.mean() - where.truth) < 4 * estimates.std() / np.sqrt(PLANS)
    assert 0.92 <= covered(kept, where.truth) <= 0.985
    assert np.mean([one.interval.width for one in kept]) < np.mean([one.interval.width for one in plain if one])


def test_missing_outcomes_are_counted_and_bounded() -> None:
    where = country(6, 60, 10)
    rng = np.random.default_rng(1)
    for seed in range(40):
        places = draw(where.design, seed)
        outcome = where.breach[places].copy()
        whole = prevalence(where.frame, Drawn(places, outcome, np.zeros(0)))
        outcome[rng.choice(60, 9, replace=False)] = np.nan
        found = prevalence(where.frame, Drawn(places, outcome, np.zeros(0)))
        assert whole is not None
        assert found is not None
        assert (found.sampled, found.missing) == (60, 9)
        assert found.bounds[0] <= whole.interval.low + 0.02
        assert found.bounds[1] >= whole.interval.high - 0.02
        assert found.bounds[1] - found.bounds[0] > found.interval.width


def test_fewer_than_five_answers_give_no_estimate() -> None:
    where = country(6, 60, 10)
    places = draw(where.design, 1)
    outcome = np.full(60, np.nan)
    outcome[:4] = 1.0

    assert prevalence(where.frame, Drawn(places, outcome, np.zeros(0))) is None
