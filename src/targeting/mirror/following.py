"""Whether one side may be made like the other: nothing that only one of them has may be lost by it.

One home writes, and the mirror follows it. A manifest tells by itself: it is only ever appended to, so whoever has the
longer one has seen the shorter. For all else it is what the two had when they last met.
"""

from __future__ import annotations

from collections.abc import Callable

from targeting.domain import RefusedError
from targeting.mirror.index import APPENDED, MANIFEST, Content, Index, points
from targeting.mirror.seen import Seen

__all__ = ["check_home_follows", "check_mirror_follows"]

Begins = Callable[[str, Content], bool]
"""Whether the file at a path, on the side that leads, begins with this content."""


def check_mirror_follows(
    theirs: Index, ours: Index, seen: Seen, begins: Begins, where: str, *, take_over: bool
) -> None:
    """Raise `RefusedError` where a push would lose what another home pushed. `take_over`: only the store counts."""
    manifest = theirs.files.get(MANIFEST)
    if manifest is not None and not (MANIFEST in ours.files and begins(MANIFEST, manifest)):
        raise RefusedError(
            expected="a mirror whose loads are the first of this home's",
            got="loads that this home does not have: there are two writers, or the home was restored from a backup",
            where=where,
            do="pull into an empty home to see what is there, and let one home write; nothing was pushed",
        )
    strange = None if take_over else _first_strange(theirs, ours, seen, begins)
    if strange:
        raise RefusedError(
            expected="nothing in the mirror but what this home has or had",
            got=f"{strange}, which it never had",
            where=where,
            do="pull first, or push with --take-over: what this home lacks then goes from the mirror",
        )


def check_home_follows(ours: Index, theirs: Index, seen: Seen, begins: Begins, where: str) -> None:
    """Raise `RefusedError` where a pull would lose what this home never pushed."""
    manifest = ours.files.get(MANIFEST)
    ahead = manifest is not None and not (MANIFEST in theirs.files and begins(MANIFEST, manifest))
    strange = MANIFEST if ahead else _first_strange(ours, theirs, seen, begins)
    if strange:
        raise RefusedError(
            expected="a home that has nothing which was never pushed",
            got=f"{strange}, which the mirror never had",
            where=where,
            do="push from this home if it is the one that writes, else pull into an empty home; nothing was changed",
        )


def _first_strange(following: Index, leading: Index, seen: Seen, begins: Begins) -> str | None:
    """The first file that the side that follows would lose, of which the other side never knew."""
    return next(
        (
            path
            for path, content in sorted(following.files.items())
            if not _told(path)
            and leading.files.get(path) != content
            and not seen.had(path, content)
            and not (path in APPENDED and path in leading.files and begins(path, content))
        ),
        None,
    )


def _told(path: str) -> bool:
    """Pointers say only what serves; files of the store count as far as the manifest names them."""
    return points(path) or (path.startswith("snapshots/") and path not in APPENDED)
