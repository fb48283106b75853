"""What is held: an index from a published run, or the rows themselves from whoever can read the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from targeting.feedback.access.answer import Holding, Words
from targeting.parameters.access import withheld
from targeting.parameters.registers import register, registers
from targeting.published import PublishedRun, holdings_of

__all__ = ["holding_of", "holdings_in"]


def holdings_in(run: PublishedRun, numbers: Collection[str]) -> tuple[Holding, ...]:
    """How many rows of which register were held about `numbers` when the run was made; none where it does not say."""
    found = holdings_of(run, numbers) or []
    told = (
        _holding(row["number"], row["table_name"], row["rows"], row["first_known_on"], row["last_known_on"])
        for row in found
    )
    return _in_order(told)


def holding_of(number: str, table: str, rows: Iterable[Mapping[str, Any]], on: date) -> Holding | None:
    """The rows of `table` about `number` without what is withheld; null when none is left."""
    hidden = {column for one in withheld(on) for column in one.columns}
    rules = [rule for one in withheld(on) for rule in one.rows if rule.table == table]
    told = [
        {name: value for name, value in row.items() if f"{table}.{name}" not in hidden}
        for row in rows
        if not any(row[rule.column] in rule.values for rule in rules)
    ]
    days = [row["known_on"] for row in told]
    return _holding(number, table, len(told), min(days), max(days), tuple(told)) if told else None


def _holding(
    number: str, table: str, rows: int, first: date, last: date, values: tuple[Mapping[str, Any], ...] | None = None
) -> Holding:
    about = register(table)
    return Holding(
        number,
        table,
        Words(about.title_nb, about.title_en),
        Words(about.holds_nb, about.holds_en),
        Words(about.keeper_nb, about.keeper_en),
        Words(about.basis_nb, about.basis_en),
        rows,
        first,
        last,
        values,
    )


def _in_order(found: Iterable[Holding]) -> tuple[Holding, ...]:
    places = {one.table: place for place, one in enumerate(registers())}
    return tuple(sorted(found, key=lambda one: (one.number, places[one.table])))
