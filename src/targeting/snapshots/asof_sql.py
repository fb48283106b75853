"""SQL that turns an append-only table into its states: validity periods once, then one join with the as-of days.

A row holds from the day after it became known (`known_on < as_of`) up to and including the day the next row of the
same entity became known. `valid_from` and `valid_to` say so: the row is the state on every as-of day in
(valid_from, valid_to].

Entries of units are wide and many, and most of them hold on none of the view's days. So their spans are found from the
few columns that decide, and only the entries that hold on one of `store.days` are read whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from targeting.snapshots.delta import entity_of
from targeting.tables import Enterprises, Establishments, Table

__all__ = [
    "UNIT_TABLES",
    "asof_sql",
    "bankruptcies_sql",
    "before_1y_sql",
    "entries_sql",
    "periods_sql",
    "spans_sql",
    "tied_sql",
    "unique_sql",
    "versions_sql",
]

UNIT_TABLES: tuple[type[Table], ...] = (Establishments, Enterprises)

_OPEN_END = "DATE '9999-12-31'"

_BAND = """CASE WHEN employees IS NOT NULL THEN employees
                 WHEN employees_registered THEN 1
                 WHEN NOT employees_registered THEN 0 END::INTEGER AS employees_low"""

_ADDRESS_KEY = r"""trim(regexp_replace(lower(address), '[^\p{L}\p{N}]+', ' ', 'g'))
                 || '|' || coalesce(postal_code, '') AS address_key"""


def spans_sql(table: type[Table], rows: str, columns: str = "*") -> str:
    """`columns` of `rows` (a FROM item) with `valid_from`, `valid_to`, and whether the next row has the same key."""
    time = _time(table)
    again = " AND ".join(f"lead({name}) OVER own = {name}" for name in time)
    return f"""
        SELECT {columns}, known_on AS valid_from, lead(known_on, 1, {_OPEN_END}) OVER own AS valid_to,
            coalesce({again}, false) AS tied
        FROM {rows} WINDOW own AS (PARTITION BY {", ".join(entity_of(table))} ORDER BY {", ".join(time)})"""


def tied_sql(table: type[Table], spans: str) -> str:
    """The keys of `store.<table>` that more than one row has; `spans` (`spans_sql`) says whether there are any."""
    key = ", ".join(table.about.key)
    return f"SELECT DISTINCT {key} FROM {spans} WHERE tied"


def unique_sql(table: type[Table]) -> str:
    """The rows of `store.<table>`, one a key, where `store.tied_<table>` holds the keys of several.

    Which row counts must not depend on the order of reading (an as-of join over ties answers differently from run to
    run), so the smallest md5 of the whole row decides.
    """
    name, key = f"store.{table.about.name}", ", ".join(table.about.key)
    return f"""
        FROM {name} ANTI JOIN store.tied_{table.about.name} USING ({key})
        UNION ALL
        FROM {name} t SEMI JOIN store.tied_{table.about.name} USING ({key})
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY md5(t::VARCHAR)) = 1"""


def entries_sql(table: type[Table], rows: str) -> str:
    """The spans of a unit's entries, by key, with the codes of both standards that it had carried by then.

    All of them stay, also one that another of the same day replaces: its span is empty.
    """
    codes = ", ".join(
        f"last_value(CASE WHEN industry_standard = '{standard}' THEN industry_code END IGNORE NULLS) "
        f"OVER (own ROWS UNBOUNDED PRECEDING) AS industry_{standard.lower()}"
        for standard in ("SN2007", "SN2025")
    )
    return spans_sql(table, rows, f"{', '.join(table.about.key)}, {codes}")


def periods_sql(table: type[Table], rows: str) -> str:
    """Whole entries of a unit that hold on one of `store.days`, with their spans and what is read off an entry."""
    return f"""
        WITH looks AS (
            SELECT k.known_on, d.day
            FROM (SELECT DISTINCT known_on FROM store.entries_{table.about.name}) k
            ASOF JOIN store.days d ON k.known_on < d.day
        ), held AS (
            SELECT e.* EXCLUDE (tied)
            FROM store.entries_{table.about.name} e JOIN looks l USING (known_on) WHERE l.day <= e.valid_to
        )
        SELECT r.*, {_BAND}, left(municipality, 2) AS county, {_ADDRESS_KEY},
            h.industry_sn2007, h.industry_sn2025, h.valid_from, h.valid_to
        FROM {rows} r JOIN held h USING ({", ".join(table.about.key)})"""


def bankruptcies_sql() -> str:
    """Bankruptcies with the places of the enterprise: each address and industry entered from a year before it on.

    The entry of a deletion states neither, so it ends nothing: what holds is what the register last said of the living
    enterprise. One that lives on without the bankruptcy is rid of it (valid_to).
    """
    return f"""
        WITH told AS (
            SELECT enterprise, bankrupt_on, known_on AS valid_from,
                lead(known_on, 1, {_OPEN_END}) OVER (PARTITION BY enterprise ORDER BY known_on, version) AS valid_to
            FROM store.enterprises
            WHERE status = 'living'
                AND enterprise IN (SELECT enterprise FROM store.enterprises WHERE bankrupt_on IS NOT NULL)
        ), places AS (
            SELECT enterprise, {_ADDRESS_KEY}, industry_sn2007, industry_sn2025, valid_from, valid_to
            FROM store.establishments JOIN store.entries_establishments USING (establishment, known_on, version)
            WHERE status = 'living' AND address IS NOT NULL AND enterprise IN (SELECT enterprise FROM told)
        )
        SELECT DISTINCT t.enterprise, t.bankrupt_on, p.address_key, p.industry_sn2007, p.industry_sn2025,
            greatest(t.valid_from, p.valid_from) AS valid_from, t.valid_to
        FROM told t JOIN places p USING (enterprise)
        WHERE p.valid_to >= t.bankrupt_on - INTERVAL 1 YEAR AND p.valid_from < t.valid_to"""


def asof_sql(table: type[Table], days: Sequence[date]) -> str:
    """(as_of, all columns): per as-of day and entity the newest row with `known_on < as_of`."""
    if table in UNIT_TABLES:
        return _unit_state_sql(table, days, "")
    columns = ", ".join(f"p.{column}" for column in table.columns())
    return f"SELECT p.as_of, {columns} FROM {_held_sql(table, days)} p"


def before_1y_sql(table: type[Table], days: Sequence[date]) -> str:
    """The unit's state a year before each as-of day, under that as-of day; industries harmonised as of the latter."""
    return _unit_state_sql(table, days, " - INTERVAL 1 YEAR")


