"""What the store holds on a day, in counts: the figures that input checks are about. Memory stays flat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

from targeting.parameters.watching import bounds
from targeting.snapshots import AsOfView
from targeting.tables import ALL_TABLES, Enterprises, Establishments, Table

__all__ = ["UNITS", "InputFacts", "TableFacts", "UnitFacts", "input_facts"]

UNITS: Final[tuple[type[Table], ...]] = (Establishments, Enterprises)
_UNREAD: Final = frozenset({"extra"})
"""A column no feature reads: that the register added a key is no fault of the quarter."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One table: rows known (one a key), of these known in the last year, the newest day, keys that two rows had.

    `nulls` is the share of nulls by column among the rows of the last year; empty where there are none, and for
    registers of units, whose newest entries are what counts (`UnitFacts`).
    """

    rows: int
    recent: int
    newest: str | None
    duplicated: int
    nulls: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The living units of a register: how many, how many employ, their employees where counted, shares of nulls.

    `codes` counts main industry codes by "STANDARD CODE" ("none CODE" without a standard), `places` municipalities.
    """

    living: int
    employing: int
    employees: int
    nulls: Mapping[str, float]
    codes: Mapping[str, int]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InputFacts:
    """All tables and both registers of units by table name, and control points answered in the last year."""

    as_of: str
    tables: Mapping[str, TableFacts]
    units: Mapping[str, UnitFacts]
    control_points: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> InputFacts:
        """What `to_dict` gave; raises `KeyError` or `TypeError` for anything else."""
        return cls(
            as_of=raw["as_of"],
            tables={name: TableFacts(**one) for name, one in raw["tables"].items()},
            units={name: UnitFacts(**one) for name, one in raw["units"].items()},
            control_points=raw["control_points"],
        )


def input_facts(view: AsOfView) -> InputFacts:
    """What the store held the day before the day of `view`, a view of one day over all tables."""
    (as_of,) = view.as_ofs
    since = as_of.day - timedelta(days=bounds(as_of.day).recent_days)
    return InputFacts(
        as_of=str(as_of),
        tables={one.about.name: _table(view, one, as_of.day, since) for one in ALL_TABLES},
        units={one.about.name: _units(view, one) for one in UNITS},
        control_points=_control_points(view, as_of.day, since),
    )


def _table(view: AsOfView, table: type[Table], day: date, since: date) -> TableFacts:
    name, nullable = table.about.name, [] if table in UNITS else _nullable(table)
    recent, tied = "known_on >= $since", f"(SELECT count(*) FROM store.tied_{name} WHERE known_on < $day)"
    nulls = "".join(f", count(*) FILTER ({recent} AND {one} IS NULL)" for one in nullable)
    row = view.connection.execute(
        f"SELECT count(*), count(*) FILTER ({recent}), max(known_on), {tied}{nulls} "
        f"FROM store.{name} WHERE known_on < $day",
        {"day": day, "since": since},
    ).fetchall()[0]
    shares = (round(found / row[1], 6) for found in row[4:]) if row[1] else ()
    return TableFacts(
        rows=row[0],
        recent=row[1],
        newest=row[2].isoformat() if row[2] else None,
        duplicated=row[3],
        nulls=dict(zip(nullable, shares, strict=False)),
    )


def _nullable(table: type[Table]) -> list[str]:
    return [name for name, column in table.columns().items() if column.null is not None and name not in _UNREAD]


def _units(view: AsOfView, table: type[Table]) -> UnitFacts:
    columns, name = _nullable(table), table.about.name
    nulls = "".join(f", count(*) FILTER ({one} IS NULL)" for one in columns)
    row = view.connection.execute(f"""
        SELECT count(*), count(*) FILTER (employees_low > 0), coalesce(sum(employees), 0)::BIGINT{nulls}
        FROM {name}_asof WHERE status = 'living'""").fetchall()[0]
    shares = (round(found / row[0], 6) for found in row[3:]) if row[0] else ()
    return UnitFacts(
        living=row[0],
        employing=row[1],
        employees=row[2],
        nulls=dict(zip(columns, shares, strict=False)),
        codes=_counted(view, name, "coalesce(industry_standard, 'none') || ' ' || industry_code"),
        places=_counted(view, name, "municipality"),
    )


def _counted(view: AsOfView, name: str, value: str) -> dict[str, int]:
    """How many living units have each value; those without one are left out."""
    sql = f"""
        SELECT {value} AS said, count(*) FROM {name}_asof
        WHERE status = 'living' AND said IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    return dict(view.connection.execute(sql).fetchall())


def _control_points(view: AsOfView, day: date, since: date) -> dict[str, int]:
    sql = """
        SELECT control_point, count(*) FROM store.findings
        WHERE known_on >= $since AND known_on < $day GROUP BY ALL ORDER BY ALL"""
    return dict(view.connection.execute(sql, {"day": day, "since": since}).fetchall())
