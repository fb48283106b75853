"""Bounded chunks of decoded text from a file that may be gzipped; a broken file is one clear error."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from targeting.domain import BadInputError

__all__ = ["text_chunks", "text_lines"]

_CHUNK: Final = 1 << 18
_GZIP_MAGIC: Final = b"\x1f\x8b"
_DOWNLOAD_AGAIN: Final = "fetch the file again; nothing of it was stored"


def text_chunks(path: Path) -> Iterator[str]:
    """The decoded text of `path`, gzipped or not (told by its first bytes), a quarter of a megabyte at a time.

    Raises `BadInputError` for a missing or empty file, a truncated or damaged gzip (with the position reached) and
    for anything but UTF-8 (with the byte offset, counted after unpacking). A leading byte-order mark is dropped.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    offset = 0
    for chunk in _byte_chunks(path):
        text = _decoded(decoder, chunk, offset, path, final=False)
        yield text.removeprefix("\ufeff") if offset == 0 else text
        offset += len(chunk)
    if offset == 0:
        raise BadInputError(expected="a file with content", got="an empty file", where=path.name, do=_DOWNLOAD_AGAIN)
    _decoded(decoder, b"", offset, path, final=True)


def text_lines(path: Path) -> Iterator[str]:
    """The lines of `path` with their ends kept, so that a cut last line can be told from a whole one."""
    pending = ""
    for chunk in text_chunks(path):
        lines = (pending + chunk).split("\n")
        pending = lines.pop()
        for line in lines:
            yield line + "\n"
    if pending:
        yield pending


def _byte_chunks(path: Path) -> Iterator[bytes]:
    position = 0
    try:
        with _opened(path) as stream:
            while chunk := stream.read(_CHUNK):
                position += len(chunk)
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as cause:
        truncated = isinstance(cause, EOFError)
        raise BadInputError(
            expected="a whole gzip file",
            got="a truncated one" if truncated else "a damaged one",
            where=f"{path.name}, after {position} unpacked bytes",
            do=_DOWNLOAD_AGAIN,
        ) from cause


def _opened(path: Path) -> BinaryIO:
    if not path.is_file():
        raise BadInputError(expected="a file", got="nothing there", where=path.name, do="check the path")
    with path.open("rb") as stream:
        zipped = stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    # Buffered, because GzipFile itself returns short reads.
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, offset: int, path: Path, *, final: bool) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as cause:
        # The decoder prepends the bytes it held back, so they are counted off again.
        at = offset - (len(cause.object) - len(chunk)) + cause.start
        raise BadInputError(
            expected="UTF-8 text",
            got=f"byte 0x{cause.object[cause.start]:02x}, which is not UTF-8",
            where=f"{path.name}, byte {at} of the unpacked text",
            do="fetch the file again, or convert it to UTF-8",
        ) from cause
