"""Bulk files fetched whole or not at all: asked for only when changed, checked, then put in place in one step."""

from __future__ import annotations

import gzip
import json
import os
import time
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import httpx2

from targeting.domain import BadInputError
from targeting.sources.http_retry import ATTEMPTS, BrokenAnswerError, Sleep, patiently, refuse_failure

__all__ = ["Downloaded", "download"]

_UNCHANGED: Final = 304
_CHUNK: Final = 1 << 20


class Downloaded(NamedTuple):
    """The file in place, whether it is a new one, and its size in bytes."""

    path: Path
    changed: bool
    size: int


@dataclass(frozen=True, slots=True)
class _Copy:
    """What the server said of the copy on disk; kept beside it so that the next request can be conditional."""

    url: str
    etag: str | None
    last_modified: str | None
    size: int


def download(
    client: httpx2.Client, url: str, into: Path, *, sleep: Sleep = time.sleep, attempts: int = ATTEMPTS
) -> Downloaded:
    """Fetch `url` to `into`, unless the server says that the copy there is the newest.

    The body goes to a temporary file that takes the place of `into` only when its length is the promised one and,
    where `into` ends in .gz, the gzip unpacks to its end. Nothing is resumed: the register rewrites its files nightly,
    and two halves of different nights would fit together unnoticed. Server errors, cut connections and cut bodies are
    tried again; 404 and 410 raise `NotFoundError`, all else `BadInputError`. The old file stays on every failure.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    known = _known_copy(into, url)
    part = into.with_name(into.name + ".part")
    try:
        copy = patiently(lambda: _fetch(client, url, part, known), url, sleep=sleep, attempts=attempts)
        if copy is None:
            return Downloaded(into, changed=False, size=into.stat().st_size)
        part.replace(into)
        _replace_text(_sidecar(into), json.dumps(asdict(copy), sort_keys=True))
        return Downloaded(into, changed=True, size=copy.size)
    finally:
        part.unlink(missing_ok=True)


def _fetch(client: httpx2.Client, url: str, part: Path, known: _Copy | None) -> _Copy | None:
    # Identity: a transfer encoding on top of the file's own gzip would make Content-Length another file's length.
    headers = {"Accept-Encoding": "identity"} | _conditions(known)
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == _UNCHANGED and known is not None:
            return None
        refuse_failure(response, url)
        with part.open("wb") as out:
            size = _write(response, out)
    _check_length(response, size)
    if part.name.endswith(".gz.part"):
        _check_gzip(part)
    return _Copy(url, response.headers.get("ETag"), response.headers.get("Last-Modified"), size)


def _write(response: httpx2.Response, out: BinaryIO) -> int:
    size = 0
    for chunk in response.iter_raw(_CHUNK):
        size += out.write(chunk)
    out.flush()
    os.fsync(out.fileno())
    return size


def _conditions(known: _Copy | None) -> dict[str, str]:
    if known is None:
        return {}
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _check_length(response: httpx2.Response, size: int) -> None:
    promised = response.headers.get("Content-Length")
    if promised is not None and int(promised) != size:
        raise BrokenAnswerError(f"{size} of {promised} bytes")


def _check_gzip(part: Path) -> None:
    try:
        with gzip.open(part, "rb") as stream:
            while stream.read(_CHUNK):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as cause:
        raise BrokenAnswerError(f"a gzip file that does not unpack ({cause})") from cause


def _sidecar(into: Path) -> Path:
    return into.with_name(into.name + ".http.json")


def _known_copy(into: Path, url: str) -> _Copy | None:
    """What is known of the copy at `into`; null when it is missing, of another address, or not the one described."""
    try:
        copy = _Copy(**json.loads(_sidecar(into).read_text(encoding="utf-8")))
        whole = into.stat().st_size == copy.size
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as cause:
        raise BadInputError(
            expected="the note that the last download left", got="something else", where=_sidecar(into).name,
            do="delete it; the file is then fetched anew",
        ) from cause  # fmt: skip
    return copy if whole and copy.url == url else None


def _replace_text(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
