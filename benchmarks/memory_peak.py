"""How much memory a command takes at its highest: it and every process it starts, sampled from outside."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Ran", "run"]

_EVERY: Final = 0.2
_SHOWN: Final = 3000
_KIB: Final = 1024


class Ran(NamedTuple):
    """How long it took, and the highest memory in MiB.

    `peak` is of all processes together at one moment, pages that several share counted once (PSS); `largest` the
    highest resident size that one process ever had (its high-water mark). Both are looked at every 0.2 s. What the
    system tells of a child that ended is no measure: it counts what its parent held when it was started.
    """

    seconds: float
    peak: float
    largest: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> Ran:
    """Run `command` to its end. Raises `RuntimeError` with the end of what it said when it did not end well."""
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        watch = _Watch(process.pid)
        watch.start()
        process.wait()
        seconds = time.perf_counter() - begun
        watch.stop()
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"exit code {process.returncode}: {said.read()[-_SHOWN:].decode(errors='replace')}")
    return Ran(seconds, watch.peak / _KIB, watch.largest / _KIB)


class _Watch(threading.Thread):
    """Samples a process and its descendants; `peak` and `largest` are in KiB."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.peak = self.largest = 0
        self._process = process
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            family = _family(self._process)
            self.peak = max(self.peak, sum(_told(one, "smaps_rollup", "Pss:") for one in family))
            self.largest = max(self.largest, *(_told(one, "status", "VmHWM:") for one in family))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _family(process: int) -> list[int]:
    """The process and its descendants."""
    found, left = [], [process]
    while left:
        one = left.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            left += [int(child) for child in _text(task).split()]
    return found


def _told(process: int, file: str, name: str) -> int:
    """A figure that the kernel tells of a process, in KiB; 0 when it is over."""
    lines = _text(Path(f"/proc/{process}/{file}")).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _text(path: Path) -> str:
    """What is in it; nothing when the process has just ended."""
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
