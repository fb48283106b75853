"""A mirror at a URL: objects named by their content, and heads that say which index counts.

    heads/000000000012      which index counts, by its sha256; the highest number that can be read wins
    objects/<sha256>        a file of the home, or an index

Nothing is ever written over. An object is there before an index names it, an index before a head does, and an object
goes only after the head that named it. So a reader who takes one head reads one whole state, whatever happens
meanwhile; what he misses he finds under a newer head. That needs neither a rename nor an append, which object storage
has not.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Final, NamedTuple, TypeVar

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.mirror.index import Content, Index
from targeting.mirror.patience import Sleep, patiently

__all__ = ["BLOCK", "GoneError", "Head", "Remote", "open_remote"]

T = TypeVar("T")

BLOCK: Final = 8 * 2**20
"""Bytes sent or fetched at once: large enough for one part of an upload, small enough for memory."""

_LOOKS: Final = 5
"""How often to look for a head while they are replaced faster than they are read."""

_HEADS: Final = "heads"
_OBJECTS: Final = "objects"
_NUMBER: Final = re.compile(r"[0-9]{12}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class GoneError(Exception):
    """An object is not there (any more): look whether there is a newer head."""


class Head(NamedTuple):
    """Which index counts, since which number."""

    number: int
    content: Content

    def to_bytes(self) -> bytes:
        """The content of the head's file."""
        return json.dumps(self.content._asdict(), sort_keys=True).encode() + b"\n"


