"""What there is to mirror under a home, from its own manifests and seals; only the rest is hashed.

Nobody is asked to stop for it: what is being written has no final name yet, and a file that vanishes meanwhile makes
the caller look again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from targeting.mirror.index import (
    CHAMPION,
    CURRENT,
    MANIFEST,
    MODELS,
    PARTS,
    PINS,
    PUBLISHED,
    Content,
    Index,
    content_of,
)
from targeting.published import Run
from targeting.published.reduction import EXPIRED
from targeting.published.seals import sha256_of
from targeting.snapshots.manifest import LoadRecord, Manifest

__all__ = ["begins_with", "index_of", "live_files", "manifest_of"]

_RUN: Final = re.compile(r"[0-9a-f]{16}")

_Held = Iterator[tuple[str, Content]]


def index_of(home: Path, parts: Collection[str] = PARTS, *, whole: bool = True) -> Index:
    """The index of the `parts` of `home`. Raises `FileNotFoundError` for a file that the home names and does not have;
    without `whole` such a file is left out.
    """
    of_part = {
        MODELS: _models,
        PUBLISHED: _published,
        "quarantine": _quarantine,
        "snapshots": _snapshots,
        "watching": _watching,
    }
    held = (one for part in parts for one in of_part[part](home, whole))
    return Index(dict(held))


def manifest_of(text: bytes) -> Manifest:
    """The manifest in the bytes of its file."""
    lines = text.decode().split("\n")[:-1]
    return Manifest(tuple(LoadRecord.from_line(line, f"{MANIFEST} line {n}") for n, line in enumerate(lines, start=1)))


def live_files(manifest: Manifest) -> dict[str, str]:
    """The sha256 of every store file that counts, by its path."""
    tables = sorted({each.table for load in manifest.loads for each in load.files})
    return {f"snapshots/{table}/{each.name}": each.sha256 for table in tables for each in manifest.files(table)}


def begins_with(path: Path, content: Content) -> bool:
    """Whether the file at `path` is `content`, perhaps with more after it."""
    with path.open("rb") as file:
        return hashlib.sha256(file.read(content.bytes)).hexdigest() == content.sha256


def _snapshots(home: Path, whole: bool) -> _Held:
    if (home / MANIFEST).is_file():
        text = _lines(home / MANIFEST)
        yield MANIFEST, content_of(text)
        for path, sha256 in live_files(manifest_of(text)).items():
            yield from _sealed(home, path, sha256, whole)


def _published(home: Path, whole: bool) -> _Held:
    pointed = (home / CURRENT).read_bytes() if (home / CURRENT).is_file() else None
    if pointed is not None:
        yield CURRENT, content_of(pointed)
    ids = {path.name for path in (home / PUBLISHED).glob("*") if _RUN.fullmatch(path.name)}
    named = {path.name.removeprefix(EXPIRED) for path in (home / PUBLISHED).glob(f"{EXPIRED}*")}
    if pointed is not None:
        named.add(pointed.decode().strip())
    if whole and (lacking := named - ids):
        raise FileNotFoundError(f"{PUBLISHED}/{min(lacking)}")
    for run in sorted(ids):
        yield from _run(home, run, whole)


def _run(home: Path, run: str, whole: bool) -> _Held:
    about = f"{PUBLISHED}/{run}/run.json"
    if not whole and not (home / about).is_file():
        return
    text = (home / about).read_bytes()
    yield about, content_of(text)
    for name, seal in Run.from_json(text.decode(), about).files.items():
        yield from _sealed(home, f"{PUBLISHED}/{run}/{name}", seal.sha256, whole)


def _quarantine(home: Path, whole: bool) -> _Held:
    yield from _hashed(home, sorted((home / "quarantine").glob("[!.]*.jsonl")))


def _models(home: Path, whole: bool) -> _Held:
    """Pointers first: what they point to was there before they did."""
    yield from _hashed(home, sorted((home / MODELS).glob(f"[!.]*/{CHAMPION}")))
    yield from _hashed(home, sorted((home / MODELS).glob("[!.]*/[!.]*/[!.]*")))


def _watching(home: Path, whole: bool) -> _Held:
    if (home / PINS).is_file():
        yield PINS, content_of(_lines(home / PINS))
    yield from _hashed(home, sorted((home / "watching" / "references").glob("[!.]*.json")))


def _hashed(home: Path, paths: Collection[Path]) -> _Held:
    for path in paths:
        if path.is_file():
            yield path.relative_to(home).as_posix(), Content(sha256_of(path), path.stat().st_size)


def _sealed(home: Path, path: str, sha256: str, whole: bool) -> _Held:
    """A file whose hash is written elsewhere: it is read when it is sent, and has to be what it should be then."""
    if whole or (home / path).is_file():
        yield path, Content(sha256, (home / path).stat().st_size)


def _lines(path: Path) -> bytes:
    """The whole lines of a file that others append to."""
    text = path.read_bytes()
    return text[: text.rfind(b"\n") + 1]
