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
from targeting.published import writing

__all__ = [
    "APPENDED",
    "CHAMPION",
    "CURRENT",
    "MANIFEST",
    "MODELS",
    "PARTS",
    "PINS",
    "PUBLISHED",
    "Content",
    "Index",
    "content_of",
    "folder_of",
    "points",
    "run_of",
]

MODELS: Final = "models"
PUBLISHED: Final = writing.FOLDER
PARTS: Final = (MODELS, PUBLISHED, "quarantine", "snapshots", "watching")
"""The folders of a home that are mirrored. The ledger has its own backup; the rest can be made again."""

CURRENT: Final = f"{PUBLISHED}/{writing.CURRENT}"
CHAMPION: Final = "CHAMPION"
MANIFEST: Final = "snapshots/manifest.jsonl"
PINS: Final = "watching/pins.jsonl"
APPENDED: Final = (MANIFEST, PINS)
"""Files that are only ever appended to: of two, the longer one has seen the shorter."""

_FORMAT: Final = 1
_PATH: Final = re.compile(rf"({'|'.join(PARTS)})(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Content(NamedTuple):
    """What a file holds: its sha256 in hex, and its size."""

    sha256: str
    bytes: int


def content_of(text: bytes) -> Content:
    """What a file holds whose bytes are `text`."""
    return Content(hashlib.sha256(text).hexdigest(), len(text))


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
        return content_of(self.text)

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


def folder_of(path: str) -> str | None:
    """The folder read as a whole, a run's or a trained version's, that a file belongs to; null for all others.

    >>> folder_of("published/0123456789abcdef/run.json"), folder_of("models/bht_use/v0123/model.skops")
    ('published/0123456789abcdef', 'models/bht_use/v0123')
    >>> folder_of("published/CURRENT"), folder_of("models/bht_use/CHAMPION"), folder_of("snapshots/units/1.parquet")
    (None, None, None)
    """
    parts = path.split("/")
    depth = {PUBLISHED: 2, MODELS: 3}.get(parts[0], len(parts))
    return "/".join(parts[:depth]) if len(parts) > depth else None


def points(path: str) -> bool:
    """Whether a file only says what serves: which run, or which trained version.

    >>> points("published/CURRENT"), points("models/bht_use/CHAMPION"), points("models/bht_use/v0123/model.skops")
    (True, True, False)
    """
    return path == CURRENT or (path.startswith(f"{MODELS}/") and path.endswith(f"/{CHAMPION}"))


def _checked(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"the path {path!r}")
    return path


def _content(about: Mapping[str, Any]) -> Content:
    content = Content(**about)
    if not _SHA256.fullmatch(content.sha256) or not isinstance(content.bytes, int) or content.bytes < 0:
        raise ValueError(f"the content {about}")
    return content
