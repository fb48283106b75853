"""Inspections drawn 200 times from one country by a known policy: do the weighted figures cover the hidden truth?

    python -m benchmarks.selective_labels [--establishments 40000] [--seed 11] [--simulations 200] [--json FILE]
    python -m benchmarks.selective_labels --home HOME --truth TRUTH.parquet     (a country that is already read)

A logistic model learned before 2026 ranks every establishment of the cohort in the four quarters of 2026. Each
simulation draws who is inspected in 2024-2026 with the country's own propensities (times `--intensity`, the weight of
years a small country lacks), who of them is asked about the target, and what is found, all by the hidden truth. Then
prevalence and precision at k are estimated four ways: among the inspected; weighted with the propensities known; with
propensities learned from the quarters before the test; and from those and the test quarters together.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines import ingest, synthetic
from pipelines.progress import steps
from pipelines.train import MODELS
from targeting.domain import AsOf, Quarter, Target
from targeting.evaluation.propensity import fit_propensity
from targeting.evaluation.weighting import Estimate, clusters_of, share_of, stabilised_weights, top_membership
from targeting.features.family import Feature
from targeting.matrix import observation_matrix, training_matrix
from targeting.modelling.columns import texts
from targeting.modelling.specification import load_specification
from targeting.modelling.training import fit_candidates, trainable
from targeting.snapshots import Store

__all__ = ["Country", "Row", "read_country", "simulate"]

_FIRST, _TEST, _LAST_DAY = Quarter(2024, 1), date(2026, 1, 1), date(2026, 12, 31)
_QUARTERS = 12
_KEPT = 0.1
_CANDIDATE = "logistic"


class Country(NamedTuple):
    """Cohort rows of twelve quarters: features, hidden chance of a breach, chance to be inspected and then asked."""

    frame: pd.DataFrame
    features: tuple[Feature, ...]
    breach: np.ndarray
    inspected: np.ndarray
    asked: float
    test: np.ndarray
    membership: np.ndarray
    clusters: np.ndarray


class Row(NamedTuple):
    """One estimator of one figure over all simulations."""

    figure: str
    estimator: str
    truth: float
    mean: float
    bias: float
    sd: float
    width: float
    coverage: float


def read_country(home: Path, truth: Path, target: Target, intensity: float) -> Country:
    """The cohort beside the truth, with each test quarter's list by a model that knew nothing of the test quarters."""
    store, until = Store(home), AsOf(date(2027, 1, 1))
    specification = load_specification(MODELS / f"{target}.toml")
    observed = observation_matrix(store, target, {_FIRST.next(i): 1.0 for i in range(_QUARTERS)}, until, seed=1)
    known = pd.read_parquet(truth, filters=[("target", "=", target.value)])
    known = known.rename(columns={"quarter_start": "as_of", "probability": "truth", "propensity": "chance"})
    columns = ["establishment", "as_of", "truth", "chance"]
    frame = observed.frame.merge(known[columns], on=["establishment", "as_of"], how="inner")
    scores = _scores(store, target, frame, specification)
    test = np.array(frame["as_of"] >= _TEST)
    membership = np.zeros(len(frame))
    for day in frame["as_of"][test].unique():
        rows = np.array(frame["as_of"] == day)
        membership[rows] = top_membership(
            scores[rows], min(specification.capacity, rows.sum() / 5), np.ones(rows.sum())
        )
    return Country(
        frame=frame,
        features=observed.features,
        breach=frame["truth"].to_numpy(dtype=np.float64),
        inspected=np.minimum(frame["chance"].to_numpy(dtype=np.float64) * intensity, 0.95),
        asked=float(frame["labelled"].sum() / frame["inspected"].sum()),
        test=test,
        membership=membership,
        clusters=clusters_of(texts(frame, "enterprise")),
    )


def _scores(store: Store, target: Target, frame: pd.DataFrame, specification) -> np.ndarray:  # type: ignore[no-untyped-def]
    training = training_matrix(store, target, AsOf(_TEST))
    rows = training.frame[trainable(training.frame, specification, _TEST)]
    only = replace(specification, candidates=(specification.candidate(_CANDIDATE),))
    return np.asarray(fit_candidates(only, rows, training.features)[_CANDIDATE].log_odds(frame))


