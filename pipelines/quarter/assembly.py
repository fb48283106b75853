"""From scored partitions to the files of a run, and what names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.quarter.engine import Engine
from pipelines.quarter.parts import partitions_of
from pipelines.quarter.work import Scoring, Work
from targeting.domain import Quarter, Target
from targeting.modelling.registry import ReleasedModel
from targeting.published import (
    AREA_RESULTS,
    ESTABLISHMENTS,
    SECTORS,
    FileSeal,
    Run,
    TargetRun,
    check_files,
    write_ranked_rows,
    write_rows,
)
from targeting.published.schemas import AREA_RESULTS_FILE, HOLDINGS_FILE
from targeting.scoring import area_results_table, published_bands, ranked_reader, sectors_table, write_scores
from targeting.snapshots.row_groups import whole_file

__all__ = ["TIE_BREAK_SEED", "assembled", "named", "written_lists"]

TIE_BREAK_SEED: Final = 2027


def assembled(work: Work, models: Mapping[Target, ReleasedModel], engine: Engine) -> Iterator[str]:
    """Put the Parquet files of the run together, targets side by side; yields the name of each as it is there."""
    serving = (one for one in work.scorings if not one.shadow)
    yield from engine.map(_scores, ((work, one, models[one.target].trained.refits.capacity) for one in serving))
    on, scores = work.as_of.day, {target: work.scores(target) for target in work.targets}
    labels = {target: work.labels(target) for target in work.targets}
    sectors = sectors_table(work.establishments, scores, on)
    results = area_results_table(work.establishments, scores, labels, on)
    write_rows(work.run / "sectors.parquet", SECTORS, sectors.to_batches())
    write_rows(work.run / AREA_RESULTS_FILE, AREA_RESULTS, results.to_batches())
    yield "areas"


def named(work: Work, models: Mapping[Target, ReleasedModel]) -> Run:
    """The run that the files are, its promises checked. It has two names: by all that went into it, and by what did
    without the closed targets.
    """
    targets = {target: _about(model) for target, model in models.items()}
    shown = [target for target in models if not target.closed]
    inputs = _inputs(work, models, work.establishments, work.targets)
    open_inputs = None
    if len(shown) < len(models):
        open_models = {target: models[target] for target in shown}
        with work.scratch() as scratch:
            open_inputs = _inputs(work, open_models, _seen(work, shown, scratch), shown)
    run = Run(work.as_of, Quarter.of(work.as_of.day), TIE_BREAK_SEED, inputs, targets, open_inputs=open_inputs)
    check_files(work.run, run)
    return run


def written_lists(work: Work, engine: Engine) -> dict[str, FileSeal]:
    """Write what each target's list is served from, targets side by side; the files' seals by name."""
    seals: dict[str, FileSeal] = {}
    for found in engine.map(_list, ((work, target) for target in work.targets)):
        seals |= found
    return seals


def _list(work: Work, target: Target) -> dict[str, FileSeal]:
    with work.scratch(target) as scratch, ranked_reader(work.establishments, work.scores(target), scratch) as rows:
        return write_ranked_rows(work.run, target, rows)


def _scores(work: Work, one: Scoring, capacity: int) -> str:
    if not work.scores(one.target).exists():
        with work.scratch(one.name) as scratch, whole_file(work.scores(one.target)) as partial:
            write_scores(_parts(work, one), partial, seed=TIE_BREAK_SEED, capacity=capacity, scratch=scratch)
    return f"scores of {one.target}"


def _parts(work: Work, one: Scoring) -> list[Path]:
    return [work.part(one, place) for place in range(partitions_of(work).number)]


def _seen(work: Work, shown: Sequence[Target], scratch: Path) -> Path:
    """The establishments that people may know of who know of the targets `shown` alone."""
    path, none = scratch / "seen.parquet", np.empty(0, "S9")
    listed = np.unique(np.concatenate([none, *(_numbers(work.scores(one)) for one in shown)]))
    write_rows(path, ESTABLISHMENTS, _among(pq.ParquetFile(work.establishments), listed))
    return path


def _among(establishments: pq.ParquetFile, listed: np.ndarray) -> Iterator[pa.RecordBatch]:
    """The rows of the numbers `listed`, in their order, a row group at a time."""
    ended = np.append(listed, b"")  # what is sought beyond the last is found to be none of them
    for place in range(establishments.num_row_groups):
        part = establishments.read_row_group(place)
        numbers = part["establishment"].to_numpy().astype(listed.dtype)
        at = np.searchsorted(listed, numbers)
        yield from part.filter(pa.array(ended[at] == numbers)).to_batches()


def _numbers(scores: Path) -> np.ndarray:
    return np.asarray(pq.read_table(scores, columns=["establishment"])["establishment"].to_numpy().astype("S9"))


def _inputs(work: Work, models: Mapping[Target, ReleasedModel], establishments: Path, targets: Sequence[Target]) -> str:
    """The hash of the data as read, the models, the seed and this software."""
    serving = {one.target: one for one in work.scorings if not one.shadow}
    results = pq.read_table(work.run / AREA_RESULTS_FILE).to_pylist()
    inputs = {
        "as_of": str(work.as_of),
        "seed": TIE_BREAK_SEED,
        "software": version("targeting"),
        "models": {target.value: models[target].sha256 for target in targets},
        "rows": {target.value: _rows_hash(work, serving[target], models[target]) for target in targets},
        "establishments": _file_hash(establishments),
        "holdings": _file_hash(work.run / HOLDINGS_FILE),
        "area_results": [row for row in results if row["target"] in {target.value for target in targets}],
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _rows_hash(work: Work, one: Scoring, model: ReleasedModel) -> str:
    """All the model could read, row by row, however it was cut into partitions; and the words of its features."""
    features = {feature.name: feature for feature in partitions_of(work).served[one.target].features}
    digest = hashlib.sha256(repr(list(features.values())).encode())
    for part in _parts(work, one):
        digest.update(pq.read_table(part, columns=["content"])["content"].to_numpy().tobytes())
    return digest.hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
