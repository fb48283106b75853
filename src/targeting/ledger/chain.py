"""How rows are hashed and chained: canonical JSON, sha256, each event over the one before it.

A row's hash covers its table and every column but the hash itself. An event's hash covers its own columns, among them
`previous_hash` and `attached`, which lists the hash of every row written with it. So a changed, missing or moved row
shows in its own hash or in the list of its event, and a changed event in every event after it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

__all__ = ["GENESIS", "canonical", "event_hash", "event_holds", "key_of", "row_hash", "row_holds"]

GENESIS: Final = "0" * 64
"""What the first event has instead of a previous hash."""

_ADDED: Final = frozenset({"establishment", "target"})
"""Columns that came later: a null there is left out, so that events written before them keep their hash."""


def canonical(value: object) -> str:
    """The one JSON text of `value`: sorted keys, no spaces, dates as ISO 8601.

    >>> canonical({"b": date(2027, 1, 1), "a": (1, None)})
    '{"a":[1,null],"b":"2027-01-01"}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def row_hash(table: str, row: Mapping[str, Any]) -> str:
    """The sha256 of a row of `table`."""
    return _sha256([table, {name: value for name, value in row.items() if name != "hash"}])


def event_hash(event: Mapping[str, Any]) -> str:
    """The sha256 of an event: the next link of the chain."""
    return _sha256(
        {name: value for name, value in event.items() if name != "hash" and not (value is None and name in _ADDED)}
    )


def row_holds(table: str, row: Mapping[str, Any]) -> bool:
    """Whether a row gives the hash it carries; what cannot be hashed at all was not written by us."""
    try:
        return row_hash(table, row) == str(row["hash"])
    except (TypeError, ValueError):
        return False


def event_holds(event: Mapping[str, Any]) -> bool:
    """Whether an event gives the hash it carries."""
    try:
        return event_hash(event) == str(event["hash"])
    except (TypeError, ValueError):
        return False


def key_of(columns: Sequence[str], row: Mapping[str, Any]) -> list[Any]:
    """The values of a row's key, as `attached` lists them."""
    return [row[name] for name in columns]


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()
