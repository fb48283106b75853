"""Reading register files ahead of the store on the other processors, in order, a few files at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from joblib import Parallel, delayed

from pipelines.found_files import SourceFile
from pipelines.readers import Context, batches_of, stage_of
from targeting.domain import TargetingError
from targeting.sources.reading import Batch

__all__ = ["ReadAhead"]

_WORTH_IT: Final = 4_000_000
"""Compressed bytes in all below which starting worker processes costs more than it saves."""

_WHOLE: Final = 24_000_000
"""Larger files are streamed by the one process that stores them, so that memory stays flat."""

_WORKERS: Final = 2


class ReadAhead:
    """The batches of each of `files`, asked for in their order.

    Files that need to know the inspections in the store (`stage_of` 2) are read when their turn comes.
    """

    def __init__(self, files: Sequence[SourceFile]) -> None:
        sizes = {file: file.path.stat().st_size for file in files if file.path.is_file() and stage_of(file.kind) < 2}
        ahead = [file for file in files if sizes.get(file, _WHOLE) < _WHOLE]
        worth_it = sum(sizes[file] for file in ahead) > _WORTH_IT and (os.cpu_count() or 1) > 1
        self._ahead = frozenset(ahead) if worth_it else frozenset()
        self._results = _in_workers(ahead) if worth_it else iter(())

    def batches(self, file: SourceFile, about: Context) -> Iterator[Batch]:
        """The batches of the next file; raises what reading it raised."""
        if file not in self._ahead:
            yield from batches_of(file.kind, file.path, about)
            return
        result = next(self._results)
        if isinstance(result, TargetingError):
            raise result
        yield from result

    def skip(self, file: SourceFile) -> None:
        """Pass over a file that turned out to be in the store already."""
        if file in self._ahead:
            next(self._results)


def _in_workers(files: Sequence[SourceFile]) -> Iterator[tuple[Batch, ...] | TargetingError]:
    pool = Parallel(n_jobs=_WORKERS, return_as="generator", pre_dispatch=_WORKERS + 1)
    results: Iterator[tuple[Batch, ...] | TargetingError] = pool(delayed(_whole)(file) for file in files)
    return results


def _whole(file: SourceFile) -> tuple[Batch, ...] | TargetingError:
    try:
        return tuple(batches_of(file.kind, file.path, Context(file.known_on, {})))
    except TargetingError as error:
        return error
