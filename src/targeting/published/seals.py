"""Whether a published file is still the one that was published."""

from __future__ import annotations

import hashlib
from pathlib import Path

from targeting.domain import BadInputError

__all__ = ["check_seal", "sha256_of"]


def sha256_of(path: Path) -> str:
    """The sha256 of a file, read piece by piece: published files may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_seal(path: Path, sha256: str) -> None:
    """Raise `BadInputError` unless `path` has the content that `sha256` was made of."""
    got = sha256_of(path) if path.is_file() else "no file"
    if got != sha256:
        raise BadInputError(
            expected=f"the bytes that were published (sha256 {sha256[:12]})",
            got=got[:12],
            where=f"{path.parent.name}/{path.name}",
            do="restore the folder from a backup, or score again",
        )
