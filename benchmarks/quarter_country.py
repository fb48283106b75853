"""The country that is measured: a prepared home, or a synthetic one made for the occasion, and homes that share it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pipelines import demo
from pipelines.score import RELEASES
from targeting.domain import AsOf, NotFoundError, Target
from targeting.modelling.registry import ReleasedModel, released
from targeting.modelling.releases import load_releases
from targeting.snapshots import Store

__all__ = ["Country", "prepared", "sharing"]

_SHARED: Final = ("snapshots", "models")


@dataclass(frozen=True)
class Country:
    """A home with a store and models, the day to score, and how measuring is done.

    `registers` is the folder of the bulk register files, null where there is none. `scratch` is on a disk with room.
    """

    home: Path
    as_of: AsOf
    registers: Path | None
    scratch: Path
    jobs: int
    repeats: int

    @property
    def store(self) -> Store:
        """The store of the home."""
        return Store(self.home)

    @cached_property
    def models(self) -> dict[Target, ReleasedModel]:
        """What serves each target in this home."""
        return dict(_models(self.home))

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder, gone when the block ends."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            yield Path(folder)


def prepared(home: Path, establishments: int, seed: int) -> None:
    """Make a synthetic country in `home`, trained and scored, unless there is one."""
    if not (home / "snapshots" / "manifest.jsonl").is_file():
        demo.demo(home, establishments, seed, lambda _: None)


@contextmanager
def sharing(country: Country) -> Iterator[Path]:
    """A home with the store and the models of `country` and nothing else: what it publishes is gone with the block."""
    with country.folder() as home:
        for name in _SHARED:
            (home / name).symlink_to((country.home / name).resolve(), target_is_directory=True)
        yield home


def _models(home: Path) -> Iterator[tuple[Target, ReleasedModel]]:
    for target, release in load_releases(RELEASES).items():
        try:
            yield target, released(home, target, release)
        except NotFoundError:
            continue
