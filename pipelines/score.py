"""Score: every released model on its cohort as of a day, published in one atomic step."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.progress import Progress
from pipelines.train import MODELS, data_hash
from targeting.cohort import cohort_rows_by_target
from targeting.domain import AsOf, NotFoundError, Quarter, Target
from targeting.matrix import Matrix, scoring_matrices
from targeting.modelling.registry import CHAMPION, Release, ReleasedModel, load_releases, released
from targeting.published import PublishedTables, Run, TargetRun, write_run
from targeting.scoring import establishments_table, sectors_table
from targeting.scoring import score as score_cohort
from targeting.snapshots import Store

__all__ = ["score"]

_TIE_BREAK_SEED: Final = 2027


def score(home: Path, as_of: AsOf, progress: Progress) -> str:
    """Score and publish the quarter that begins on `as_of`; the run's id. A target without a model is left out."""
    models = _models(home, load_releases(MODELS / "releases.toml"))
    targets, store = list(models), Store(home)
    with progress.bar("cohorts and features", 2, "") as bar:
        matrices = scoring_matrices(store, targets, as_of)
        bar.advance()
        cohorts = cohort_rows_by_target(store, as_of, targets)
        bar.advance()
    hashes = {target: _matrix_hash(matrices[target]) for target in targets}
    scores = {
        target: score_cohort(matrices[target], models[target], _TIE_BREAK_SEED)
        for target in progress.track(targets, "scores and reasons", len(targets))
    }
    establishments = establishments_table(cohorts.values(), as_of.day)
    sectors = sectors_table(establishments, scores, as_of.day)
    run = _run(as_of, models, hashes, establishments)
    return write_run(home, run, PublishedTables(establishments, sectors, scores))


def _models(home: Path, releases: Mapping[Target, Release]) -> dict[Target, ReleasedModel]:
    """The models that serve: a target without a champion is left out, a pinned version that is absent is an error."""
    found: dict[Target, ReleasedModel] = {}
    absent: list[NotFoundError] = []
    for target, release in releases.items():
        try:
            found[target] = released(home, target, release)
        except NotFoundError as cause:
            if release.serves != CHAMPION:
                raise
            absent.append(cause)
    if not found:
        raise absent[0]
    return found


def _run(
    as_of: AsOf,
    models: Mapping[Target, ReleasedModel],
    matrices: Mapping[Target, str],
    establishments: pa.Table,
) -> Run:
    """The run, named by everything that went into it: the data as read, the models, the seed and this software."""
    inputs = {
        "as_of": str(as_of),
        "seed": _TIE_BREAK_SEED,
        "software": version("targeting"),
        "models": {target.value: model.sha256 for target, model in models.items()},
        "matrices": {target.value: digest for target, digest in matrices.items()},
        "establishments": _content_hash(establishments),
    }
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    targets = {target: _about(model) for target, model in models.items()}
    return Run(as_of, Quarter.of(as_of.day), _TIE_BREAK_SEED, digest, targets)


def _about(model: ReleasedModel) -> TargetRun:
    trained = model.trained
    return TargetRun(
        release=model.version,
        model=model.sha256,
        candidate=trained.candidate,
        features=trained.model.features,
        calibrated=trained.calibrator.calibrated,
        trained_until=trained.trained_until,
    )


def _matrix_hash(matrix: Matrix) -> str:
    """The rows and the declarations behind them: a reworded reason is another input."""
    declared = repr(matrix.features).encode()
    return hashlib.sha256(declared + data_hash(matrix.frame).encode()).hexdigest()


def _content_hash(table: pa.Table) -> str:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="none", store_schema=False)
    return hashlib.sha256(buffer.getvalue()).hexdigest()
