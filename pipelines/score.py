"""Score: every released model on its cohort as of a day, published in one atomic step."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.progress import Progress
from pipelines.shadow import score_shadows
from pipelines.train import MODELS, data_hash
from targeting.cohort import cohort_rows_by_target
from targeting.domain import AsOf, NotFoundError, Quarter, Target
from targeting.labels import label_rows
from targeting.matrix import Matrix, scoring_matrices
from targeting.modelling.registry import ReleasedModel, released
from targeting.modelling.releases import CHAMPION, Release, load_releases
from targeting.published import PublishedTables, Run, TargetRun, open_run, write_run
from targeting.scoring import area_results_table, establishments_table, published_bands, sectors_table
from targeting.scoring import score as score_cohort
from targeting.snapshots import Store
from targeting.snapshots.holdings import holdings

__all__ = ["RELEASES", "TIE_BREAK_SEED", "score"]

RELEASES: Final = MODELS / "releases.toml"
TIE_BREAK_SEED: Final = 2027


def score(home: Path, as_of: AsOf, progress: Progress, releases: Path = RELEASES) -> str:
    """Score and publish the quarter that begins on `as_of`; the run's id. A target without a model is left out.

    Declared shadows score afterwards, silently; what they say is kept beside the run and served nowhere.
    """
    declared = load_releases(releases)
    models = _models(home, declared)
    targets, store = list(models), Store(home)
    with progress.bar("cohorts and features", 2, "") as bar:
        matrices = scoring_matrices(store, targets, as_of)
        bar.advance()
        cohorts = cohort_rows_by_target(store, as_of, targets)
        bar.advance()
    hashes = {target: _matrix_hash(matrices[target]) for target in targets}
    scores = {
        target: score_cohort(matrices[target], models[target], TIE_BREAK_SEED)
        for target in progress.track(targets, "scores and reasons", len(targets))
    }
    establishments = establishments_table(cohorts.values(), as_of.day)
    sectors = sectors_table(establishments, scores, as_of.day)
    labels = {target: label_rows(store, target, as_of) for target in targets}
    results = area_results_table(establishments, scores, labels, as_of.day)
    tables = PublishedTables(establishments, sectors, scores, holdings(store, as_of), results)
    run = write_run(home, _run(as_of, models, hashes, tables), tables)
    score_shadows(home, open_run(home, run), declared, matrices)
    return run


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
    tables: PublishedTables,
) -> Run:
    """The run, named twice: by everything that went into it, and by what did without the closed targets."""
    targets = {target: _about(model) for target, model in models.items()}
    shown = [target for target in models if not target.closed]
    inputs = _inputs(as_of, models, matrices, tables)
    if len(shown) == len(models):
        return Run(as_of, Quarter.of(as_of.day), TIE_BREAK_SEED, inputs, targets)
    open_models, open_matrices = {one: models[one] for one in shown}, {one: matrices[one] for one in shown}
    open_inputs = _inputs(as_of, open_models, open_matrices, _seen(tables, shown))
    return Run(as_of, Quarter.of(as_of.day), TIE_BREAK_SEED, inputs, targets, open_inputs=open_inputs)


def _seen(tables: PublishedTables, shown: Sequence[Target]) -> PublishedTables:
    """What is left of `tables` for people who may know of the targets `shown` alone."""
    columns = [tables.scores[target].column("establishment") for target in shown]
    listed = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    establishments, results = tables.establishments, tables.area_results
    known = pc.is_in(establishments.column("establishment"), value_set=listed.combine_chunks())
    if results is not None:
        results = results.filter(pc.is_in(results.column("target"), value_set=pa.array(shown, pa.string())))
    return tables._replace(establishments=establishments.filter(known), area_results=results)


def _inputs(
    as_of: AsOf,
    models: Mapping[Target, ReleasedModel],
    matrices: Mapping[Target, str],
    tables: PublishedTables,
) -> str:
    """The hash of the data as read, the models, the seed and this software."""
    inputs = {
        "as_of": str(as_of),
        "seed": TIE_BREAK_SEED,
        "software": version("targeting"),
        "models": {target.value: model.sha256 for target, model in models.items()},
        "matrices": {target.value: digest for target, digest in matrices.items()},
        "establishments": _content_hash(tables.establishments),
        "holdings": None if tables.holdings is None else _content_hash(tables.holdings),
        "area_results": None if tables.area_results is None else _content_hash(tables.area_results),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _about(model: ReleasedModel) -> TargetRun:
    trained = model.trained
    return TargetRun(
        release=model.version,
        model=model.sha256,
        candidate=trained.candidate,
        features=trained.model.features,
        trained_until=trained.trained_until,
        bands=published_bands(trained.form),
        why_nb=trained.form.why_nb,
        why_en=trained.form.why_en,
    )


def _matrix_hash(matrix: Matrix) -> str:
    """The rows and the declarations behind them: a reworded reason is another input."""
    declared = repr(matrix.features).encode()
    return hashlib.sha256(declared + data_hash(matrix.frame).encode()).hexdigest()


def _content_hash(table: pa.Table) -> str:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="none", store_schema=False)
    return hashlib.sha256(buffer.getvalue()).hexdigest()
