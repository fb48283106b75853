"""Making a home like a mirror, or bringing the run in service alone. What points comes after what it points to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final, NamedTuple

from targeting.domain import BadInputError, NotFoundError
from targeting.mirror.alone import alone
from targeting.mirror.following import check_home_follows
from targeting.mirror.home_index import begins_with, index_of
from targeting.mirror.index import APPENDED, CURRENT, PARTS, PUBLISHED, Content, Index, folder_of, points, run_of
from targeting.mirror.placing import Place, place_in
from targeting.mirror.remote import GoneError, Remote
from targeting.mirror.seen import Seen, seen_at
from targeting.mirror.verifying import head_of
from targeting.mirror.wholeness import check_whole
from targeting.published import recover_runs
from targeting.snapshots import Store
from targeting.snapshots.lock import exclusive

__all__ = ["Pulled", "pull"]

_LOOKS: Final = 5


class Pulled(NamedTuple):
    """What a pull did: the files of the mirror it is about, those that came, those that went, and what serves now."""

    files: int
    fetched: int
    fetched_bytes: int
    removed: int
    run: str | None


def pull(home: Path, remote: Remote, *, published_only: bool = False) -> Pulled:
    """Make `home` like `remote`; with `published_only` only the run in service and the runs that are here already.

    Every file is held against its hash before it has its name. Killed anywhere, the home serves what it served or what
    it was to serve, and the next pull finishes it. Raises `RefusedError` when the home has what was never pushed.
    """
    with alone(home), _no_load(home, published_only):
        return _newest(home, remote, published_only)


def _no_load(home: Path, published_only: bool) -> AbstractContextManager[None]:
    """While files of the store come, no load may sweep away those that its manifest does not name yet."""
    return nullcontext() if published_only else exclusive(Store(home).folder)


def _newest(home: Path, remote: Remote, published_only: bool) -> Pulled:
    """Pull from the newest head, again from a newer one when a push has removed what this one named."""
    for look in range(1, _LOOKS + 1):
        try:
            return _pulled(home, remote, published_only)
        except GoneError as gone:
            if look == _LOOKS:
                raise BadInputError(
                    expected="every object that the head names",
                    got=f"none called {str(gone)[:12]}",
                    where=remote.name,
                    do="push again from the home that writes, which puts it back",
                ) from gone
    raise AssertionError("unreachable: the last look returns or raises")


def _pulled(home: Path, remote: Remote, published_only: bool) -> Pulled:
    whole = remote.index(head_of(remote))
    recover_runs(home)
    ours = index_of(home, (PUBLISHED,) if published_only else PARTS, whole=False)
    theirs = _in_service(whole, ours, remote) if published_only else whole
    check_whole(theirs, remote.text, remote.name)
    missing = {path: content for path, content in theirs.files.items() if ours.files.get(path) != content}
    gone = sorted(ours.files.keys() - theirs.files.keys())
    with place_in(home, remote) as place:
        _check_follows(place, ours, theirs, seen := seen_at(home, remote.name))
        place.check_room(size := sum(content.bytes for content in missing.values()))
        seen.intend(theirs)
        _place(place, theirs, missing)
        _remove(place, theirs, gone)
        seen.settle(_with_the_rest(seen.known, theirs) if published_only else theirs)
    return Pulled(len(theirs.files), len(missing), size, len(gone), _serving(home))


def _in_service(whole: Index, ours: Index, remote: Remote) -> Index:
    """The run in service and the runs that are here: a purge has to reach those too."""
    if CURRENT not in whole.files:
        raise NotFoundError(expected="a published run", got="a mirror without one", where=remote.name, do="push one")
    wanted = {remote.text(whole.files[CURRENT]).decode().strip(), *map(run_of, ours.files)} - {None}
    return Index({path: one for path, one in whole.files.items() if path == CURRENT or run_of(path) in wanted})


def _with_the_rest(known: Index, published: Index) -> Index:
    rest = {path: one for path, one in known.files.items() if not path.startswith(f"{PUBLISHED}/")}
    return Index({**rest, **published.files})


def _check_follows(place: Place, ours: Index, theirs: Index, seen: Seen) -> None:
    """The home's own loads and pins must be the first of the mirror's, whose files are fetched for it."""
    for path in APPENDED:
        if path in ours.files and path in theirs.files:
            place.fetch(theirs.files[path], path)
    check_home_follows(ours, theirs, seen, lambda path, one: begins_with(place.staging / path, one), place.home.name)


def _place(place: Place, theirs: Index, missing: Mapping[str, Content]) -> None:
    """Files, then the manifests that name them; folders, then the pointers to them."""
    last = [path for path in missing if path in APPENDED or points(path)]
    place.put({path: missing[path] for path in missing if path not in last and not folder_of(path)})
    for folder in _folders(missing):
        _place_folder(place, folder, theirs.under(folder).files, missing)
    for path in sorted(last, key=lambda path: path == CURRENT):
        place.put({path: missing[path]})


def _place_folder(place: Place, folder: str, files: Mapping[str, Content], missing: Mapping[str, Content]) -> None:
    if not (place.home / folder).exists():
        place.put_folder(folder, files)
    elif f"{folder}/run.json" in missing:
        place.replace_run(folder, files)
    else:  # a file was lost: its seal is here, and what it seals may come by itself
        place.put({path: one for path, one in missing.items() if path in files})


def _remove(place: Place, theirs: Index, gone: Collection[str]) -> None:
    for folder in _folders(gone):
        if not theirs.under(folder).files and (place.home / folder).exists():
            place.remove_folder(folder)
    for path in gone:
        place.remove(path)


def _folders(paths: Iterable[str]) -> list[str]:
    """The folders read as a whole that `paths` are in."""
    return sorted({folder for path in paths if (folder := folder_of(path))})


def _serving(home: Path) -> str | None:
    return (home / CURRENT).read_text("utf-8").strip() if (home / CURRENT).is_file() else None
