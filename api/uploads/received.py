"""A file that was sent, as a route takes it.

    Results = Annotated[Upload, Depends(uploaded())]

    @router.post("/plans/{plan}/outcomes", dependencies=[rule(...)])
    async def results(file: Results) -> ...

It may be the body itself or the field `file` of a form. The rule of the route is asked first.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import IO, Final, NamedTuple

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.errors import TooLargeError, UnsupportedTypeError
from api.uploads.kinds import FileKind, kind_of
from targeting.domain import BadInputError

__all__ = ["UPLOAD_BYTES", "Receiving", "Upload", "uploaded"]

UPLOAD_BYTES: Final = 20_000_000
"""A filled-in export of 300 rows is a hundredth of it."""

_MOST_ROWS: Final = 100_000
_FIELD: Final = "file"
_BLOCK: Final = 1 << 20


class Upload(NamedTuple):
    """A file on this machine until the answer is sent. `name` is the kind's own: the sender's may name a person."""

    path: Path
    name: str
    kind: FileKind
    size: int
    sha256: str


class Receiving(NamedTuple):
    """A dependency that receives one file. The limit on requests is raised for the routes that have it."""

    max_bytes: int
    kinds: frozenset[FileKind]
    max_rows: int
    form_bytes: int = 100_000

    async def __call__(self, request: Request) -> AsyncIterator[Upload]:
        """The file, on disk until the answer is sent."""
        with tempfile.NamedTemporaryFile(prefix="upload-") as file:
            declared = await _write(request, file, self.max_bytes)
            yield await run_in_threadpool(_examined, Path(file.name), declared, self.kinds, self.max_rows)


def uploaded(
    max_bytes: int = UPLOAD_BYTES, kinds: Collection[FileKind] = tuple(FileKind), max_rows: int = _MOST_ROWS
) -> Receiving:
    """The dependency that receives one file of `kinds`.

    Raises `TooLargeError` over `max_bytes` or `max_rows`, `UnsupportedTypeError` for another kind, `BadInputError`
    for none and for one that cannot be opened.
    """
    return Receiving(max_bytes, frozenset(kinds), max_rows)


async def _write(request: Request, file: IO[bytes], max_bytes: int) -> str:
    """Put what was sent into `file`; the media type it was declared to be."""
    declared = request.headers.get("Content-Type", "")
    if declared.startswith("multipart/form-data"):
        sent = (await request.form()).get(_FIELD)
        if not isinstance(sent, UploadFile):
            raise BadInputError(expected=f"a file in the field {_FIELD}", got="none", where="the form")
        while block := await sent.read(_BLOCK):
            _append(file, block, max_bytes)
        await sent.close()
        declared = sent.content_type or ""
    elif declared.startswith("application/x-www-form-urlencoded"):  # may be read already, for the token in it
        raise UnsupportedTypeError(expected="a file", got="a form without one", do="send the export")
    else:
        async for block in request.stream():
            _append(file, block, max_bytes)
    file.flush()
    return declared.partition(";")[0].strip().lower()


def _append(file: IO[bytes], block: bytes, max_bytes: int) -> None:
    if file.tell() + len(block) > max_bytes:
        raise TooLargeError(expected=f"at most {max_bytes // 1_000_000} MB", got="more", do="send the filled-in export")
    file.write(block)


def _examined(path: Path, declared: str, kinds: frozenset[FileKind], max_rows: int) -> Upload:
    kind = kind_of(path)
    if kind is None or kind not in kinds or declared not in kind.media_types:
        raise UnsupportedTypeError(
            expected=" or ".join(sorted(kinds)), got="a file or a declared type that is neither", do="send the export"
        )
    kind.check(path, max_rows)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return Upload(path, f"upload.{kind}", kind, path.stat().st_size, digest.hexdigest())
