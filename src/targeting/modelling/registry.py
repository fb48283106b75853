"""Trained models on disk, and which of them serves.

`models/TARGET/VERSION/` under the home holds `model.skops` and `manifest.json`. A version is named by the hash of its
manifest, which holds the hash of the model: nothing is ever overwritten, and a changed byte anywhere is noticed before
anything is loaded. `models/TARGET/CHAMPION` names the last version whose gates passed. `releases.toml` in the
repository says what serves: the champion, or one version by name.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from targeting.domain import BadInputError, NotFoundError, RefusedError, Target
from targeting.modelling.artifact import TrainedModel, dumps, loads
from targeting.modelling.strict_keys import build, check_keys

__all__ = [
    "CHAMPION",
    "Release",
    "ReleasedModel",
    "champion",
    "export",
    "load_releases",
    "load_version",
    "promote",
    "released",
    "version_folder",
    "versions",
]

_MODEL: Final = "model.skops"
_MANIFEST: Final = "manifest.json"
_POINTER: Final = "CHAMPION"
CHAMPION: Final = "champion"
_VERSION: Final = re.compile(r"v[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Release:
    """One target's line in `releases.toml`: "champion" or a version, why, and the role that decided."""

    serves: str
    why: str
    decided_by: str


@dataclass(frozen=True)
class ReleasedModel:
    """A model that may score: its version, the sha256 of its manifest, the manifest, and the model itself."""

    version: str
    sha256: str
    manifest: Mapping[str, Any]
    trained: TrainedModel


def version_folder(home: Path, target: Target, version: str) -> Path:
    """Where a version's files are."""
    return home / "models" / target.value / version


def export(home: Path, trained: TrainedModel, about: Mapping[str, Any]) -> str:
    """Write `trained` with `about` (JSON values: data hash, metrics, gates, ...) and return the version's name.

    The folder appears in one rename; exporting the same content again changes nothing.
    """
    content = dumps(trained)
    manifest = _manifest(trained, about, content)
    version = f"v{hashlib.sha256(manifest).hexdigest()[:12]}"
    final = version_folder(home, Target(trained.target), version)
    if not final.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=final.parent))
        try:
            _write(draft / _MODEL, content)
            _write(draft / _MANIFEST, manifest)
            draft.chmod(0o755)
            draft.rename(final)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return version


def load_version(home: Path, target: Target, version: str) -> ReleasedModel:
    """The version, after its bytes were checked: manifest against the version's name, model against the manifest."""
    folder = version_folder(home, target, version)
    if not _VERSION.fullmatch(version) or not (folder / _MANIFEST).is_file():
        raise NotFoundError(
            expected=f"a trained version of {target}",
            got=repr(version),
            where="models",
            do=f"run `python -m pipelines train --target {target}`",
        )
    manifest = (folder / _MANIFEST).read_bytes()
    digest = hashlib.sha256(manifest).hexdigest()
    _check_bytes(version, f"v{digest[:12]}", f"{version}/{_MANIFEST}")
    about = json.loads(manifest)
    content = (folder / _MODEL).read_bytes()
    _check_bytes(about["files"][_MODEL], hashlib.sha256(content).hexdigest(), f"{version}/{_MODEL}")
    return ReleasedModel(version, digest, about, loads(content))


def versions(home: Path, target: Target) -> tuple[str, ...]:
    """Every version of the target on disk, by name."""
    folder = home / "models" / target.value
    return tuple(sorted(path.name for path in folder.glob("v*") if _VERSION.fullmatch(path.name)))


def promote(home: Path, target: Target, version: str) -> None:
    """Make `version` the champion. The caller answers for its gates."""
    pointer = version_folder(home, target, version).parent / _POINTER
    draft = pointer.with_name(f".{_POINTER}-{version}")
    _write(draft, f"{version}\n".encode())
    draft.replace(pointer)


def champion(home: Path, target: Target) -> str | None:
    """The champion's version, or null when no model of the target passed its gates yet."""
    pointer = home / "models" / target.value / _POINTER
    return pointer.read_text("utf-8").strip() if pointer.is_file() else None


def load_releases(path: Path) -> Mapping[Target, Release]:
    """`releases.toml`: one table a target, every target named, unknown keys refused."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise BadInputError(expected="releases in TOML", got=str(cause), where=path.name) from cause
    check_keys(document, {str(target) for target in Target}, set(), path.name)
    releases = {target: build(Release, document[target], f"{path.name}: {target}") for target in Target}
    for target, release in releases.items():
        if release.serves != CHAMPION and not _VERSION.fullmatch(release.serves):
            raise BadInputError(
                expected='"champion" or a version such as v0123456789ab',
                got=repr(release.serves),
                where=f"{path.name}: {target}",
            )
    return releases


def released(home: Path, target: Target, release: Release) -> ReleasedModel:
    """The model that serves by `release`; `NotFoundError` when it was not trained in this home."""
    version = champion(home, target) if release.serves == CHAMPION else release.serves
    if version is None:
        raise NotFoundError(
            expected=f"a champion for {target}",
            got="none",
            where="models",
            do=f"run `python -m pipelines train --target {target}`",
        )
    return load_version(home, target, version)


def _manifest(trained: TrainedModel, about: Mapping[str, Any], content: bytes) -> bytes:
    document = {
        **about,
        "target": trained.target,
        "candidate": trained.candidate,
        "kind": trained.kind,
        "features": list(trained.model.features),
        "calibrated": trained.calibrator.calibrated,
        "trained_until": trained.trained_until,
        "seed": trained.seed,
        "files": {_MODEL: hashlib.sha256(content).hexdigest()},
    }
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _check_bytes(expected: str, got: str, where: str) -> None:
    if expected != got:
        raise RefusedError(
            expected=f"the bytes that were exported ({expected[:12]})",
            got=got[:12],
            where=where,
            do="restore the folder or train again; a changed model is never loaded",
        )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
