"""Whether an index holds a whole store and whole runs: what its manifests and seals name, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from targeting.domain import RefusedError
from targeting.mirror.home_index import live_files, manifest_of
from targeting.mirror.index import CURRENT, MANIFEST, PUBLISHED, Content, Index, run_of
from targeting.published import Run

__all__ = ["check_whole", "faults_of"]

Reading = Callable[[Content], bytes]
"""The content of a small file."""


def check_whole(index: Index, read: Reading, where: str) -> None:
    """Raise `RefusedError` at the first file that is named and lacking, other than sealed, or named by nobody."""
    fault = next(faults_of(index, read), None)
    if fault:
        raise RefusedError(
            expected="a whole store and whole runs",
            got=fault,
            where=where,
            do="push again from the home that writes; find out who changed the mirror",
        )


def faults_of(index: Index, read: Reading) -> Iterator[str]:
    """One sentence a fault."""
    yield from _store_faults(index.under("snapshots"), read)
    runs = {run for path in index.files if (run := run_of(path))}
    for run in sorted(runs):
        yield from _run_faults(index.under(f"{PUBLISHED}/{run}"), f"{PUBLISHED}/{run}/run.json", read)
    if CURRENT in index.files and (pointed := read(index.files[CURRENT]).decode().strip()) not in runs:
        yield f"{CURRENT} names run {pointed}, which is not there"


def _store_faults(store: Index, read: Reading) -> Iterator[str]:
    manifest = store.files.get(MANIFEST)
    yield from _unlike(live_files(manifest_of(read(manifest))) if manifest else {}, store, MANIFEST)


def _run_faults(held: Index, about: str, read: Reading) -> Iterator[str]:
    if about not in held.files:
        yield f"{about} is not there"
        return
    run = Run.from_json(read(held.files[about]).decode(), about)
    folder = about.rpartition("/")[0]
    yield from _unlike({f"{folder}/{name}": seal.sha256 for name, seal in run.files.items()}, held, about)


def _unlike(named: Mapping[str, str], held: Index, by: str) -> Iterator[str]:
    """Where the files that `by` names are not those that are held."""
    found = {path: one.sha256 for path, one in held.files.items() if path != by}
    for path in sorted(named.keys() | found.keys()):
        if named.get(path) != found.get(path):
            yield f"{path} is not what {by} says"
