"""One push or pull of a home at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from targeting.mirror.patience import refuse_definite
from targeting.mirror.seen import FOLDER
from targeting.snapshots.lock import exclusive

__all__ = ["alone"]


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the only right to push or pull `home`, which is made if need be; `RefusedError` when another has it.

    What the disk of this machine refuses meanwhile (a right, room) is said in words as well.
    """
    try:
        with exclusive(home / FOLDER, "push or pull"):
            yield
    except OSError as cause:
        refuse_definite(cause, home.name)
        raise
