"""One at a time: a lock on a folder that ends with the process that holds it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from targeting.domain import RefusedError

__all__ = ["exclusive"]


@contextmanager
def exclusive(folder: Path, what: str = "load") -> Iterator[None]:
    """Hold the only right to change `folder`; `RefusedError` at once when another process has it.

    `what` is being made there. Refusing rather than waiting: two at once are a scheduling mistake that somebody should
    hear of. The operating system drops the lock of a process that dies, so there is no stale lock to clean up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise RefusedError(
                expected=f"no other {what} in progress",
                got=f"a {what} that is still running",
                where=folder.name,
                do="wait until it has ended and start this one again",
            ) from cause
        yield
