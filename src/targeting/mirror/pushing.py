"""Making a mirror like the home: content first, then the index, then the head, and only then what is gone goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import NotFoundError, RefusedError
from targeting.mirror.alone import alone
from targeting.mirror.following import check_mirror_follows
from targeting.mirror.home_index import begins_with, index_of
from targeting.mirror.in_parallel import each
from targeting.mirror.index import Content, Index
from targeting.mirror.remote import BLOCK, Head, Remote
from targeting.mirror.s3_remains import sweep_remains
from targeting.mirror.seen import seen_at

__all__ = ["Pushed", "push"]

_LOOKS: Final = 3
_MOMENT: Final = 1.0
"""Seconds to wait for whoever is changing the home."""


class Pushed(NamedTuple):
    """What a push did. `sent` counts objects, `removed` those that went, `unreached` says what a deletion left."""

    files: int
    sent: int
    sent_bytes: int
    removed: int
    unreached: tuple[str, ...]


class _ChangedError(Exception):
    """A file is not what the index says: it has changed since, or it is broken."""


def push(home: Path, remote: Remote, *, take_over: bool = False) -> Pushed:
    """Make `remote` like `home`; a second time sends nothing. Killed anywhere, the next push finishes it.

    Raises `RefusedError` when the mirror has what this home never had (see `check_mirror_follows`), when a file is not
    what its seal says, or when this home is being pushed or pulled already.
    """
    _check_home(home)
    with alone(home):
        return _settled(home, remote, lambda ours: _pushed(home, remote, ours, take_over))


def _check_home(home: Path) -> None:
    """Raise `NotFoundError` where `home` is no folder: a mistyped TARGETING_HOME must not empty a mirror."""
    if not home.is_dir():
        raise NotFoundError(expected="a home", got="no such folder", where=home.name, do="set TARGETING_HOME")


def _settled(home: Path, remote: Remote, act: Callable[[Index], Pushed]) -> Pushed:
    """`act` on the index of the home, again when somebody changed the home meanwhile."""
    for look in range(1, _LOOKS + 1):
        try:
            return act(index_of(home))
        except (_ChangedError, FileNotFoundError) as cause:
            if look == _LOOKS:
                raise RefusedError(
                    expected="every file that the home names, with the content that was sealed",
                    got=f"another or none: {cause}",
                    where=home.name,
                    do="if a purge or retention was interrupted, run it again; else restore the file from a backup",
                ) from cause
        remote.sleep(_MOMENT)
    raise AssertionError("unreachable: the last look returns or raises")


def _pushed(home: Path, remote: Remote, ours: Index, take_over: bool) -> Pushed:
    if not ours.files:
        raise NotFoundError(
            expected="something to mirror", got="an empty home", where=home.name, do="set TARGETING_HOME"
        )
    head = remote.head()
    theirs, seen = remote.index(head), seen_at(home, remote.name)
    check_mirror_follows(
        theirs, ours, seen, lambda path, one: begins_with(home / path, one), remote.name, take_over=take_over
    )
    seen.intend(ours)
    there = remote.objects()
    missing = _missing(ours, there)
    each(lambda one: _send(home, remote, *one), missing.items())
    head = _offered(remote, head, ours, there)
    seen.settle(ours)
    removed = _swept(remote, head, ours, there)
    sent = sum(content.bytes for content in missing)
    return Pushed(len(ours.files), len(missing), sent, removed, sweep_remains(remote))


def _missing(ours: Index, there: dict[str, int]) -> dict[Content, str]:
    """What has to be sent, with a path that holds it. An object of another size was cut off: it is sent again."""
    return {one: path for path, one in ours.files.items() if there.get(one.sha256) != one.bytes}


def _send(home: Path, remote: Remote, content: Content, path: str) -> None:
    """Send what was checked through the same open file: by its name another could have come."""
    with (home / path).open("rb") as file:
        digest = hashlib.sha256()
        for start in range(0, content.bytes, BLOCK):
            digest.update(file.read(min(BLOCK, content.bytes - start)))
        if digest.hexdigest() != content.sha256:
            raise _ChangedError(path)
        remote.send(content, file)


def _offered(remote: Remote, head: Head | None, ours: Index, there: dict[str, int]) -> Head:
    """The head that names `ours`, made if need be."""
    if head is not None and head.content == ours.content:
        return head
    if there.get(ours.content.sha256) != ours.content.bytes:
        remote.send_text(ours.content, ours.text)
    made = Head(remote.next_number(), ours.content)
    remote.offer(made)
    return made


def _swept(remote: Remote, head: Head, ours: Index, there: dict[str, int]) -> int:
    """Remove what the head does not name: nobody who reads from now on looks for it."""
    named = {one.sha256 for one in ours.files.values()} | {ours.content.sha256}
    gone = there.keys() - named
    each(remote.remove_object, sorted(gone))
    remote.remove_heads_before(head.number)
    return len(gone)
