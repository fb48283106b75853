"""What the as-of view shows, by example: the newest of what was known strictly before the day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from targeting.domain import AsOf
from targeting.snapshots import AsOfView, Store
from targeting.tables import ALL_TABLES, Establishments
from tests.lib.ascii_table import rows_of
from tests.lib.small_country import conforming, store_of

BY_NAME = {table.about.name: table for table in ALL_TABLES}
UNIT = {"version": 0, "status": "living"}


def view_of(home: Path, *days: str, **texts: str) -> AsOfView:
    """A view on `days` of a store whose tables are given as ASCII tables."""
    tables = {name: conforming(BY_NAME[name], [UNIT | row for row in rows_of(text)]) for name, text in texts.items()}
    return AsOfView.open(store_of(tables, home), None, [AsOf.parse(day) for day in days])


def shown(view: AsOfView, columns: str, relation: str) -> list[tuple[object, ...]]:
    with view:
        rows = view.connection.sql(f"SELECT as_of::VARCHAR, {columns} FROM {relation} ORDER BY ALL").fetchall()
    return [tuple(row) for row in rows]


def test_a_state_is_the_newest_entry_known_before_the_day(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-01-01",
        "2026-01-02",
        "2026-03-01",
        "2026-03-02",
        establishments="""
            establishment | known_on   | name
            E1            | 2026-01-01 | Old
            E1            | 2026-03-01 | New
        """,
    )
    assert shown(view, "name", "establishments_asof") == [
        # on 2026-01-01 the entry of that very day is not known yet
        ("2026-01-02", "Old"),
        ("2026-03-01", "Old"),
        ("2026-03-02", "New"),
    ]


def test_of_one_day_the_highest_version_counts_and_all_versions_are_history(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-02-01",
        establishments="""
            establishment | known_on   | version | name
            E1            | 2026-01-01 | 7       | Second
            E1            | 2026-01-01 | 3       | First
        """,
    )
    with view:
        state = view.connection.sql("SELECT name FROM establishments_asof").fetchall()
        history = view.connection.sql("SELECT name FROM establishment_versions_asof ORDER BY version").fetchall()
    assert state == [("Second",)]
    assert history == [("First",), ("Second",)]


def test_two_rows_of_one_key_count_as_one_and_always_the_same_one(tmp_path: Path) -> None:
    """Two extracts of one day may disagree; the order in which they were loaded must not decide."""
    rows = [
        conforming(Establishments, [UNIT | {"establishment": "E1", "known_on": date(2026, 1, 1), "name": name}])
        for name in ("A", "B")
    ]
    seen = set()
    for place, order in enumerate((rows, rows[::-1])):
        store = Store(tmp_path / str(place))
        for number, each in enumerate(order):
            with store.begin("test", "file", f"{number}" * 64, date(2026, 1, 1)) as load:
                load.add(Establishments, each)
        with AsOfView.open(store, None, [AsOf(date(2026, 2, 1))]) as view:
            seen.add(tuple(view.connection.sql("SELECT name FROM establishments_asof").fetchall()))
    assert len(seen) == 1
    assert len(seen.pop()) == 1


def test_the_lowest_certain_number_of_employees(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-02-01",
        establishments="""
            establishment | known_on   | employees | employees_registered
            exact         | 2026-01-01 | 12        | yes
            censored      | 2026-01-01 |           | yes
            none          | 2026-01-01 |           | no
            unknown       | 2026-01-01 |           |
        """,
    )
    assert shown(view, "establishment, employees_low", "establishments_asof") == [
        ("2026-02-01", "censored", 1),
        ("2026-02-01", "exact", 12),
        ("2026-02-01", "none", 0),
        ("2026-02-01", "unknown", None),
    ]


CODES = """
    establishment | known_on   | industry_code | industry_standard
    old           | 2020-01-01 | 88.911        | SN2007
    both          | 2020-01-01 | 88.911        | SN2007
    both          | 2025-09-01 | 85.100        | SN2025
    two           | 2020-01-01 | 88.911        | SN2007
    two           | 2025-09-02 | 85.100        | SN2025
    other         | 2020-01-01 | 85.100        | SN2007
    other         | 2025-09-01 | 85.100        | SN2025
    new           | 2025-10-01 | 85.100        | SN2025
    alone         | 2025-10-01 | 43.600        | SN2025
