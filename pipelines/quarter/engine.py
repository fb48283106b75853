"""Where partitions are worked on: processes of this machine, or workers of a Dask cluster. The code is the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import joblib

from targeting.domain import BadInputError, RefusedError
from targeting.matrix import PARTITION_ROWS

__all__ = ["LOCAL", "Engine", "engine_of"]

_T = TypeVar("_T")
_DASK: Final = "dask://"
_WAIT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Engine:
    """`address` is "local" or `dask://HOST:PORT` of a scheduler; `jobs` how many processes a local one may use.

    A partition holds `partition_rows` establishments: what a process has in memory at a time. What is published does
    not depend on any of the three. Workers of a cluster see the home under the same path, and have this software
    installed.
    """

    address: str = "local"
    jobs: int = 1
    partition_rows: int = PARTITION_ROWS

    def map(self, function: Callable[..., _T], items: Iterable[tuple[Any, ...]]) -> Iterator[_T]:
        """`function(*item)` for each of `items`, as they are done. The function is one that can be imported by name."""
        every = list(items)
        if not every:
            return
        # Starting a process costs seconds: no more of them than there is work for, and none for one piece.
        jobs = self.jobs if self.jobs < 0 else min(self.jobs, len(every))
        with self._backend():
            tasks = (joblib.delayed(function)(*item) for item in every)
            yield from joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(tasks)

    @contextmanager
    def _backend(self) -> Iterator[None]:
        if self.address == "local":
            with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
                yield
            return
        with _client(self.address), joblib.parallel_config(backend="dask"):
            yield


LOCAL: Final = Engine(jobs=1)


def engine_of(address: str, jobs: int | None = None, partition_rows: int = PARTITION_ROWS) -> Engine:
    """The engine at `address`; local ones use a process a core without `jobs`."""
    if address == "local":
        return Engine(address, jobs or os.cpu_count() or 1, partition_rows)
    if not address.startswith(_DASK) or ":" not in address.removeprefix(_DASK):
        raise BadInputError(
            expected="local or dask://HOST:PORT", got=repr(address), where="--engine", do="name one of them"
        )
    return Engine(address, jobs or -1, partition_rows)


@contextmanager
def _client(address: str) -> Iterator[None]:
    """The cluster's client; `RefusedError` when nobody answers, or when Dask is not installed."""
    try:
        from dask.distributed import Client
    except ImportError as cause:
        raise RefusedError(
            expected="the package distributed", got="none", where="--engine", do="install the extra `dask`"
        ) from cause
    scheduler = address.removeprefix(_DASK)
    try:
        client = Client(f"tcp://{scheduler}", timeout=_WAIT_SECONDS, set_as_default=True)
    except (OSError, TimeoutError) as cause:
        raise RefusedError(
            expected="a Dask scheduler", got="no answer", where=scheduler, do="start it, or use --engine local"
        ) from cause
    with client:
        yield
