"""Whether the append-only triggers are still where the migrations put them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from targeting.ledger.tables import GUARDED

__all__ = ["missing_guards"]

_NAMES: Final = {
    "sqlite": ("{}_no_update", "{}_no_delete", "{}_no_replace"),
    "postgresql": ("{}_append_only_row", "{}_append_only_statement"),
}
_FOUND: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal",
}


def missing_guards(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Table and trigger wherever one was dropped or switched off: while it is, rows could be changed unseen."""
    dialect = connection.dialect.name
    found = set(connection.exec_driver_sql(_FOUND[dialect]).scalars())
    for table in GUARDED:
        for name in _NAMES[dialect]:
            if (trigger := name.format(table)) not in found:
                yield table, trigger