@dataclass(frozen=True)
class Remote:
    """The mirror `name` in a file system. `moved` hears of every block that went over the line, in bytes."""

    fs: AbstractFileSystem
    base: str
    name: str
    sleep: Sleep
    moved: Callable[[int], object]

    def head(self) -> Head | None:
        """The head that counts now; null where nothing was ever pushed. One that a crash tore is none."""
        for _ in range(_LOOKS):
            numbers = sorted(self._numbers(), reverse=True)
            found = next((head for number in numbers if (head := self._read_head(number))), None)
            if found or not numbers:
                return found
        return None

    def index(self, head: Head | None) -> Index:
        """The index that `head` names; an empty one without a head."""
        return Index() if head is None else Index.from_text(self.text(head.content), self.name)

    def objects(self) -> dict[str, int]:
        """The size of every object that is there."""
        try:
            found: dict[str, Any] = self._ask(lambda: self.fs.find(f"{self.base}/{_OBJECTS}", detail=True))
        except FileNotFoundError:
            return {}
        sizes = {path.rpartition("/")[2]: about["size"] for path, about in found.items()}
        return {name: int(size or 0) for name, size in sizes.items() if _SHA256.fullmatch(name)}

    def text(self, content: Content) -> bytes:
        """A small object as a whole."""
        return b"".join(self.blocks(content))

    def blocks(self, content: Content) -> Iterator[bytes]:
        """An object block by block. `GoneError` where it is not there, `RefusedError` at the end where it is another
        content than it should be: what came before must not be used then.
        """
        digest = hashlib.sha256()
        for start in range(0, content.bytes, BLOCK):
            block = self._block(content.sha256, start, min(start + BLOCK, content.bytes))
            digest.update(block)
            self.moved(len(block))
            yield block
        if digest.hexdigest() != content.sha256:
            raise self._broken(content, f"other bytes (sha256 {digest.hexdigest()[:12]})")

    def send(self, content: Content, file: BinaryIO) -> None:
        """Make the object `content` of the beginning of `file`, which holds just that."""
        path = self._object(content.sha256)

        def once() -> None:
            file.seek(0)
            if content.bytes <= BLOCK:
                self.fs.pipe_file(path, file.read(content.bytes))
            else:
                self._stream(path, content.bytes, file)

        self._write(once)
        self.moved(content.bytes)

    def send_text(self, content: Content, text: bytes) -> None:
        """Make the object `content` of `text`."""
        self.send(content, BytesIO(text))

    def offer(self, head: Head) -> None:
        """Put `head` in place; `RefusedError` where another has its number already: then there are two writers."""
        path, text = self._head(head.number), head.to_bytes()

        def once() -> None:
            try:
                self.fs.pipe_file(path, text, mode="create")
            except Exception:
                # It may have been made by a first try whose answer was lost; storage says "exists" in many ways.
                if not self.fs.exists(path):
                    raise
                if self.fs.cat_file(path) != text:
                    raise _two_writers(self.name) from None

        self._write(once)

    def next_number(self) -> int:
        """The number no head has yet."""
        return max(self._numbers(), default=0) + 1

    def remove_object(self, sha256: str) -> None:
        """Delete one object; it may be gone already."""
        self._remove(self._object(sha256))

    def remove_heads_before(self, number: int) -> None:
        """Delete the heads that no longer count."""
        for older in self._numbers():
            if older < number:
                self._remove(self._head(older))

    def _remove(self, path: str) -> None:
        # One by one: deleting in bulk says nothing of what could not be deleted (s3fs 2026.9).
        try:
            self._ask(lambda: self.fs.rm_file(path))
        except FileNotFoundError:
            return

    def _numbers(self) -> list[int]:
        try:
            found: list[str] = self._ask(lambda: self.fs.ls(f"{self.base}/{_HEADS}", detail=False))
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in found)
        return [int(name) for name in names if _NUMBER.fullmatch(name)]

    def _read_head(self, number: int) -> Head | None:
        """Null for one that a newer has just replaced, and for one that was never finished."""
        try:
            text: bytes = self._ask(lambda: self.fs.cat_file(self._head(number)))
            return Head(number, Content(**json.loads(text)))
        except (FileNotFoundError, TypeError, ValueError):
            return None

    def _block(self, sha256: str, start: int, end: int) -> bytes:
        try:
            block: bytes = self._ask(lambda: self.fs.cat_file(self._object(sha256), start=start, end=end))
        except FileNotFoundError as cause:
            raise GoneError(sha256) from cause
        if len(block) != end - start:
            raise self._broken(Content(sha256, end), f"a truncated one, {start + len(block)} bytes")
        return block

    def _stream(self, path: str, size: int, file: BinaryIO) -> None:
        with self.fs.open(path, "wb", block_size=BLOCK) as out:
            for start in range(0, size, BLOCK):
                out.write(file.read(min(BLOCK, size - start)))

    def _write(self, act: Callable[[], T]) -> T:
        try:
            return self._ask(act)
        except FileNotFoundError as cause:
            raise NotFoundError(
                expected="a bucket or folder to write to", got="none", where=self.name, do="make it, or mend the URL"
            ) from cause

    def _ask(self, act: Callable[[], T]) -> T:
        return patiently(act, self.name, self.sleep)

    def _head(self, number: int) -> str:
        return f"{self.base}/{_HEADS}/{number:012d}"

    def _object(self, sha256: str) -> str:
        return f"{self.base}/{_OBJECTS}/{sha256}"

    def _broken(self, content: Content, got: str) -> RefusedError:
        return RefusedError(
            expected=f"an object of {content.bytes} bytes that hash to its name",
            got=got,
            where=f"{self.name}/{_OBJECTS}/{content.sha256}",
            do="remove that object and push again from the home that writes; find out who changed it",
        )


def open_remote(url: str, *, sleep: Sleep = time.sleep, moved: Callable[[int], object] = lambda _: None) -> Remote:
    """The mirror at any fsspec URL; the environment says with which rights. Nothing is read or written yet.

    `NotFoundError` where a folder of this machine is not there: making one would hide that a disk is not mounted.
    """
    try:
        # Cached listings would show a mirror as it was.
        fs, base = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
    except (ImportError, ValueError) as cause:
        raise BadInputError(
            expected="a URL like s3://bucket/folder or file:///folder, and the package for it",
            got=str(cause),
            where="the mirror's URL",
            do="for s3:// install this package with the extra `s3`",
        ) from cause
    name = fs.unstrip_protocol(base).rstrip("/")
    if isinstance(fs, LocalFileSystem):
        if not fs.isdir(base):
            raise NotFoundError(expected="a folder that is there", got="none", where=name, do="make or mount it")
        fs.auto_mkdir = True
    return Remote(fs, base.rstrip("/"), name, sleep, moved)


def _two_writers(where: str) -> RefusedError:
    return RefusedError(
        expected="one home that pushes here",
        got="another that pushed at the same moment",
        where=where,
        do="find out which home is the one that writes; each mirror has one",
    )
