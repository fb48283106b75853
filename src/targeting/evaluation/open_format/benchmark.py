"""The house's own path on one data set: features, forward windows, candidates, choice, calibration, test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from targeting.domain import AsOf
from targeting.evaluation.backtest import Backtest, backtest
from targeting.evaluation.gates import Evidence, GateResult, check_gates
from targeting.evaluation.metrics import Metrics, auc, bootstrap_error, measure, precision_at
from targeting.evaluation.open_format.dataset import Dataset
from targeting.evaluation.open_format.leakage_gates import leakage_gates, look_at_columns
from targeting.evaluation.open_format.matrix import open_matrix
from targeting.evaluation.open_format.windows import capacity_of_windows, forward_windows
from targeting.evaluation.selection import choose, shares_by_noise
from targeting.evaluation.splits import Split
from targeting.modelling.calibration import fit_calibrator
from targeting.modelling.candidates import LightgbmParameters, LogisticParameters
from targeting.modelling.columns import Reals, numbers
from targeting.modelling.specification import Specification, load_specification
from targeting.modelling.training import fit_candidates

__all__ = ["SELECTED", "SPECIFICATION", "BenchmarkResult", "Tested", "benchmark"]

SPECIFICATION: Final = Path(__file__).with_name("specification.toml")
#: The name under which the chosen candidate's metrics appear once more.
SELECTED: Final = "selected"
_MANY_ROWS: Final = 20_000

Track = Callable[[Sequence[Split]], Iterable[Split]]


class Tested(NamedTuple):
    """A candidate on the test window, with bootstrap standard errors of the two that decide."""

    metrics: Metrics
    precision_error: float
    auc_error: float


class BenchmarkResult(NamedTuple):
    """One run. `models` holds every candidate, and the chosen one again as `selected`. `k` is at most the test rows."""

    dataset: str
    unit: str
    k: int
    n_train: int
    n_test: int
    base_rate: float
    selected: str
    why: str
    models: Mapping[str, Tested]
    gates: tuple[GateResult, ...]

    def document(self) -> dict[str, object]:
        """The result as the open format's JSON; a metric that is not defined (one outcome only) is null."""
        return {
            "dataset": self.dataset,
            "k": self.k,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "base_rate": self.base_rate,
            "selected": self.selected,
            "models": {name: _document(one.metrics) for name, one in self.models.items()},
            "gates": [gate._asdict() for gate in self.gates],
        }


def benchmark(data: Dataset, *, track: Track = iter) -> BenchmarkResult:
    """Learn on the training window, choose on forward windows inside it, look at the test window once."""
    matrix = open_matrix(data)
    train = matrix.frame[matrix.train].reset_index(drop=True)
    n_test = int(matrix.test.sum())
    k = min(data.settings.k, n_test)
    splits = forward_windows(train, n_test)
    recipe = _recipe(data, capacity_of_windows(splits, k, n_test))
    # On few rows a second thread waits more than it works.
    threads = 2 if len(train) >= _MANY_ROWS else 1
    result = backtest(
        train, matrix.features, recipe, AsOf(data.settings.test.start), splits=splits, track=track, threads=threads
    )
    choice = choose(result, recipe, shares_by_noise(result), each_metric=True)
    fitted = fit_candidates(recipe, train, matrix.features, threads=threads)
    test = matrix.frame[matrix.test].reset_index(drop=True)
    tested = {
        name: _tested(name, model.log_odds(test, threads=threads), numbers(test, "label"), result, k, recipe.seed)
        for name, model in fitted.items()
    }
    labels = numbers(test, "label")
    columns = look_at_columns(data, matrix, splits)
    evidence = Evidence(
        recipe,
        result=result,
        choice=choice,
        assigned=(),
        columns=(*columns.names, *(feature.name for feature in matrix.features)),
        strengths=columns.strengths,
        parity=columns.parity,
    )
    return BenchmarkResult(
        dataset=data.settings.name,
        unit=data.settings.unit,
        k=k,
        n_train=len(train),
        n_test=n_test,
        base_rate=float(labels.mean()),
        selected=choice.candidate,
        why=choice.why,
        models={**tested, SELECTED: tested[choice.candidate]},
        gates=(*leakage_gates(data, matrix, columns, recipe.gates), *check_gates(evidence)),
    )


def _recipe(data: Dataset, capacity: int) -> Specification:
    """The specification with this data set's capacity and nuisance columns; without any, none are fitted."""
    read = load_specification(SPECIFICATION)
    nuisance = tuple((name, "*") for name in data.settings.nuisance)
    candidates = tuple(
        replace(one, parameters=replace(one.parameters, nuisance=one.parameters.nuisance and bool(nuisance)))
        if isinstance(one.parameters, LogisticParameters | LightgbmParameters)
        else one
        for one in read.candidates
    )
    return replace(read, capacity=capacity, nuisance=nuisance, candidates=candidates)


def _tested(name: str, ranked: Reals, labels: Reals, result: Backtest, k: int, seed: int) -> Tested:
    """Rank and size the test rows with assignment at its reference: what a list drawn up beforehand would say."""
    calibrator = fit_calibrator(*_held_out(result, name))
    metrics = measure(ranked, calibrator.probability(ranked), labels, k)

    def precision(rows: np.ndarray) -> float:
        return precision_at(ranked[rows], labels[rows], k)

    def area(rows: np.ndarray) -> float:
        return auc(ranked[rows], labels[rows])

    return Tested(metrics, bootstrap_error(precision, len(labels), seed), bootstrap_error(area, len(labels), seed))


def _held_out(result: Backtest, name: str) -> tuple[Reals, Reals]:
    """Forward log-odds as ranked, and labels: no row's assignment touches a figure of the benchmark."""
    ranked = [part.ranked for part in result.forward[name]]
    return np.concatenate([np.zeros(0), *ranked]), np.concatenate([np.zeros(0), *result.labels])


def _document(metrics: Metrics) -> dict[str, float]:
    return {name: getattr(metrics, name) for name in ("auc", "average_precision", "precision_at_k", "brier", "ece")}
