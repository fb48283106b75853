"""Trained models on disk, and which of them serves.

`models/TARGET/VERSION/` under the home holds `model.skops` and `manifest.json`. A version is named by the hash of its
manifest, which holds the hash of the model: nothing is ever overwritten, and a changed byte anywhere is noticed before
anything is loaded. `models/TARGET/CHAMPION` names the last version whose gates passed. `releases` says what serves:
the champion, or one version by name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from targeting.domain import NotFoundError, RefusedError, Target
from targeting.modelling.artifact import TrainedModel, dumps, loads
from targeting.modelling.releases import CHAMPION, VERSION, Release, State

__all__ = [
    "ReleasedModel",
    "champion",
    "export",
    "load_folder",
    "load_version",
    "promote",
    "released",
    "serving",
    "version_folder",
    "versions",
]

_MODEL: Final = "model.skops"
_MANIFEST: Final = "manifest.json"
_POINTER: Final = "CHAMPION"


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
    """The version of this home, its bytes checked; `NotFoundError` when it was not trained here."""
    folder = version_folder(home, target, version)
    if not VERSION.fullmatch(version) or not (folder / _MANIFEST).is_file():
        raise NotFoundError(
            expected=f"a trained version of {target}",
            got=repr(version),
            where="models",
            do=f"run `python -m pipelines train --target {target}`",
        )
    return load_folder(folder, target, version)


def load_folder(folder: Path, target: Target, version: str) -> ReleasedModel:
    """The version whose files are in `folder`, wherever they come from.

    Before anything is loaded, the manifest is checked against the version's name and the model against the manifest.
    Raises `RefusedError` when a byte differs, or when it is a model of another target.
    """
    manifest = (folder / _MANIFEST).read_bytes()
    digest = hashlib.sha256(manifest).hexdigest()
    _check_bytes(version, f"v{digest[:12]}", f"{version}/{_MANIFEST}")
    about = json.loads(manifest)
    if about["target"] != target:
        raise RefusedError(expected=f"a model of {target}", got=f"one of {about['target']}", where=version)
    content = (folder / _MODEL).read_bytes()
    _check_bytes(about["files"][_MODEL], hashlib.sha256(content).hexdigest(), f"{version}/{_MODEL}")
    return ReleasedModel(version, digest, about, loads(content))


def versions(home: Path, target: Target) -> tuple[str, ...]:
    """Every version of the target on disk, by name."""
    folder = home / "models" / target.value
    return tuple(sorted(path.name for path in folder.glob("v*") if VERSION.fullmatch(path.name)))


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


def serving(home: Path, target: Target, release: Release) -> str | None:
    """The version that serves by `release`; null when that is the champion and there is none yet."""
    return champion(home, target) if release.serves == CHAMPION else release.serves


def released(home: Path, target: Target, release: Release) -> ReleasedModel:
    """The model that serves by `release`; `NotFoundError` when it was not trained in this home.

    Raises `RefusedError` when the newest champion is a version that was decided to be a shadow, or retired.
    """
    version = serving(home, target, release)
    if version is None:
        raise NotFoundError(
            expected=f"a champion for {target}",
            got="none",
            where="models",
            do=f"run `python -m pipelines train --target {target}`",
        )
    decision = release.decision_on(version)
    if decision is not None and decision.state != State.APPROVED:
        raise RefusedError(
            expected="an approved version to serve",
            got=f"a {decision.state} one",
            where=f"{target} {version}",
            do="name an approved version in `serves`",
        )
    return load_version(home, target, version)


def _manifest(trained: TrainedModel, about: Mapping[str, Any], content: bytes) -> bytes:
    document = {
        **about,
        "target": trained.target,
        "candidate": trained.candidate,
        "kind": trained.kind,
        "features": list(trained.model.features),
        "form": {"name": trained.form.name, "why": trained.form.why_en},
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
