"""One register entry on its way in: where it stood, what it says, the guard, the row."""

from __future__ import annotations

from typing import NamedTuple

from targeting.sources.enhetsregisteret_fields import Register, Stamp
from targeting.sources.identifiers import needs_a_look, refuse_identity_numbers
from targeting.sources.register_values import Unit

__all__ = ["Entry", "entry_row"]


class Entry(NamedTuple):
    """An entry as read: its line (CSV) or element (JSON), its content, and its text for the quick guard, or ''."""

    line: int
    unit: Unit
    text: str


def entry_row(entry: Entry, register: Register, stamp: Stamp) -> dict[str, object]:
    """The table row of `entry`. Raises `RowError`; identity numbers are looked for first, so no other reason shows."""
    if not entry.text or needs_a_look(entry.text):
        refuse_identity_numbers(entry.unit)
    return register.row(entry.unit, stamp)
