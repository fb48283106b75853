"""The scoring matrices of one day on disk, cut into partitions: memory does not grow with the country.

The engine works out of core (`AsOfView.open(..., scratch=)`); every family becomes one Parquet file over the union of
the cohorts, and partition p is row group p of each. A partition is read by whoever scores it, in this process or on
another machine that sees the folder. Its matrices are those of `scoring_matrices`, row for row (tested).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.cohort import choose_union, write_union
from targeting.domain import Target
from targeting.features import Family, Feature, family_file, write_family
from targeting.matrix.rows import KEYS, Matrix, Served, as_frame, columns_of, serving
from targeting.snapshots import AsOfView

__all__ = ["PARTITION_ROWS", "Part", "Partitions", "write_partitions"]

PARTITION_ROWS: Final = 16_384
_MEMBERS: Final = "members.parquet"


def write_partitions(
    view: AsOfView,
    targets: Sequence[Target],
    folder: Path,
    *,
    families: Sequence[Family] | None = None,
    rows: int = PARTITION_ROWS,
) -> Iterator[str]:
    """Write the rows of `targets` on the day of `view` to `folder`, a file at a time; yields the name of each.

    A partition holds `rows` rows.

    A file that is there already is not made again, so an interrupted writing goes on where it was.
    """
    served = _served(targets, families)
    choose_union(view, targets)
    write_union(view, folder / _MEMBERS, rows)
    yield _MEMBERS
    for family in _families(served):
        write_family(view, family, folder / _MEMBERS, folder)
        yield family.name


@dataclass(frozen=True, slots=True)
class Partitions:
    """What `write_partitions` wrote to `folder` for the targets of `served`."""

    folder: Path
    served: Mapping[Target, Served]

    @classmethod
    def open(cls, folder: Path, targets: Sequence[Target], families: Sequence[Family] | None = None) -> Partitions:
        """The partitions in `folder`; `targets` may be fewer than were written."""
        return cls(folder, _served(targets, families))

    @property
    def number(self) -> int:
        """How many partitions there are."""
        return int(pq.ParquetFile(self.folder / _MEMBERS).num_row_groups)

    @property
    def rows(self) -> int:
        """How many establishments are in any cohort."""
        return int(pq.ParquetFile(self.folder / _MEMBERS).metadata.num_rows)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file, the members first."""
        return (self.folder / _MEMBERS, *(family_file(self.folder, one) for one in _families(self.served)))

    @property
    def features(self) -> tuple[Feature, ...]:
        """Every feature that a file holds, whichever target it serves."""
        return tuple(feature for family in _families(self.served) for feature in family.features)

    def part(self, place: int) -> Part:
        """The rows of partition `place`, read into memory."""
        members = pq.ParquetFile(self.folder / _MEMBERS).read_row_group(place)
        files = (pq.ParquetFile(family_file(self.folder, one)) for one in _families(self.served))
        columns = {
            name: table[name] for table in (file.read_row_group(place) for file in files) for name in table.column_names
        }
        features = as_frame(columns, {one.name: one.kind for one in self.features})
        targets = members["targets"].combine_chunks()
        return Part(members.drop_columns(["targets"]).to_pandas(), features, targets, self.served)


@dataclass(frozen=True)
class Part:
    """One partition: who is in it and in which cohorts, and every feature of every row."""

    members: pd.DataFrame
    features: pd.DataFrame
    targets: pa.ListArray
    served: Mapping[Target, Served]

    @property
    def frame(self) -> pd.DataFrame:
        """Keys, the groups that are no features, and the features of all rows."""
        own = [name for name in self.members.columns if name not in self.features.columns]
        return pd.concat([self.members[own], self.features], axis="columns")

    def matrices(self) -> dict[Target, Matrix]:
        """The scoring matrix of each target over the partition's rows; one may be empty."""
        return {
            target: Matrix(_beside(self.members, self.features, one, _of(self.targets, target)), one.features, target)
            for target, one in self.served.items()
        }


def _served(targets: Sequence[Target], families: Sequence[Family] | None) -> dict[Target, Served]:
    return {target: serving(families, target, include_personal=False) for target in targets}


def _families(served: Mapping[Target, Served]) -> tuple[Family, ...]:
    return tuple({family.name: family for one in served.values() for family in one.families}.values())


def _of(targets: pa.ListArray, target: Target) -> np.ndarray:
    """Which rows are in the cohort of `target`."""
    rows = pc.list_parent_indices(targets).to_numpy()
    mine = pc.equal(pc.list_flatten(targets), target.value).to_numpy(zero_copy_only=False)
    inside = np.zeros(len(targets), dtype=np.bool_)
    inside[rows[mine]] = True
    return inside


def _beside(members: pd.DataFrame, features: pd.DataFrame, served: Served, inside: np.ndarray) -> pd.DataFrame:
    """The rows inside the cohort; a group that is declared as a feature comes from the family."""
    names = [feature.name for feature in served.features]
    kept = members[[name for name in members.columns if name not in names]]
    joined = pd.concat([kept[inside], features.loc[inside, names]], axis="columns")
    return joined[[*KEYS, *columns_of(served)]].reset_index(drop=True)