def simulate(country: Country, simulations: int, seed: int) -> list[Row]:
    """Draw and estimate; one row an estimator and figure."""
    everybody, test = np.ones(len(country.breach)), country.test
    figures = {"prevalence": everybody * test, "precision at k": country.membership}
    truths = {name: float(np.average(country.breach, weights=part)) for name, part in figures.items()}
    found: dict[tuple[str, str], list[Estimate]] = {}
    for simulation in range(simulations):
        random = np.random.default_rng([seed, simulation])
        came = random.random(len(everybody)) < country.inspected
        labelled = came & (random.random(len(everybody)) < country.asked)
        breach = (random.random(len(everybody)) < country.breach).astype(np.float64)
        for estimator, weights in _weights(country, came, labelled, random).items():
            for name, part in figures.items():
                estimate = share_of(breach, weights * part * labelled, country.clusters)
                if estimate is not None:
                    found.setdefault((name, estimator), []).append(estimate)
    return [_row(name, estimator, truths[name], estimates) for (name, estimator), estimates in found.items()]


def _weights(
    country: Country, came: np.ndarray, labelled: np.ndarray, random: np.random.Generator
) -> dict[str, np.ndarray]:
    kept = came | (random.random(len(came)) < _KEPT)
    told = country.frame.assign(inspected=came * 1.0, labelled=labelled * 1.0)
    told["sampling_weight"] = np.where(came, 1.0, 1.0 / _KEPT)
    chances = {"propensity known": country.inspected * country.asked}
    tested = country.frame.loc[country.test]
    for name, rows in {"learned before": ~country.test, "learned through": np.ones_like(kept)}.items():
        chances[name] = np.ones(len(came))
        chances[name][country.test] = fit_propensity(told.loc[kept & rows], country.features, 1).of(tested)
    return {
        "among the inspected": np.ones(len(came)),
        **{name: stabilised_weights(each, float(each[country.test].mean())) for name, each in chances.items()},
    }


def _row(figure: str, estimator: str, truth: float, estimates: list[Estimate]) -> Row:
    values = np.array([one.value for one in estimates])
    covered = [one.low <= truth <= one.high for one in estimates]
    width = float(np.mean([one.high - one.low for one in estimates]))
    mean = float(values.mean())
    return Row(figure, estimator, truth, mean, mean - truth, float(values.std()), width, float(np.mean(covered)))


def _build(folder: Path, establishments: int, seed: int) -> tuple[Path, Path]:
    truth, registers = folder / "truth.parquet", folder / "registers"
    with steps("country") as progress:
        synthetic.synthetic(establishments, seed, registers, truth, progress)
        ingest.ingest([registers], folder / "home", _LAST_DAY, True, progress)
    return folder / "home", truth


def _table(rows: list[Row]) -> str:
    head = f"{'figure':<16}{'estimator':<22}{'truth':>8}{'mean':>8}{'bias':>8}{'sd':>8}{'width':>8}{'coverage':>10}"
    body = [f"{r.figure:<16}{r.estimator:<22}" + "".join(f"{v:>8.3f}" for v in r[2:7]) + f"{r[7]:>10.3f}" for r in rows]
    return "\n".join([head, *body])


def main() -> None:
    """Read or build the country, simulate, print."""
    parser = argparse.ArgumentParser(description="Coverage of inverse-propensity estimates on a synthetic country.")
    parser.add_argument("--establishments", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--intensity", type=float, default=3.0)
    parser.add_argument("--target", type=Target, default=Target.BHT_USE)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, truth = (asked.home, asked.truth)
        if home is None or truth is None:
            home, truth = _build(Path(folder), asked.establishments, asked.seed)
        country = read_country(home, truth, asked.target, asked.intensity)
    rows = simulate(country, asked.simulations, asked.seed)
    labelled = float((country.inspected * country.asked)[country.test].sum())
    listed = float((country.inspected * country.asked * country.membership).sum())
    print(f"{asked.target}: {asked.simulations} simulations, {labelled:.0f} labelled of {country.test.sum()}, ", end="")
    print(f"{listed:.0f} of them in the lists of {country.membership.sum():.0f}")
    print(_table(rows))
    if asked.json is not None:
        asked.json.write_text(json.dumps([row._asdict() for row in rows], indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
