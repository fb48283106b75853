"""Scoring the partitions of a run, wherever they are worked on: what is done already is not done again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.quarter.engine import Engine
from pipelines.quarter.work import Scoring, Work
from targeting.domain import Target
from targeting.matrix import Partitions
from targeting.modelling.registry import ReleasedModel, load_version
from targeting.scoring import score_rows
from targeting.snapshots.row_groups import whole_file
from targeting.watching import check_contract

__all__ = ["partitions_of", "score_parts"]


def partitions_of(work: Work) -> Partitions:
    """The rows of the run, by partition."""
    return _partitions(work.rows, work.targets)


def score_parts(work: Work, engine: Engine) -> Iterator[int]:
    """Score every partition that is not scored yet; yields the number of each as it is done."""
    places = range(partitions_of(work).number)
    left = [place for place in places if not all(work.part(one, place).exists() for one in work.scorings)]
    yield from engine.map(_score_part, ((work, place) for place in left))


def _score_part(work: Work, place: int) -> int:
    """One partition, by every model; here or on another machine, which checks each model's bytes itself."""
    partitions = _partitions(work.rows, work.targets)
    part = partitions.part(place)
    check_contract(part.frame, partitions.features, where=f"partition {place}")
    for target, matrix in part.matrices().items():
        for one in work.scorings:
            if one.target == target and not work.part(one, place).exists():
                rows = score_rows(matrix, _model(work.home, one), explained=not one.shadow)
                with whole_file(work.part(one, place)) as partial:
                    pq.write_table(rows, partial, compression="lz4")
    return place


@lru_cache(maxsize=2)
def _partitions(folder: Path, targets: tuple[Target, ...]) -> Partitions:
    return Partitions.open(folder, targets)


@lru_cache(maxsize=16)
def _model(home: Path, scoring: Scoring) -> ReleasedModel:
    return load_version(home, scoring.target, scoring.version)
