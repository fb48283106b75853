"""SQL that turns an append-only table into its states: validity periods once, then one join with the as-of days.

A row holds from the day after it became known (`known_on < as_of`) up to and including the day the next row of the
same entity became known. `valid_from` and `valid_to` say so: the row is the state on every as-of day in
(valid_from, valid_to].
"""

from __future__ import annotations

from targeting.snapshots.delta import entity_of
from targeting.tables import Enterprises, Establishments, Table

__all__ = ["UNIT_TABLES", "asof_sql", "before_1y_sql", "periods_sql", "tied_sql", "unique_sql", "versions_sql"]

UNIT_TABLES: tuple[type[Table], ...] = (Establishments, Enterprises)

_OPEN_END = "DATE '9999-12-31'"

_BAND = """CASE WHEN employees IS NOT NULL THEN employees
                 WHEN employees_registered THEN 1
                 WHEN NOT employees_registered THEN 0 END::INTEGER AS employees_low"""

_ADDRESS_KEY = r"""trim(regexp_replace(lower(address), '[^\p{L}\p{N}]+', ' ', 'g'))
                 || '|' || coalesce(postal_code, '') AS address_key"""


def tied_sql(table: type[Table]) -> str:
    """The keys of `store.<table>` that more than one row has: none, unless two files disagree about one day."""
    key = ", ".join(table.about.key)
    return f"SELECT {key} FROM store.{table.about.name} GROUP BY ALL HAVING count(*) > 1"


def unique_sql(table: type[Table]) -> str:
    """The rows of `store.<table>`, one a key, where some keys are tied.

    Which row counts must not depend on the order of reading (an as-of join over ties answers differently from run to
    run), so the smallest md5 of the whole row decides.
    """
    name, key = f"store.{table.about.name}", ", ".join(table.about.key)
    return f"""
        WITH tied AS ({tied_sql(table)})
        FROM {name} ANTI JOIN tied USING ({key})
        UNION ALL
        FROM {name} t SEMI JOIN tied USING ({key})
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY md5(t::VARCHAR)) = 1"""


def periods_sql(table: type[Table], rows: str) -> str:
    """`rows` (a FROM item, one row a key) with `valid_from`, `valid_to` and what is read off a unit's entries so far.

    All of them stay, also one that another of the same day replaces: its period is empty.
    """
    own = f"PARTITION BY {', '.join(entity_of(table))} ORDER BY {_time(table)}"
    unit = _unit_columns(own) if table in UNIT_TABLES else ""
    return f"""
        SELECT *, {unit} known_on AS valid_from, lead(known_on, 1, {_OPEN_END}) OVER ({own}) AS valid_to
        FROM {rows}"""


def asof_sql(table: type[Table]) -> str:
    """(as_of, all columns): per as-of day and entity the newest row with `known_on < as_of`."""
    name = table.about.name
    if table not in UNIT_TABLES:
        columns = ", ".join(f"p.{column}" for column in table.columns())
        return f"""
            SELECT a.as_of, {columns}
            FROM as_ofs a JOIN store.periods_{name} p ON p.valid_from < a.as_of AND a.as_of <= p.valid_to"""
    return _unit_state_sql(table, "a.as_of")


def before_1y_sql(table: type[Table]) -> str:
    """The unit's state a year before each as-of day, under that as-of day; industries harmonised as of the latter."""
    return _unit_state_sql(table, "(a.as_of - INTERVAL 1 YEAR)::DATE")


def versions_sql(table: type[Table]) -> str:
    """(as_of, all columns): every entry of a unit with `known_on < as_of`, superseded ones included."""
    columns = ", ".join(f"p.{column}" for column in table.columns())
    return f"SELECT a.as_of, {columns} FROM as_ofs a JOIN store.periods_{table.about.name} p ON p.known_on < a.as_of"


def _time(table: type[Table]) -> str:
    return ", ".join(name for name in ("known_on", "version") if name in table.columns())


def _unit_columns(own: str) -> str:
    codes = ", ".join(
        f"last_value(CASE WHEN industry_standard = '{standard}' THEN industry_code END IGNORE NULLS) "
        f"OVER ({own} ROWS UNBOUNDED PRECEDING) AS industry_{standard.lower()}"
        for standard in ("SN2007", "SN2025")
    )
    return f"{_BAND}, left(municipality, 2) AS county, {_ADDRESS_KEY}, {codes},"


def _unit_state_sql(table: type[Table], day: str) -> str:
    columns = ", ".join(f"p.{column}" for column in table.columns())
    derived = ", ".join(
        f"p.{c}" for c in ("employees_low", "county", "address_key", "industry_sn2007", "industry_sn2025")
    )
    return f"""
        SELECT as_of, {columns}, {derived},
            coalesce(p.industry_sn2007, k.industry_sn2007, p.industry_sn2025) AS industry,
            left(coalesce(p.industry_sn2007, k.industry_sn2007, p.industry_sn2025), 2) AS division
        FROM (
            SELECT a.as_of, p.* FROM as_ofs a JOIN store.periods_{table.about.name} p
            ON p.valid_from < {day} AND {day} <= p.valid_to
        ) p LEFT JOIN industry_key k USING (as_of, industry_sn2025)"""