def versions_sql(table: type[Table]) -> str:
    """(as_of, all columns): every entry of a unit with `known_on < as_of`, superseded ones included."""
    columns = ", ".join(f"p.{column}" for column in table.columns())
    return f"SELECT a.as_of, {columns} FROM as_ofs a JOIN store.{table.about.name} p ON p.known_on < a.as_of"


def _held_sql(table: type[Table], days: Sequence[date], earlier: str = "") -> str:
    """The rows of `store.periods_<table>` that held on each as-of day, or `earlier`, under that as-of day.

    Many days are a join. A single one is a filter: the engine can tell how many rows are left, and plans by it.
    """
    rows = f"store.periods_{table.about.name}"
    if len(days) == 1:
        only = f"DATE '{days[0]}'"
        day = f"({only}{earlier})::DATE"
        return f"(SELECT {only} AS as_of, * FROM {rows} WHERE valid_from < {day} AND {day} <= valid_to)"
    day = f"(a.as_of{earlier})::DATE"
    return f"(SELECT a.as_of, r.* FROM as_ofs a JOIN {rows} r ON r.valid_from < {day} AND {day} <= r.valid_to)"


def _time(table: type[Table]) -> list[str]:
    return [name for name in ("known_on", "version") if name in table.columns()]


def _unit_state_sql(table: type[Table], days: Sequence[date], earlier: str) -> str:
    columns = ", ".join(f"p.{column}" for column in table.columns())
    derived = ", ".join(
        f"p.{c}" for c in ("employees_low", "county", "address_key", "industry_sn2007", "industry_sn2025")
    )
    return f"""
        SELECT as_of, {columns}, {derived},
            coalesce(p.industry_sn2007, k.industry_sn2007, p.industry_sn2025) AS industry,
            left(coalesce(p.industry_sn2007, k.industry_sn2007, p.industry_sn2025), 2) AS division
        FROM {_held_sql(table, days, earlier)} p LEFT JOIN industry_key k USING (as_of, industry_sn2025)"""
