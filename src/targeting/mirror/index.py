"""The index of a mirror: every mirrored file of a home by its path, with what its content hashes to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from targeting.domain import BadInputError

__all__ = ["CURRENT", "MANIFEST", "MODELS", "PARTS", "PINS", "PUBLISHED", "Content", "Index", "run_of", "version_of"]

MODELS: Final = "models"
PUBLISHED: Final = "published"
PARTS: Final = (MODELS, PUBLISHED, "quarantine", "snapshots", "watching")
"""The folders of a home that are mirrored. The ledger has its own backup; the rest can be made again."""

CURRENT: Final = f"{PUBLISHED}/CURRENT"
MANIFEST: Final = "snapshots/manifest.jsonl"
PINS: Final = "watching/pins.jsonl"

_FORMAT: Final = 1
_PATH: Final = re.compile(rf"({'|'.join(PARTS)})(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Content(NamedTuple):
    """What a file holds: its sha256 in hex, and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Index:
    """Files by path relative to the home, with `/`. Equal contents of a home give equal indexes: no clock, no order."""

    files: Mapping[str, Content] = field(default_factory=dict)

    @cached_property
    def text(self) -> bytes:
        """The canonical JSON, which the index is named by."""
        files = {path: content._asdict() for path, content in self.files.items()}
        return json.dumps({"format": _FORMAT, "files": files}, sort_keys=True, separators=(",", ":")).encode()

    @cached_property
    def content(self) -> Content:
        """What the index itself hashes to."""
        return Content(hashlib.sha256(self.text).hexdigest(), len(self.text))

    def under(self, *folders: str) -> Index:
        """The files in any of `folders` alone."""
        beginnings = tuple(f"{folder}/" for folder in folders)
        return Index({path: one for path, one in self.files.items() if path.startswith(beginnings)})

    @classmethod
    def from_text(cls, text: bytes, where: str) -> Index:
        """Read what `text` holds; `BadInputError` for anything that no home could have, such as a path out of it."""
        try:
            raw = json.loads(text)
            if raw["format"] != _FORMAT:
                raise ValueError(f"format {raw['format']}")
            return cls({_checked(path): _content(about) for path, about in raw["files"].items()})
        except (AttributeError, KeyError, TypeError, ValueError) as cause:
            raise BadInputError(
                expected="the index of a mirror", got=f"{type(cause).__name__}: {cause}", where=where, do="push it anew"
            ) from cause


def run_of(path: str) -> str | None:
    """The published run a file belongs to; null for all others.

    >>> run_of("published/0123456789abcdef/run.json"), run_of("published/CURRENT")
    ('0123456789abcdef', None)
    """
    parts = path.split("/")
    return parts[1] if parts[0] == PUBLISHED and len(parts) > 2 else None


def version_of(path: str) -> str | None:
    """The folder of the trained version a file belongs to; null for all others.

    >>> version_of("models/bht_use/v0123/model.skops"), version_of("models/bht_use/CHAMPION")
    ('models/bht_use/v0123', None)
    """
    folder = path.rpartition("/")[0]
    return folder if path.startswith(f"{MODELS}/") and folder.count("/") > 1 else None


def _checked(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"the path {path!r}")
    return path


def _content(about: Mapping[str, Any]) -> Content:
    content = Content(**about)
    if not _SHA256.fullmatch(content.sha256) or not isinstance(content.bytes, int) or content.bytes < 0:
        raise ValueError(f"the content {about}")
    return content
