"""Does training with clipped inverse-propensity weights make better lists? Asked forward in time, of the hidden truth.

    python -m benchmarks.weighted_training --home HOME --truth TRUTH.parquet [--target bht_use] [--json FILE]

On the first day of each of twelve quarters a logistic model and LightGBM are fitted on the labels known by then, with
and without the weights, and rank that quarter's cohort. `precision` is the expected share with a breach among the top
k by the hidden truth; `difference` the mean gain by weights over the quarters, with its standard error.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.train import MODELS
from targeting.domain import AsOf, Quarter, Target
from targeting.evaluation.propensity import fit_propensity, matured
from targeting.evaluation.weighting import top_membership, training_weights
from targeting.features.family import Feature
from targeting.matrix import observation_matrix, training_matrix
from targeting.modelling.assignment import NO_EFFECTS
from targeting.modelling.candidates import LightgbmParameters, LogisticParameters
from targeting.modelling.columns import Reals, numbers
from targeting.modelling.linear import fit_logistic
from targeting.modelling.specification import Specification, load_specification
from targeting.modelling.training import row_weights, trainable
from targeting.modelling.trees import fit_trees
from targeting.snapshots import Store

__all__ = ["Gain", "compare"]

_FIRST, _BEFORE, _QUARTERS, _SHARE = Quarter(2024, 1), 12, 12, 0.2
_CLIPS = (2.0, 5.0, 20.0)


class Gain(NamedTuple):
    """A model kind under one clip: mean precision at k without and with weights, and their difference."""

    model: str
    clip: float
    plain: float
    weighted: float
    difference: float
    error: float


def compare(home: Path, truth: Path, target: Target) -> list[Gain]:
    """Every kind and clip, over the quarters that have a truth."""
    store, until = Store(home), AsOf(date(2027, 1, 1))
    specification = load_specification(MODELS / f"{target}.toml")
    training = training_matrix(store, target, until)
    quarters = {_FIRST.next(-back): _SHARE for back in range(1, _BEFORE + 1)}
    quarters |= {_FIRST.next(step): 1.0 for step in range(_QUARTERS)}
    observed = observation_matrix(store, target, quarters, until, seed=specification.seed).frame
    known = pd.read_parquet(truth, filters=[("target", "=", target.value)]).rename(columns={"quarter_start": "as_of"})
    found: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for step in range(_QUARTERS):
        day = _FIRST.next(step).first_day
        ready = training.frame[trainable(training.frame, specification, day)]
        past = observed.loc[matured(observed, day, specification.label.maturation_days)]
        chance = fit_propensity(past, training.features, specification.seed, known_before=day).of(ready)
        cohort = observed[observed["as_of"] == day].merge(known, on=["establishment", "as_of"])
        for kind in ("logistic", "lightgbm"):
            plain = _precision(kind, specification, ready, training.features, np.ones(len(ready)), cohort)
            for clip in _CLIPS:
                weights = training_weights(chance, clip)
                weighted = _precision(kind, specification, ready, training.features, weights, cohort)
                found.setdefault((kind, clip), []).append((plain, weighted))
    return [_gain(kind, clip, np.array(pairs)) for (kind, clip), pairs in found.items()]


def _precision(
    kind: str,
    specification: Specification,
    ready: pd.DataFrame,
    features: tuple[Feature, ...],
    weights: Reals,
    cohort: pd.DataFrame,
) -> float:
    labels, own = numbers(ready, "label"), weights * row_weights(ready, specification)
    parameters = specification.candidate(kind).parameters
    if isinstance(parameters, LogisticParameters):
        scores = fit_logistic(ready, features, labels, own, parameters, specification.nuisance).log_odds(cohort)
    elif isinstance(parameters, LightgbmParameters):
        seed = specification.seed
        trees = fit_trees(ready, features, labels, own, parameters, NO_EFFECTS, seed=seed, threads=1)
        scores = trees.log_odds(cohort)
    else:
        raise TypeError(f"{kind} is no learned candidate")
    member = top_membership(scores, min(specification.capacity, len(cohort) / 5), np.ones(len(cohort)))
    return float(np.average(cohort["probability"].to_numpy(dtype=np.float64), weights=member))


def _gain(kind: str, clip: float, pairs: np.ndarray) -> Gain:
    plain, weighted = pairs[:, 0], pairs[:, 1]
    error = float((weighted - plain).std(ddof=1) / np.sqrt(len(pairs)))
    return Gain(kind, clip, float(plain.mean()), float(weighted.mean()), float((weighted - plain).mean()), error)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Training with inverse-propensity weights, by the hidden truth.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--target", type=Target, default=Target.BHT_USE)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    gains = compare(asked.home, asked.truth, asked.target)
    print(f"{asked.target}\n{'model':<10}{'clip':>6}{'plain':>9}{'weighted':>10}{'difference':>12}{'error':>8}")
    for one in gains:
        print(f"{one.model:<10}{one.clip:>6.0f}{one.plain:>9.4f}{one.weighted:>10.4f}", end="")
        print(f"{one.difference:>+12.4f}{one.error:>8.4f}")
    if asked.json is not None:
        asked.json.write_text(json.dumps([one._asdict() for one in gains], indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
