"""What can be wrong with a ledger, as values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Fault", "FaultKind"]


class FaultKind(StrEnum):
    """What is wrong with a row, or (unguarded) with a table."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    INSERTED = "inserted"
    UNGUARDED = "unguarded"


class Fault(NamedTuple):
    """One fault: the table, the key of the row, and what is wrong with it."""

    kind: FaultKind
    table: str
    key: str
    detail: str

    def __str__(self) -> str:
        return f"{self.table} {self.key} is {self.kind}: {self.detail}"
