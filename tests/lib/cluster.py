"""A real Dask cluster of two worker processes on this machine."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import NamedTuple, TypeVar

__all__ = ["Cluster", "cluster", "wait_for"]

_T = TypeVar("_T")
_PATIENCE = 300.0


class Cluster(NamedTuple):
    """The scheduler's HOST:PORT, and its workers."""

    address: str
    workers: list[Popen[bytes]]


@contextmanager
def cluster(repository: Path, folder: Path) -> Iterator[Cluster]:
    """A scheduler and two workers that import this software from `repository`."""
    known = folder / "scheduler.json"
    run = [sys.executable, "-m"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(repository), str(repository / "src")))}
    quiet = {"stdout": DEVNULL, "stderr": DEVNULL, "cwd": repository, "env": environment}
    ask = ["--scheduler-file", str(known)]
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = Popen([*run, "distributed.cli.dask_scheduler", *ask, *local, "--port", "0"], **quiet)  # type: ignore[call-overload]
    worker = [*run, "distributed.cli.dask_worker", *ask, *local, "--nworkers", "1", "--nthreads", "1", "--no-nanny"]
    workers = [Popen([*worker, "--local-directory", str(folder / f"w{one}")], **quiet) for one in range(2)]  # type: ignore[call-overload]
    try:
        wait_for(known.is_file, scheduler)
        yield Cluster(json.loads(known.read_text())["address"].removeprefix("tcp://"), workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def wait_for(told: Callable[[], _T], process: Popen[bytes] | Popen[str]) -> _T:
    """What `told` gives when it gives something, for as long as `process` runs."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if found := told():
            return found
        if process.poll() is not None:
            raise AssertionError(f"the process ended with {process.returncode}")
        time.sleep(0.02)
    raise AssertionError("nothing came")
