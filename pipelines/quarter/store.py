"""Whether the store is whole: every file its manifest names is there, with the bytes that were written."""

from __future__ import annotations

from targeting.domain import BadInputError
from targeting.published.seals import sha256_of
from targeting.snapshots import Store
from targeting.tables import ALL_TABLES

__all__ = ["check_store"]


def check_store(store: Store) -> int:
    """The number of rows in the store. Raises `BadInputError` naming the file that is absent or was changed."""
    manifest, rows = store.manifest(), 0
    for table in ALL_TABLES:
        for record, path in zip(manifest.files(table.about.name), store.paths(table), strict=True):
            got = sha256_of(path) if path.is_file() else "no file"
            if got != record.sha256:
                raise BadInputError(
                    expected=f"the bytes that were loaded (sha256 {record.sha256[:12]})",
                    got=got[:12],
                    where=f"snapshots/{table.about.name}/{path.name}",
                    do="restore the store from a backup; nothing was scored and the run before it goes on serving",
                )
            rows += record.rows
    return rows