"""


def test_each_standard_keeps_its_newest_code(tmp_path: Path) -> None:
    view = view_of(tmp_path, "2026-01-01", establishments=CODES)
    assert shown(view, "establishment, industry_sn2007, industry_sn2025", "establishments_asof") == [
        ("2026-01-01", "alone", None, "43.600"),
        ("2026-01-01", "both", "88.911", "85.100"),
        ("2026-01-01", "new", None, "85.100"),
        ("2026-01-01", "old", "88.911", None),
        ("2026-01-01", "other", "85.100", "85.100"),
        ("2026-01-01", "two", "88.911", "85.100"),
    ]


def test_the_harmonised_industry_follows_what_most_units_carried_before(tmp_path: Path) -> None:
    """85.100 is a kindergarten in SN2025 and pre-primary teaching in SN2007: the digits alone would mislead."""
    view = view_of(tmp_path, "2025-10-02", "2026-01-01", establishments=CODES)
    industry = {(row[0], row[1]): row[2] for row in shown(view, "establishment, industry", "establishments_asof")}
    assert industry["2026-01-01", "new"] == "88.911"  # both + two against other
    assert industry["2026-01-01", "alone"] == "43.600"  # nobody carried both codes: the SN2025 code itself
    assert industry["2026-01-01", "other"] == "85.100"  # its own SN2007 code is known
    assert industry["2025-10-02", "new"] == "88.911"


def test_harmonising_counts_only_what_was_known_by_then(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2025-09-02",
        "2025-12-01",
        establishments="""
            establishment | known_on   | industry_code | industry_standard
            new           | 2025-09-01 | 85.100        | SN2025
            both          | 2020-01-01 | 88.911        | SN2007
            both          | 2025-10-01 | 85.100        | SN2025
        """,
    )
    industry = {(row[0], row[1]): row[2] for row in shown(view, "establishment, industry", "establishments_asof")}
    assert industry["2025-09-02", "new"] == "85.100"
    assert industry["2025-12-01", "new"] == "88.911"


def test_a_tie_among_harmonised_codes_goes_to_the_lower(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-01-01",
        establishments="""
            establishment | known_on   | industry_code | industry_standard
            a             | 2020-01-01 | 43.990        | SN2007
            a             | 2025-09-01 | 43.500        | SN2025
            b             | 2020-01-01 | 43.120        | SN2007
            b             | 2025-09-01 | 43.500        | SN2025
            new           | 2025-10-01 | 43.500        | SN2025
        """,
    )
    assert ("2026-01-01", "new", "43.120", "43") in shown(
        view, "establishment, industry, division", "establishments_asof"
    )


def test_one_address_in_three_spellings_is_one_key(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-02-01",
        establishments="""
            establishment | known_on   | address       | postal_code | municipality
            a             | 2026-01-01 | Storgata 1 B  | '0150'      | '0301'
            b             | 2026-01-01 | STORGATA 1, b | '0150'      |
            c             | 2026-01-01 | Storgata 1B   | '0150'      | '4601'
            d             | 2026-01-01 |               | '0150'      | '4601'
        """,
    )
    assert shown(view, "establishment, address_key, county", "establishments_asof") == [
        ("2026-02-01", "a", "storgata 1 b|0150", "03"),
        ("2026-02-01", "b", "storgata 1 b|0150", None),
        ("2026-02-01", "c", "storgata 1b|0150", "46"),
        ("2026-02-01", "d", None, "46"),
    ]


def test_a_year_before_is_what_was_known_a_year_before(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-01-01",
        enterprises="""
            enterprise | known_on   | name
            H1         | 2024-06-01 | First
            H1         | 2025-01-01 | Second
            H2         | 2025-03-01 | Young
        """,
        establishments="""
            establishment | known_on   | name
            E1            | 2024-06-01 | x
        """,
    )
    assert shown(view, "enterprise, name", "enterprises_before_1y_asof") == [("2026-01-01", "H1", "First")]


OUTCOME = {
    "inspections": """
        inspection | establishment | occurred_on | known_on   | form
        T1         | E1            | 2025-01-10  | 2025-01-10 | document
    """,
    "findings": """
        inspection | control_point | known_on   | answer
        T1         | BHT-01        | 2025-03-01 | breach
        T1         | BHT-02        | 2025-03-01 | not_checked
        T1         | HMS-01        | 2025-03-01 | met
        T1         | AKR-01        | 2025-03-01 | breach
        T1         | AKR-01        | 2025-08-01 | met
    """,
    "reactions": """
        inspection | reference | known_on   | kind
        T1         | r1        | 2025-05-01 | stop
        T1         | r2        | 2025-05-01 | order
    """,
}


def test_an_outcome_grows_as_answers_and_reactions_become_known(tmp_path: Path) -> None:
    columns = "known_on::VARCHAR, checked, breaches, bht_checked, bht_breaches, crime_breaches, stops, orders, serious"
    days = ("2025-02-01", "2025-04-01", "2025-07-01", "2025-10-01")
    view = view_of(tmp_path, *days, **OUTCOME)
    assert shown(view, columns, "inspection_results_asof") == [
        # in February nothing had been answered yet: no row
        ("2025-04-01", "2025-03-01", 3, 1 + 1, 1, 1, 1, 0, 0, False),
        ("2025-07-01", "2025-03-01", 3, 1 + 1, 1, 1, 1, 1, 1, True),
        ("2025-10-01", "2025-08-01", 3, 1, 1, 1, 0, 1, 1, True),
    ]


def test_an_outcome_is_serious_from_five_breaches(tmp_path: Path) -> None:
    def answers(breaches: int) -> str:
        lines = "\n".join(f"T1 | HMS-{n:02d} | 2025-03-01 | breach" for n in range(breaches))
        return f"inspection | control_point | known_on | answer\n{lines}"

    for breaches, serious in ((4, False), (5, True)):
        tables = {"inspections": OUTCOME["inspections"], "findings": answers(breaches)}
        view = view_of(tmp_path / str(breaches), "2025-10-01", **tables)
        assert shown(view, "serious", "inspection_results_asof") == [("2025-10-01", serious)]


def test_a_cohort_row_has_the_enterprise_of_its_day_and_stands_once(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2026-01-01",
        "2026-04-01",
        establishments="""
            establishment | known_on   | enterprise
            E1            | 2025-01-01 | H1
            E1            | 2026-02-01 | H2
        """,
    )
    days = [date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 1)]
    view.choose(pa.table({"establishment": ["E1", "E1", "E1"], "as_of": pa.array(days, pa.date32())}))
    assert shown(view, "establishment, enterprise", "cohort") == [
        ("2026-01-01", "E1", "H1"),
        ("2026-04-01", "E1", "H2"),
    ]


def test_an_empty_store_shows_every_relation_empty(tmp_path: Path) -> None:
    with AsOfView.open(Store(tmp_path), None, [AsOf(date(2026, 1, 1))]) as view:
        for table in ALL_TABLES:
            relation = view.connection.sql(f"FROM {table.about.name}_asof")
            assert set(table.columns()) <= set(relation.columns)
            assert relation.fetchall() == []
        assert view.connection.sql("FROM inspection_results_asof").fetchall() == []


def test_the_raw_rows_are_not_in_the_main_schema(tmp_path: Path) -> None:
    with AsOfView.open(Store(tmp_path), None, [AsOf(date(2026, 1, 1))]) as view:
        names = view.connection.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        ).fetchall()
    assert all(name.endswith("_asof") or name in HARMLESS for (name,) in names)


HARMLESS = {"as_ofs", "cohort", "industry_key", "control_point_topics"}
"""Days asked for, rows asked for, counts as of a day, and names of control points."""


def test_a_bankruptcy_stays_at_its_addresses_when_the_register_deletes_the_enterprise(tmp_path: Path) -> None:
    view = view_of(
        tmp_path,
        "2024-06-01",
        "2026-06-01",
        enterprises="""
            enterprise | known_on   | version | status  | bankrupt_on
            gone       | 2020-01-01 | 0       | living  |
            gone       | 2024-03-01 | 0       | living  | 2024-02-20
            gone       | 2025-03-01 | 0       | deleted |
            saved      | 2024-03-01 | 0       | living  | 2024-02-20
            saved      | 2025-03-01 | 0       | living  |
        """,
        establishments="""
            establishment | known_on   | status  | enterprise | address    | industry_code | industry_standard
            shop          | 2020-01-01 | living  | gone       | Long ago 1 | 56.101        | SN2007
            shop          | 2021-01-01 | living  | gone       | Storgata 1 | 56.101        | SN2007
            shop          | 2024-12-01 | deleted |            |            |               |
            kiosk         | 2023-06-01 | living  | gone       | Torget 2   | 47.111        | SN2007
            kiosk         | 2024-05-01 | living  | heir       | Torget 2   | 47.111        | SN2007
            other         | 2020-01-01 | living  | saved      | Havna 3    | 56.101        | SN2007
        """,
    )
    assert shown(view, "enterprise, bankrupt_on::VARCHAR, address_key, industry", "bankruptcies_asof") == [
        ("2024-06-01", "gone", "2024-02-20", "storgata 1|", "56.101"),
        ("2024-06-01", "gone", "2024-02-20", "torget 2|", "47.111"),
        ("2024-06-01", "saved", "2024-02-20", "havna 3|", "56.101"),
        ("2026-06-01", "gone", "2024-02-20", "storgata 1|", "56.101"),
        ("2026-06-01", "gone", "2024-02-20", "torget 2|", "47.111"),
    ]
