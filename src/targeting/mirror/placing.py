"""Putting what was fetched where it belongs in a home, so that no reader ever sees half of it.

Files are fetched, checked and flushed beside the home's folders, on the same disk, and then renamed. A folder that is
read as a whole (a run, a trained version) comes in one rename.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from targeting.domain import RefusedError
from targeting.mirror.in_parallel import each
from targeting.mirror.index import MODELS, PUBLISHED, Content
from targeting.mirror.remote import Remote
from targeting.mirror.seen import FOLDER
from targeting.published import Reduced, settle_run
from targeting.published.flushing import flush
from targeting.published.reduction import REDUCED

__all__ = ["Place", "place_in"]

_FETCHED: Final = "fetched"
_GONE: Final = ".draft-gone-"


@dataclass(frozen=True)
class Place:
    """A home that files of a mirror are put in; `staging` is empty at first."""

    home: Path
    remote: Remote
    staging: Path

    def check_room(self, size: int) -> None:
        """Raise `RefusedError` where `size` more bytes do not fit."""
        free = shutil.disk_usage(self.home).free
        if size > free:
            raise RefusedError(
                expected=f"room for {size:,} bytes",
                got=f"{free:,} free",
                where=self.home.name,
                do="make room; nothing was changed",
            )

    def fetch(self, content: Content, path: str) -> Path:
        """The file that is to become `path`, whole, checked and flushed, in the staging folder."""
        target = self.staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            for block in self.remote.blocks(content):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return target

    def put(self, files: Mapping[str, Content]) -> None:
        """Put each of `files` in its own place as soon as it is here: for files that only a manifest makes count."""
        each(lambda one: self._settle(self.fetch(one[1], one[0]), self.home / one[0]), files.items())

    def put_folder(self, folder: str, files: Mapping[str, Content]) -> None:
        """Put `files`, which are all of `folder`, in place in one rename; there is no such folder yet."""
        staged = self._staged_folder(folder, files)
        (self.home / folder).parent.mkdir(parents=True, exist_ok=True)
        staged.rename(self.home / folder)
        flush((self.home / folder).parent)

    def replace_run(self, folder: str, files: Mapping[str, Content]) -> None:
        """Put `files` in the place of a run of which something was taken out since."""
        final = self.home / folder
        waiting = final.with_name(f"{REDUCED}{final.name}")
        self._staged_folder(folder, files).rename(waiting)
        settle_run(Reduced(waiting, final, files[f"{folder}/run.json"].sha256))

    def remove(self, path: str) -> None:
        """Delete a file; nothing where it is gone already."""
        (self.home / path).unlink(missing_ok=True)

    def remove_folder(self, folder: str) -> None:
        """Delete a folder that is read as a whole: it is out of sight at once."""
        final = self.home / folder
        gone = final.with_name(f"{_GONE}{final.name}")
        final.rename(gone)
        flush(final.parent)
        shutil.rmtree(gone)

    def _staged_folder(self, folder: str, files: Mapping[str, Content]) -> Path:
        each(lambda one: self.fetch(one[1], one[0]), files.items())
        flush(self.staging / folder)
        return self.staging / folder

    @staticmethod
    def _settle(staged: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)
        flush(target.parent)


@contextmanager
def place_in(home: Path, remote: Remote) -> Iterator[Place]:
    """A place with an empty staging folder, which goes at the end. The caller holds the lock of `home`'s mirror."""
    staging = home / FOLDER / _FETCHED
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    for gone in (*home.glob(f"{PUBLISHED}/{_GONE}*"), *home.glob(f"{MODELS}/*/{_GONE}*")):
        shutil.rmtree(gone)
    try:
        yield Place(home, remote, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
