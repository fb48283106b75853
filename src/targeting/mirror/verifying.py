"""Reading a whole mirror to see that it is what it says, without a home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from targeting.domain import NotFoundError, RefusedError
from targeting.mirror.in_parallel import each
from targeting.mirror.index import Content
from targeting.mirror.remote import GoneError, Head, Remote
from targeting.mirror.wholeness import faults_of

__all__ = ["Verified", "head_of", "verify"]


class Verified(NamedTuple):
    """What was read. `unnamed` objects are left by a push that was killed; the next one removes them."""

    files: int
    bytes: int
    unnamed: int
    faults: tuple[str, ...]


def verify(remote: Remote) -> Verified:
    """Read every object and hold it against its name, the manifest and the seals; `NotFoundError` without a head."""
    while True:
        head = head_of(remote)
        found = _verified(remote, head)
        if not found.faults or remote.head() == head:
            return found


def head_of(remote: Remote) -> Head:
    """The head that counts now; `NotFoundError` when nothing was ever pushed."""
    head = remote.head()
    if head is None:
        raise NotFoundError(
            expected="a mirror", got="nothing that was ever pushed", where=remote.name, do="push, or mend the URL"
        )
    return head


def _verified(remote: Remote, head: Head) -> Verified:
    try:
        index = remote.index(head)
    except GoneError:
        return Verified(0, 0, 0, ("the index is not there",))
    paths: dict[Content, list[str]] = {}
    for path, content in sorted(index.files.items()):
        paths.setdefault(content, []).append(path)
    broken: list[str] = []
    each(lambda one: broken.extend(_faults(remote, one, paths[one])), paths)
    faults = sorted(broken) or faults_of(index, remote.text)
    unnamed = remote.objects().keys() - {one.sha256 for one in paths} - {head.content.sha256}
    return Verified(len(index.files), sum(one.bytes for one in paths), len(unnamed), tuple(faults))


def _faults(remote: Remote, content: Content, paths: list[str]) -> Iterator[str]:
    try:
        for _ in remote.blocks(content):
            pass
    except GoneError:
        yield f"{', '.join(paths)}: not there"
    except RefusedError as broken:
        yield f"{', '.join(paths)}: {broken.got} in {broken.where}"
