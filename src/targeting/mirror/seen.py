"""What a home last saw at a mirror: what makes it safe to take away what is gone, and to notice another writer.

mirror/<mirror>/known.json      the index that both sides had when the last push or pull was over
mirror/<mirror>/intended.json   the index that the last push or pull was about to bring about
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from targeting.mirror.index import Content, Index
from targeting.published.flushing import keep_file

__all__ = ["FOLDER", "Seen", "seen_at"]

FOLDER: Final = "mirror"
_KNOWN: Final = "known.json"
_INTENDED: Final = "intended.json"


@dataclass(frozen=True)
class Seen:
    """The memory of one home about one mirror."""

    folder: Path
    known: Index
    intended: Index

    def had(self, path: str, content: Content) -> bool:
        """Whether `path` was `content` when the two sides last met, or while one was made like the other."""
        return content in (self.known.files.get(path), self.intended.files.get(path))

    def intend(self, index: Index) -> None:
        """Remember what is about to be brought about, before anything is."""
        keep_file(self.folder / _INTENDED, index.text)

    def settle(self, index: Index) -> None:
        """Remember that both sides have `index` now."""
        keep_file(self.folder / _KNOWN, index.text)
        (self.folder / _INTENDED).unlink(missing_ok=True)


def seen_at(home: Path, mirror: str) -> Seen:
    """What `home` remembers of the mirror of that name; nothing at first."""
    folder = home / FOLDER / hashlib.sha256(mirror.encode()).hexdigest()[:16]
    return Seen(folder, _read(folder / _KNOWN), _read(folder / _INTENDED))


def _read(path: Path) -> Index:
    return Index.from_text(path.read_bytes(), path.name) if path.is_file() else Index()
