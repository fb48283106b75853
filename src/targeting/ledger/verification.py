"""Whether the ledger is what was written: every row hashed again, every link of the chain followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from targeting.ledger.broken_chain import Link, broken_chain
from targeting.ledger.chain import GENESIS, canonical, event_holds, key_of, row_holds
from targeting.ledger.faults import Fault, FaultKind
from targeting.ledger.guards import missing_guards
from targeting.ledger.opening import Ledger
from targeting.ledger.tables import ATTACHED, events

__all__ = ["verify"]

_AT_ONCE: Final = 2000

Row = dict[str, Any]
Attached = dict[tuple[str, str], Row]


@dataclass
class _Reading:
    """What one pass over the events finds. The events are not kept: there are many more of them than rows."""

    noted: str | None
    holds: bool = True
    suspects: dict[int, Row] = field(default_factory=dict)
    explained: set[tuple[str, str]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def verify(ledger: Ledger, noted: str | None = None) -> tuple[Fault, ...]:
    """Every fault found; empty when the ledger is whole.

    `noted` is a head hash noted outside (an export carries one): without it the loss of the newest events with all
    their rows cannot be seen, because a shorter chain is a valid chain.
    """
    with ledger.read() as connection:
        unguarded = [_unguarded(table, trigger) for table, trigger in missing_guards(connection)]
        rows = _attached_rows(connection)
        reading = _read(connection, rows, noted)
        chain = () if reading.holds else tuple(broken_chain(_links(connection), reading.suspects))
    unexplained = [_unexplained(table, key) for table, key in sorted(rows.keys() - reading.explained)]
    lost = [_lost(reading.noted)] if reading.noted else []
    return (*unguarded, *chain, *reading.faults, *unexplained, *lost)


def _attached_rows(connection: sa.Connection) -> Attached:
    there = set(sa.inspect(connection).get_table_names())
    return {
        (name, _place(key_of(key, dict(row)))): dict(row)
        for name, (table, key) in ATTACHED.items()
        if name in there
        for row in connection.execute(sa.select(*(_raw(column) for column in table.columns))).mappings()
    }


def _raw(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """As it is stored: a day on SQLite is text, and whoever overwrote it need not have written a day."""
    return sa.type_coerce(column, sa.String).label(column.name) if isinstance(column.type, sa.Date) else column


def _place(key: list[Any]) -> str:
    try:
        return canonical(key)
    except TypeError:
        return repr(key)


def _read(connection: sa.Connection, rows: Attached, noted: str | None) -> _Reading:
    reading = _Reading(noted)
    previous, expected = GENESIS, 1
    query = sa.select(events).order_by(events.c.number).execution_options(yield_per=_AT_ONCE)
    for found in connection.execute(query).mappings():
        act = dict(found)
        if not event_holds(act):
            reading.suspects[act["number"]] = act
        if reading.suspects or act["number"] != expected or act["previous_hash"] != previous:
            reading.holds = False
        if act["hash"] == noted:
            reading.noted = None
        reading.faults += _row_faults(act, rows, reading.explained)
        previous, expected = act["hash"], act["number"] + 1
    return reading


def _links(connection: sa.Connection) -> list[Link]:
    columns = (events.c.number, events.c.previous_hash, events.c.hash)
    return [Link(*row) for row in connection.execute(sa.select(*columns).order_by(events.c.number))]


def _row_faults(act: Row, rows: Attached, explained: set[tuple[str, str]]) -> Iterator[Fault]:
    try:
        attached = [(table, canonical(key), sealed) for table, key, sealed in json.loads(act["attached"])]
    except (TypeError, ValueError):
        return  # the event is a suspect already: its list was overwritten
    for table, key, sealed in attached:
        explained.add((table, key))
        yield from _fault_of((table, key), sealed, rows.get((table, key)), act["number"])


def _fault_of(place: tuple[str, str], sealed: str, row: Row | None, event: int) -> Iterator[Fault]:
    table, key = place
    if row is None:
        yield Fault(FaultKind.MISSING, table, key, f"event {event} wrote it")
    elif row["hash"] != sealed or not row_holds(table, row):
        yield Fault(FaultKind.CHANGED, table, key, f"it is not what event {event} wrote")


def _unexplained(table: str, key: str) -> Fault:
    return Fault(FaultKind.INSERTED, table, key, "no event wrote it")


def _unguarded(table: str, trigger: str) -> Fault:
    return Fault(FaultKind.UNGUARDED, table, trigger, "this trigger was dropped or switched off")


def _lost(noted: str) -> Fault:
    return Fault(FaultKind.MISSING, events.name, noted[:12], "the event with this hash was noted outside")
