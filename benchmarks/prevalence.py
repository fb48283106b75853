"""How well the exploration arm tells the prevalence of breach, by estimator and by the number of score bins.

    OMP_NUM_THREADS=1 python -m benchmarks.prevalence [--plans 250] [--countries 4]

Each line is `plans * countries` draws of the planner's own design over synthetic countries of 1 500 with a known truth:
outcomes from a logit of four traits and an area, scores from three of the traits only (AUC about 0.75). Printed: the
share of 95 % intervals that cover the truth and their mean width, per estimator; how many times as wide Hajek's is as
the difference estimator's on the same draw; and how many times as wide the quoted one would be had no score been used.
"""

from __future__ import annotations

import argparse

import numpy as np
import pyarrow as pa

from targeting.feedback.drawn import Drawn, Frame
from targeting.feedback.estimates import Estimator, Prevalence, prevalence
from targeting.feedback.intervals import Interval
from targeting.planning import Problem, design_draw, draw, lay_out, read_candidates

_SIZE = 1500
_BINS = (1, 2, 3, 5, 10)
_DRAWN = (30, 60)


def simulated(seed: int, drawn: int, bins: int, plans: int) -> tuple[float, list[Prevalence]]:
    """The true prevalence of one country, and what each of its plans would say of it."""
    rng = np.random.default_rng(seed)
    traits, area = rng.normal(size=(_SIZE, 4)), rng.integers(0, 4, _SIZE)
    seen = traits[:, :3] @ np.array([0.9, 0.6, 0.4])
    breach = (rng.random(_SIZE) < _logistic(seen + 0.5 * traits[:, 3] + 0.5 * (area == 1) - 0.2)).astype(float)
    score, names = _logistic(0.85 * seen - 0.05), [f"{number:09d}" for number in range(_SIZE)]
    rows = read_candidates(pa.table({"establishment": names, "score": score}))
    design = design_draw(score, lay_out(Problem(300), rows), drawn, bins, f"{seed:016x}")
    frame = Frame(tuple(names), score, design.probability, design.score_bin, np.zeros(_SIZE, dtype=bool), {})
    samples = (draw(design, plan) for plan in range(plans))
    found = (prevalence(frame, Drawn(places, breach[places], np.zeros(0))) for places in samples)
    return float(breach.mean()), [one for one in found if one is not None]


def _logistic(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def line(drawn: int, bins: int, countries: int, plans: int) -> str:
    """One design: coverage and width per estimator, and the two factors."""
    runs = [simulated(seed, drawn, bins, plans) for seed in range(1, countries + 1)]
    told = [(truth, one) for truth, found in runs for one in found]
    cells = []
    for name in Estimator:
        ends = [(truth, one.by[name]) for truth, one in told]
        cells.append((np.mean([end.low <= truth <= end.high for truth, end in ends]), _width([e for _, e in ends])))
    quoted = _width([one.interval for _, one in told])
    said = "".join(f"{share:>13.3f} {width:.4f}" for share, width in (*cells, (_covered(told), quoted)))
    bought = _width([one.without_scores for _, one in told]) / quoted
    return f"{drawn:>5} {bins:>5}{said}{cells[1][1] / cells[2][1]:>10.3f}{bought:>10.3f}"


def _covered(told: list[tuple[float, Prevalence]]) -> float:
    return float(np.mean([one.interval.low <= truth <= one.interval.high for truth, one in told]))


def _width(intervals: list[Interval]) -> float:
    return float(np.mean([one.width for one in intervals]))


def main() -> None:
    """Print the table of designs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=250)
    parser.add_argument("--countries", type=int, default=4)
    given = parser.parse_args()
    titles = "".join(f"{name:>20}" for name in (*Estimator, "quoted"))
    print(f"drawn  bins{titles}     factor    bought   (coverage, width)")
    for drawn in _DRAWN:
        for bins in _BINS:
            print(line(drawn, bins, given.countries, given.plans), flush=True)


if __name__ == "__main__":
    main()
