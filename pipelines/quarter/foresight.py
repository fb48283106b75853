"""What a quarterly run would do, told without doing it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pipelines.found_files import find_files
from targeting.domain import AsOf, NotFoundError, Target
from targeting.modelling.registry import released
from targeting.modelling.releases import Release
from targeting.published import open_current
from targeting.snapshots import Store
from targeting.watching import load_pinned

__all__ = ["foreseen"]


def foreseen(
    home: Path, as_of: AsOf, inbox: Sequence[Path], known_on: date | None, releases: Mapping[Target, Release]
) -> str:
    """A text of what would be read, who would score, and what the run would be compared with."""
    lines = [f"quarterly run as of {as_of} in {home.name} (dry run: nothing is changed)", "", "files"]
    lines += _files(home, inbox, known_on or date.today()) or ["  none: the store is scored as it is"]
    lines += ["", "models", *(f"  {target}: {_serving(home, target, one)}" for target, one in releases.items())]
    pinned = load_pinned(home)
    lines += ["", f"reference: {f'that of {pinned.as_of} ({pinned.id})' if pinned else 'none pinned'}"]
    lines += [f"in service: {_in_service(home)}"]
    return "\n".join(lines)


def _files(home: Path, inbox: Sequence[Path], known_on: date) -> list[str]:
    store, found = Store(home), find_files(inbox, known_on)
    told = [f"  {one.path.name}: {_new(store, one.path)}, {one.kind}, known on {one.known_on}" for one in found.files]
    return [*told, *(f"  {one.file}: would be refused, {one.reason}" for one in found.refused)]


def _new(store: Store, path: Path) -> str:
    with path.open("rb") as stream:
        known = store.known(hashlib.file_digest(stream, "sha256").hexdigest())
    return "read before" if known else "new"


def _serving(home: Path, target: Target, release: Release) -> str:
    try:
        return released(home, target, release).version
    except NotFoundError as cause:
        return f"left out, {cause.got}"


def _in_service(home: Path) -> str:
    try:
        run = open_current(home).about
    except NotFoundError:
        return "no run yet"
    return f"run {run.run} as of {run.as_of}, until the new one is published"
