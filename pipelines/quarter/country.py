"""Everything a run says of the day itself: who is in it, their features, what was found before, what is held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa

from pipelines.quarter.work import Work
from targeting.domain import Target
from targeting.labels import label_relation
from targeting.matrix import write_partitions
from targeting.published.schemas import HOLDINGS_FILE
from targeting.scoring import write_establishments
from targeting.snapshots import AsOfView, Store
from targeting.snapshots.holdings import write_holdings
from targeting.snapshots.row_groups import whole_file, write_in_groups

__all__ = ["country_view", "write_country"]

_DONE: Final = "DONE"
_GROUP: Final = 131_072
_LABELS: Final = pa.schema([("establishment", pa.string()), ("occurred_on", pa.date32()), ("label", pa.int8())])


@contextmanager
def country_view(work: Work) -> Iterator[AsOfView]:
    """The day of `work`. The engine works on disk and keeps a fixed amount of memory."""
    with work.scratch() as scratch, AsOfView.open(Store(work.home), None, [work.as_of], scratch=scratch) as view:
        yield view


def write_country(work: Work, view: AsOfView) -> Iterator[str]:
    """Write the day's rows to the work folder, a file at a time; yields the name of each as it is there.

    Nothing is asked of `view` (`country_view`) when everything is there.
    """
    if (work.rows / _DONE).exists():
        return
    yield from write_partitions(view, work.targets, work.rows, rows=work.partition_rows)
    with whole_file(work.establishments) as partial:
        write_establishments(view, partial)
    yield "establishments"
    for target in work.targets:
        _write_labels(view, target, work.labels(target))
    yield "labels"
    with whole_file(work.run / HOLDINGS_FILE) as partial:
        write_holdings(view, Store(work.home), partial)
    yield "holdings"
    (work.rows / _DONE).touch()


def _write_labels(view: AsOfView, target: Target, path: Path) -> None:
    rows = label_relation(view, target).select("establishment", "occurred_on", "label")
    write_in_groups(path, _LABELS, rows.to_arrow_reader(_GROUP), _GROUP)
