"""Train: per target test every candidate forward in time, choose, fit, calibrate, export, record, promote."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipelines.progress import Progress
from pipelines.recipes import MODELS, recipe, with_teachers
from pipelines.train_report import TargetReport, TrainReport, render
from targeting.domain import AsOf, RefusedError, Target
from targeting.evaluation.backtest import Backtest, backtest
from targeting.evaluation.gates import Evidence, GateResult, check_gates, passed, training_evidence
from targeting.evaluation.gates.calibration import pooled_forward
from targeting.evaluation.selection import Choice, choose, shares_by_noise
from targeting.evaluation.tuning import tune
from targeting.features import load_families
from targeting.matrix import Matrix, training_matrices
from targeting.modelling.artifact import TrainedModel
from targeting.modelling.bands import ForwardError, ScoreForm, score_form
from targeting.modelling.calibration import fit_calibrator
from targeting.modelling.columns import Flags, numbers
from targeting.modelling.model import Model
from targeting.modelling.refits import refit
from targeting.modelling.registry import export, promote, version_folder
from targeting.modelling.specification import Specification
from targeting.modelling.tracking import Observation, Tracker
from targeting.modelling.training import fit_candidates, trainable
from targeting.snapshots import Store

__all__ = ["MODELS", "Learned", "TrainReport", "Trained", "export_version", "learn", "render", "train", "train_on"]


class Trained(NamedTuple):
    """What one training made, before anything is written; `gates` are the answers to `evidence`."""

    model: TrainedModel
    result: Backtest
    choice: Choice
    evidence: Evidence
    gates: tuple[GateResult, ...]
    rows: int


class Learned(NamedTuple):
    """One target's training with what it was made from: the specification as tuned and taught, and the matrix."""

    specification: Specification
    matrix: Matrix
    trained: Trained


def train(home: Path, target: Target | None, as_of: AsOf, progress: Progress) -> TrainReport:
    """Train `target`, or all four, on what was known before `as_of`.

    One target that cannot be trained is refused; among all four it is reported, and the others go on.
    """
    targets = (target,) if target else tuple(Target)
    with progress.bar("matrices", 1, "") as bar:
        matrices = training_matrices(Store(home), with_teachers(targets), as_of)
        bar.advance()
    reports = [_train_one(home, one, matrices, as_of, progress, alone=bool(target)) for one in targets]
    return TrainReport(as_of, tuple(reports))


def learn(
    target: Target, matrices: Mapping[Target, Matrix], as_of: AsOf, progress: Progress, models: Path = MODELS
) -> Learned:
    """Train one target on its matrix, taught by the others in `matrices`; writes nothing.

    `models` is the folder of the specifications. Raises `RefusedError` without inspections of both kinds.
    """
    taught, matrix = recipe(target, matrices, models), _present(matrices.get(target), target, as_of)
    specification = tune(matrix.frame, matrix.features, taught, as_of)
    return Learned(specification, matrix, train_on(matrix, specification, as_of, progress))


def train_on(matrix: Matrix, specification: Specification, as_of: AsOf, progress: Progress) -> Trained:
    """Backtest, choose, fit and calibrate on one matrix; writes nothing."""
    frame, features = matrix.frame, matrix.features
    ready = frame[trainable(frame, specification, as_of.day)]
    _check_both_labels(ready, specification, as_of)
    title = f"{specification.target}: test windows"
    result = backtest(frame, features, specification, as_of, track=lambda splits: progress.track(splits, title))
    choice = choose(result, specification, shares_by_noise(result))
    model = fit_candidates(specification, ready, features)[choice.candidate]
    kind = specification.candidate(choice.candidate).kind
    trained = TrainedModel(
        target=specification.target.value,
        candidate=choice.candidate,
        kind=kind,
        model=model,
        calibrator=fit_calibrator(*result.held_out(choice.candidate), _drawn(frame, result)),
        trained_until=str(as_of),
        seed=specification.seed,
        form=_form(result, choice, model, ready, specification),
        refits=refit(ready, features, specification, choice.candidate),
    )
    declared = [feature for family in load_families() for feature in family.features]
    evidence = training_evidence(matrix, specification, as_of, result, choice, model.features, declared)
    return Trained(trained, result, choice, evidence, check_gates(evidence), len(ready))


def _drawn(frame: pd.DataFrame, result: Backtest) -> Flags:
    """Which held-out rows were inspected by lot, in the order of `held_out`."""
    by_lot = frame["random_selection"].fillna(False).to_numpy(dtype=bool)
    return np.concatenate([np.zeros(0, dtype=bool), *(by_lot[split.test] for split in result.splits)])


