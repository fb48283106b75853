"""Scoring the partitions of a run, wherever they are worked on: what is scored already is not scored again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from pipelines.quarter.engine import Engine
from pipelines.quarter.work import Scoring, Work
from targeting.domain import Target
from targeting.matrix import Part, Partitions
from targeting.modelling.registry import ReleasedModel
from targeting.scoring import score_rows
from targeting.snapshots.row_groups import whole_file
from targeting.watching import Measured, Reference, check_contract, measure

__all__ = ["Counting", "Models", "partitions_of", "score_parts"]

Models = Mapping[Scoring, ReleasedModel]


class Counting(NamedTuple):
    """That the rows of a partition are counted for those who watch, over the bins of `pinned` if there is one."""

    pinned: Reference | None


def partitions_of(work: Work) -> Partitions:
    """The rows of the run, by partition."""
    return _partitions(work.rows, work.targets)


def score_parts(
    work: Work, models: Models, engine: Engine, counting: Counting | None = None
) -> Iterator[dict[Target, Measured]]:
    """Score every partition that is not scored yet; yields what was counted of each as it is done, in any order.

    The models' bytes were checked when they were loaded; whoever works on a partition is handed them. Without
    `counting` nothing is counted, and a partition that is scored is not looked at again.
    """
    places = range(partitions_of(work).number)
    left = [place for place in places if counting is not None or not _scored(work, place)]
    yield from engine.map(_work_on, ((work, models, counting, place) for place in left))


def _scored(work: Work, place: int) -> bool:
    return all(work.part(one, place).exists() for one in work.scorings)


def _work_on(work: Work, models: Models, counting: Counting | None, place: int) -> dict[Target, Measured]:
    partitions = _partitions(work.rows, work.targets)
    part = partitions.part(place)
    if not _scored(work, place):
        check_contract(part.frame, partitions.features, where=f"partition {place}")
        _score(work, models, part, place)
    return {} if counting is None else _counted(work, part, counting, place, partitions.number)


def _score(work: Work, models: Models, part: Part, place: int) -> None:
    matrices = part.matrices()
    for one in work.scorings:
        if not work.part(one, place).exists():
            rows = score_rows(matrices[one.target], models[one], explained=not one.shadow)
            with whole_file(work.part(one, place)) as partial:
                pq.write_table(rows, partial, compression="lz4")


def _counted(work: Work, part: Part, counting: Counting, place: int, partitions: int) -> dict[Target, Measured]:
    pinned, serving = counting.pinned, {one.target: one for one in work.scorings if not one.shadow}
    return {
        target: measure(
            matrix.frame,
            matrix.features,
            pinned.histograms(target) if pinned else None,
            _scores(work.part(serving[target], place)),
            partitions=partitions,
        )
        for target, matrix in part.matrices().items()
    }


def _scores(part: Path) -> np.ndarray:
    values: np.ndarray = pq.read_table(part, columns=["score"])["score"].to_numpy()
    return values


@lru_cache(maxsize=2)
def _partitions(folder: Path, targets: tuple[Target, ...]) -> Partitions:
    return Partitions.open(folder, targets)
