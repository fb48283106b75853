"""The scoring matrices of the day on disk: written once, read partition by partition by what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.quarter_country import Country
from targeting.domain import Target
from targeting.matrix import Matrix, Partitions, write_partitions
from targeting.snapshots import AsOfView

__all__ = ["matrices", "write_matrices"]


def write_matrices(country: Country, rows: Path) -> Partitions:
    """Write members and features of the day to `rows`, as the quarterly run does."""
    targets = tuple(country.models)
    with country.folder() as scratch, AsOfView.open(country.store, None, [country.as_of], scratch=scratch) as view:
        for _ in write_partitions(view, targets, rows):
            pass
    return Partitions.open(rows, targets)


def matrices(partitions: Partitions) -> Iterator[tuple[Target, Matrix]]:
    """Every target's rows of every partition that has any, one at a time."""
    for place in range(partitions.number):
        for target, matrix in partitions.part(place).matrices().items():
            if len(matrix.frame):
                yield target, matrix