def _form(
    result: Backtest, choice: Choice, model: Model, ready: pd.DataFrame, specification: Specification
) -> ScoreForm:
    """What may be published: judged on the forward rows, or, where nothing was tested, counted on the training rows."""
    if not result.splits:
        raw = model.log_odds(ready) + model.assignment(ready)
        return score_form(raw, numbers(ready, "label"), None, specification.gates.max_ece)
    error = ForwardError(result.summaries[choice.candidate].metrics.ece, len(pooled_forward(result, choice.candidate)))
    gates = specification.gates
    return score_form(*result.held_out(choice.candidate), error, gates.max_ece, gates.min_ece_rows)


def _train_one(
    home: Path,
    target: Target,
    matrices: Mapping[Target, Matrix],
    as_of: AsOf,
    progress: Progress,
    *,
    alone: bool,
) -> TargetReport:
    try:
        specification, matrix, trained = learn(target, matrices, as_of, progress)
    except RefusedError as cause:
        if alone:
            raise
        return TargetReport(target, None, None, None, (), 0, str(cause))
    version = _keep(home, specification, matrix, trained)
    return TargetReport(target, version, trained.result, trained.choice, trained.gates, trained.rows, None)


def _present(matrix: Matrix | None, target: Target, as_of: AsOf) -> Matrix:
    if matrix is None:
        raise RefusedError(
            expected=f"inspections that checked {target}",
            got="none",
            where=f"known before {as_of}",
            do="ingest inspections with their control points, or choose a later day",
        )
    return matrix


def _keep(home: Path, specification: Specification, matrix: Matrix, trained: Trained) -> str:
    """Export, record and, when the gates passed, promote."""
    target, version = specification.target, export_version(home, specification, matrix, trained)
    serves = passed(trained.gates)
    if serves:
        promote(home, target, version)
    Tracker(home).record(
        target,
        version,
        version_folder(home, target, version),
        _parameters(specification, trained),
        {
            "data": data_hash(matrix.frame),
            "features": ",".join(trained.model.model.features),
            "why": trained.choice.why,
        },
        _observations(trained.result),
        champion=serves,
    )
    return version


def export_version(home: Path, specification: Specification, matrix: Matrix, trained: Trained) -> str:
    """Write what a training made and return its version; the same training again is the same version."""
    return export(home, trained.model, _about(specification, trained, data_hash(matrix.frame)))


def data_hash(frame: pd.DataFrame) -> str:
    """The sha256 of a frame's content, column by column: the same rows give the same hash on every machine."""
    digest = hashlib.sha256()
    for name in frame.columns:
        digest.update(name.encode())
        digest.update(pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _check_both_labels(ready: pd.DataFrame, specification: Specification, as_of: AsOf) -> None:
    breaches = numbers(ready, "label").sum()
    if breaches == 0 or breaches == len(ready):
        raise RefusedError(
            expected=f"inspections of {specification.target} with and without a breach",
            got=f"{len(ready)} inspections, {int(breaches)} with a breach",
            where=f"known before {as_of}",
            do="load more inspections, or move the training window",
        )


def _about(specification: Specification, trained: Trained, data: str) -> Mapping[str, Any]:
    candidates = {name: _rounded(one.metrics.to_dict()) for name, one in trained.result.summaries.items()}
    return {
        "specification": specification.sha256,
        "data": data,
        "rows": trained.rows,
        "test_windows": [str(split.quarter) for split in trained.result.splits],
        "forward": candidates,
        "why": trained.choice.why,
        "gates": [gate._asdict() for gate in trained.gates],
    }


def _rounded(metrics: Mapping[str, float]) -> Mapping[str, float | None]:
    return {name: None if np.isnan(value) else round(value, 6) for name, value in metrics.items()}


def _parameters(specification: Specification, trained: Trained) -> Mapping[str, object]:
    return {
        "target": specification.target.value,
        "candidate": trained.choice.candidate,
        "settings": specification.candidate(trained.choice.candidate).parameters,
        "seed": specification.seed,
        "trained_until": trained.model.trained_until,
        "rows": trained.rows,
        "capacity": specification.capacity,
        "specification": specification.sha256,
    }


def _observations(result: Backtest) -> Iterator[Observation]:
    for candidate, quarters in result.metrics.items():
        for step, metrics in enumerate(quarters):
            for name, value in metrics.to_dict().items():
                yield Observation(f"{candidate}.{name}", float(value), step)
