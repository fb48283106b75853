"""Preparing a correction: the row that is wrong, found and put right, and the row that says what was corrected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import pyarrow as pa

from targeting.domain import BadInputError, NotFoundError, RefusedError
from targeting.snapshots.connection import connect
from targeting.snapshots.corrected_value import parsed, written
from targeting.snapshots.delta import entity_of, parquet
from targeting.snapshots.staging import Load
from targeting.snapshots.store import Store
from targeting.tables import ALL_TABLES, Corrections, Enterprises, Establishments, Inspections, Table

__all__ = ["Correction", "Prepared", "prepare", "take_in"]

_UNITS: Final = (Establishments, Enterprises)
_FOR_THE_REGISTER: Final = frozenset({"enterprise", "parent", "status", "extra", "establishment", "inspection"})
"""Who belongs to whom, and who exists, is for Enhetsregisteret to say; a correction there comes with its next file."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody says is wrong: `field` ("employees", or "accounts.equity") of the unit `number`.

    `of` chooses among several entities of the table: (column, value) of year, scheme, inspection.
    An empty `value` means not known.
    """

    number: str
    field: str
    value: str
    why: str
    of: tuple[tuple[str, str], ...] = ()


class Prepared(NamedTuple):
    """A correction ready to be taken in: the corrected row, what it replaces, and the row about it."""

    table: type[Table]
    row: pa.Table
    about: pa.Table

    @property
    def record(self) -> dict[str, Any]:
        """The row about it as plain values; the day as text."""
        told: dict[str, Any] = self.about.to_pylist()[0]
        return told | {"known_on": told["known_on"].isoformat()}


def prepare(store: Store, wanted: Correction, on: date) -> Prepared:
    """Find the newest row that holds the value, and what it ought to be from `on`.

    Raises `BadInputError` for a field, entity or value that cannot be, `NotFoundError` when nothing is held, and
    `RefusedError` when the store says it already or when only the register itself may say it.
    """
    table, name = _place(store, wanted)
    before = _newest(store, table, wanted)
    value = parsed(table, name, wanted.value)
    if before[name] == value:
        raise RefusedError(
            expected="a value that is not held yet",
            got=written(value) or "not known",
            where=f"{table.about.name}.{name}",
        )
    time = _time(table, before, on)
    row = pa.Table.from_pylist([before | time | {name: value}], table.schema())
    key = {part: str(before[part]) for part in entity_of(table)}
    about = {
        "number": wanted.number,
        "table_name": table.about.name,
        "entity": json.dumps(key, sort_keys=True, ensure_ascii=False),
        "field": name,
        "known_on": time["known_on"],
        "version": time.get("version", 0),
        "disputed": _said_by_register(store, table, key, name, before[name]),
        "value": written(value),
        "why": wanted.why,
    }
    return Prepared(table, table.check(row), Corrections.check(pa.Table.from_pylist([about], Corrections.schema())))


def take_in(load: Load, prepared: Prepared) -> None:
    """Add both rows of a prepared correction to a load of the store it was prepared from."""
    load.add(prepared.table, prepared.row)
    load.add(Corrections, prepared.about)


def _place(store: Store, wanted: Correction) -> tuple[type[Table], str]:
    """The table and column meant. A column without its table is one of the unit's own register entry."""
    said, _, name = wanted.field.rpartition(".")
    tables = [table for table in ALL_TABLES if table is not Corrections and table.about.name == said]
    if not said:
        tables = [table for table in _UNITS if _holds(store, table, wanted.number)]
    if not tables:
        known = ", ".join(table.about.name for table in ALL_TABLES if table is not Corrections)
        where = f"the unit {wanted.number}" if not said else "--field"
        raise NotFoundError(expected=f"a unit in the store, or a table of {known}", got=wanted.field, where=where)
    table = tables[0]
    if name not in table.columns() or name in table.about.key or name in _FOR_THE_REGISTER:
        free = [one for one in table.columns() if one not in table.about.key and one not in _FOR_THE_REGISTER]
        raise BadInputError(expected=f"one of {', '.join(free)}", got=repr(name), where=table.about.name)
    return table, name


def _holds(store: Store, table: type[Table], number: str) -> bool:
    with connect(1) as connection:
        rows = parquet(store.paths(table), table)
        found = connection.execute(
            f"SELECT 1 FROM {rows} WHERE {table.about.key[0]} = $number LIMIT 1", {"number": number}
        )
        return bool(found.fetchall())


def _newest(store: Store, table: type[Table], wanted: Correction) -> dict[str, Any]:
    """The newest row of the one entity that is meant."""
    entity = entity_of(table)
    of = dict(wanted.of)
    if odd := sorted(of.keys() - set(entity)):
        raise BadInputError(expected=f"--of with {', '.join(entity)}", got=odd[0], where=table.about.name)
    conditions = [_of_unit(store, table), *(f"{name}::VARCHAR = ${name}" for name in of)]
    time = ", ".join(f"{name} DESC" for name in ("known_on", "version") if name in table.columns())
    sql = f"""
        SELECT * FROM {parquet(store.paths(table), table)} r WHERE {" AND ".join(conditions)}
        QUALIFY row_number() OVER (PARTITION BY {", ".join(entity)} ORDER BY {time}, md5(r::VARCHAR)) = 1
        ORDER BY {", ".join(entity)}"""
    with connect(1) as connection:
        chosen = connection.sql(sql, params={"number": wanted.number, **of})
        found: list[dict[str, Any]] = chosen.to_arrow_table().to_pylist()
    if not found:
        raise NotFoundError(
            expected=f"a row of {table.about.name} about {wanted.number}", got="none", where="the store"
        )
    if len(found) > 1:
        told = "; ".join(", ".join(f"{name}={row[name]}" for name in entity) for row in found[:5])
        raise BadInputError(
            expected="one row", got=f"{len(found)}: {told}", where=table.about.name, do="choose with --of NAME=VALUE"
        )
    return found[0]


def _of_unit(store: Store, table: type[Table]) -> str:
    columns = table.columns()
    for name in ("establishment", "enterprise"):
        if name in columns:
            return f"{name} = $number"
    inspections = parquet(store.paths(Inspections), Inspections)
    return f"inspection IN (SELECT inspection FROM {inspections} WHERE establishment = $number)"


def _time(table: type[Table], before: Mapping[str, Any], on: date) -> dict[str, Any]:
    """When the corrected row counts: after what it corrects, and after what a file of the same day says."""
    if "version" in table.columns():
        day = max(on, before["known_on"])
        return {"known_on": day, "version": (before["version"] if day == before["known_on"] else 0) + 1}
    return {"known_on": max(on, before["known_on"] + timedelta(days=1))}


def _said_by_register(store: Store, table: type[Table], key: Mapping[str, str], name: str, held: object) -> str | None:
    """What the register says: the held value, or, where that is an earlier correction, what this one disputed."""
    about = {"table": table.about.name, "entity": json.dumps(key, sort_keys=True, ensure_ascii=False), "field": name}
    sql = f"""
        SELECT disputed FROM {parquet(store.paths(Corrections), Corrections)}
        WHERE table_name = $table AND entity = $entity AND field = $field AND value IS NOT DISTINCT FROM $held
        ORDER BY known_on DESC, version DESC LIMIT 1"""
    with connect(1) as connection:
        earlier = connection.execute(sql, about | {"held": written(held)}).fetchall()
    return earlier[0][0] if earlier else written(held)
