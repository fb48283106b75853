"""Whether the ledger is what was written: every row hashed again, every link of the chain followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from targeting.ledger.chain import GENESIS, canonical, event_hash, key_of, row_hash
from targeting.ledger.opening import Ledger
from targeting.ledger.tables import ATTACHED, events

__all__ = ["Fault", "FaultKind", "verify"]


class FaultKind(StrEnum):
    """What is wrong with a row."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    UNEXPLAINED = "unexplained"


class Fault(NamedTuple):
    """One fault: the table, the key of the row, and what is wrong with it."""

    kind: FaultKind
    table: str
    key: str
    detail: str

    def __str__(self) -> str:
        return f"{self.table} {self.key} is {self.kind}: {self.detail}"


Row = dict[str, Any]
Attached = dict[tuple[str, str], Row]


def verify(ledger: Ledger, noted: str | None = None) -> tuple[Fault, ...]:
    """Every fault found; empty when the ledger is whole.

    `noted` is a head hash noted outside (an export carries one): without it the loss of the newest events with all
    their rows cannot be seen, because a shorter chain is a valid chain.
    """
    with ledger.read() as connection:
        acts = [dict(row) for row in connection.execute(sa.select(events).order_by(events.c.number)).mappings()]
        rows = _attached_rows(connection)
    faults = [*_chain_faults(acts), *_row_faults(acts, rows)]
    if noted and noted not in {act["hash"] for act in acts}:
        faults.append(Fault(FaultKind.MISSING, "plan_events", noted[:12], "the event with this hash was noted outside"))
    return tuple(faults)


def _attached_rows(connection: sa.Connection) -> Attached:
    return {
        (name, canonical(key_of(key, dict(row)))): dict(row)
        for name, (table, key) in ATTACHED.items()
        for row in connection.execute(sa.select(table)).mappings()
    }


def _chain_faults(acts: list[Row]) -> Iterator[Fault]:
    """Changed events, gaps in the numbering, links that do not meet, and sequences that do not count up."""
    previous, expected = GENESIS, 1
    counted: dict[str, int] = {}
    for act in acts:
        key = str(act["number"])
        for lost in range(expected, act["number"]):
            yield Fault(FaultKind.MISSING, "plan_events", str(lost), "the numbering has a gap here")
        if event_hash(act) != act["hash"]:
            yield _moved_or_changed(act, len(acts))
        if act["number"] == expected and act["previous_hash"] != previous:
            yield Fault(FaultKind.REORDERED, "plan_events", key, "it does not follow the event before it")
        if act["plan"] is not None:
            counted[act["plan"]] = counted.get(act["plan"], 0) + 1
            if act["sequence"] != counted[act["plan"]] and act["number"] == expected:
                yield Fault(FaultKind.REORDERED, "plan_events", key, "its place in its plan does not count up")
            counted[act["plan"]] = act["sequence"] or 0
        previous, expected = act["hash"], act["number"] + 1


def _moved_or_changed(act: Row, count: int) -> Fault:
    """An event that is whole but for its number was moved; the number it was written under is found by trying."""
    for number in range(1, count + 1):
        if event_hash({**act, "number": number}) == act["hash"]:
            return Fault(FaultKind.REORDERED, "plan_events", str(act["number"]), f"it was written as number {number}")
    return Fault(FaultKind.CHANGED, "plan_events", str(act["number"]), "its content does not give its hash")


def _row_faults(acts: list[Row], rows: Attached) -> Iterator[Fault]:
    explained = set()
    for act in acts:
        for table, key, sealed in json.loads(act["attached"]):
            place = (table, canonical(key))
            explained.add(place)
            yield from _fault_of(place, sealed, rows.get(place), act["number"])
    for table, key in sorted(rows.keys() - explained):
        yield Fault(FaultKind.UNEXPLAINED, table, key, "no event wrote it")


def _fault_of(place: tuple[str, str], sealed: str, row: Row | None, event: int) -> Iterator[Fault]:
    table, key = place
    if row is None:
        yield Fault(FaultKind.MISSING, table, key, f"event {event} wrote it")
    elif row_hash(table, row) != row["hash"] or row["hash"] != sealed:
        yield Fault(FaultKind.CHANGED, table, key, f"it is not what event {event} wrote")
    elif row["event"] != event:
        yield Fault(FaultKind.REORDERED, table, key, f"it claims another event than {event}")
