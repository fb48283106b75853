"""Who is ranked, by example, and the duty in SQL against the rule written from the statute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from targeting.cohort import cohort_members, cohort_rows
from targeting.cohort.members import define_candidates
from targeting.domain import AsOf, Dispensation, EmployeeBand, EstablishmentFacts, IndustryCode, Standard, Target
from targeting.parameters.bht_duty import duty
from targeting.snapshots import AsOfView
from targeting.tables import ALL_TABLES
from tests.lib.ascii_table import rows_of
from tests.lib.small_country import conforming, small_country, store_of

BY_NAME = {table.about.name: table for table in ALL_TABLES}
NOW = AsOf(date(2026, 1, 1))
UNIT: dict[str, object] = {
    "establishment": "E1",
    "enterprise": "H1",
    "known_on": date(2025, 11, 1),
    "version": 0,
    "status": "living",
    "industry_code": "81.210",
    "industry_standard": "SN2025",
    "employees_registered": True,
    "started_on": date(2015, 1, 1),
}
OWNER: dict[str, object] = {
    "enterprise": "H1",
    "known_on": date(2025, 11, 1),
    "version": 0,
    "status": "living",
    "form": "AS",
}


def members(
    home: Path, target: Target, unit: Mapping[str, object], owner: Mapping[str, object] | None = None, **more: str
) -> list[dict[str, object]]:
    """The cohort rows of a store that holds one establishment and one enterprise, altered as told."""
    tables = {
        "establishments": conforming(BY_NAME["establishments"], [UNIT | dict(unit)]),
        "enterprises": conforming(BY_NAME["enterprises"], [OWNER | dict(owner or {})]),
    }
    tables |= {name: conforming(BY_NAME[name], rows_of(text)) for name, text in more.items()}
    rows: list[dict[str, object]] = cohort_rows(store_of(tables, home), NOW, target).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("why", "unit", "owner", "inside"),
    [
        ("duty, employees, living", {}, {}, True),
        ("code not on the list", {"industry_code": "62.100"}, {}, False),
        ("the enterprise's main activity is listed", {"industry_code": "62.100"}, {"industry_code": "10.110"}, True),
        ("a conditional code", {"industry_code": "95.310"}, {}, True),
        ("employees 1-4, exact number withheld", {"employees": None, "employees_registered": True}, {}, True),
        ("no employees", {"employees_registered": False}, {}, False),
        ("employees unknown", {"employees_registered": None}, {}, False),
        ("deleted", {"status": "deleted"}, {}, False),
        ("ceased", {"ceased_on": date(2025, 12, 1)}, {}, False),
        ("ceases after the day", {"ceased_on": date(2026, 2, 1)}, {}, True),
        ("enterprise deleted", {}, {"status": "deleted"}, False),
        ("bankrupt", {}, {"bankrupt": True}, False),
        ("winding up", {}, {"winding_up": True}, False),
        ("compulsory dissolution", {}, {"compulsory_dissolution": True}, False),
        ("sole proprietor", {}, {"form": "ENK"}, False),
        ("enterprise not known", {"enterprise": "H9"}, {}, False),
    ],
)
def test_bht_use_ranks_living_employers_with_the_duty(
    why: str, unit: Mapping[str, object], owner: Mapping[str, object], inside: bool, tmp_path: Path
) -> None:
    code = {"industry_standard": "SN2025"} if "industry_code" in owner else {}
    assert bool(members(tmp_path, Target.BHT_USE, unit, {**owner, **code})) is inside, why


@pytest.mark.parametrize(
    ("status", "degree", "inside"), [("full", "full", False), ("innvilget", "full", False), ("delvis", "partial", True)]
)
def test_a_full_dispensation_takes_an_establishment_out(status: str, degree: str, inside: bool, tmp_path: Path) -> None:
    approvals = f"""
        enterprise | scheme           | known_on   | status   | approved
        H1         | bht_dispensation | 2025-12-01 | {status} | yes
    """
    assert bool(members(tmp_path / "duty", Target.BHT_USE, {}, approvals=approvals)) is inside
    (row,) = members(tmp_path / "all", Target.WORKING_ENVIRONMENT, {}, approvals=approvals)
    assert row["bht_dispensation"] == degree


@pytest.mark.parametrize(
    ("code", "standard", "hiring", "crime"),
    [
        ("41.000", "SN2025", True, True),
        ("78.200", "SN2025", True, True),
        ("52.250", "SN2025", True, False),
        ("52.250", "SN2007", False, False),  # the same digits, another activity
        ("95.310", "SN2025", False, True),
        ("45.200", "SN2007", False, True),
        ("45.200", "SN2025", False, False),
        ("56.110", "SN2025", False, True),
        ("62.100", "SN2025", False, False),
    ],
)
def test_the_industries_of_hiring_and_work_crime(
    code: str, standard: str, hiring: bool, crime: bool, tmp_path: Path
) -> None:
    unit = {"industry_code": code, "industry_standard": standard}
    assert bool(members(tmp_path / "h", Target.UNLAWFUL_HIRING, unit)) is hiring
    assert bool(members(tmp_path / "c", Target.WORK_CRIME, unit)) is crime
    assert members(tmp_path / "w", Target.WORKING_ENVIRONMENT, unit)


@pytest.mark.parametrize(
    ("why", "unit", "owner", "inside"),
    [
        ("no employees, VAT-registered", {"employees_registered": False, "vat_registered": True}, {}, True),
        (
            "employees unknown, enterprise VAT-registered",
            {"employees_registered": None},
            {"vat_registered": True},
            True,
        ),
        ("no employees, not VAT-registered", {"employees_registered": False}, {}, False),
        (
            "too young to have reported",
            {"employees_registered": False, "vat_registered": True, "started_on": date(2025, 11, 1)},
            {},
            False,
        ),
        ("bankrupt stays for triage", {}, {"bankrupt": True}, True),
        ("deleted", {"status": "deleted"}, {}, False),
        ("sole proprietor", {}, {"form": "ENK"}, False),
    ],
)
def test_work_crime_also_ranks_the_active_without_registered_employees(
    why: str, unit: Mapping[str, object], owner: Mapping[str, object], inside: bool, tmp_path: Path
) -> None:
    assert bool(members(tmp_path, Target.WORK_CRIME, unit, owner)) is inside, why


def test_a_cohort_row_carries_what_is_published(tmp_path: Path) -> None:
    (row,) = members(
        tmp_path,
        Target.BHT_USE,
        {"municipality": "0301", "name": "Rent AS", "employees": 64},
        inspections="""
            inspection | establishment | occurred_on | known_on   | status
            T1         | E1            | 2024-05-01  | 2024-05-01 | lukket
            T2         | E1            | 2025-05-01  | 2025-05-01 | aapen
            T3         | E1            | 2026-05-01  | 2025-12-01 | planlegging
        """,
        findings="""
            inspection | control_point | known_on   | answer
            T1         | BHT-01        | 2024-09-01 | met
        """,
        coordination="""
            establishment | authority | reference | known_on   | planned_on | status
            E1            | A1        | k1        | 2025-12-01 | 2026-02-01 | planned
            E1            | A1        | k2        | 2025-12-01 | 2025-06-01 | planned
            E1            | A1        | k3        | 2025-12-01 | 2026-01-02 | closed
        """,
    )
    assert {key: row[key] for key in EXPECTED} == EXPECTED
    assert "81.2" in str(row["bht_clause"])


EXPECTED: dict[str, object] = {
    "name": "Rent AS",
    "form": "AS",
    "county": "03",
    "employees_low": 64,
    "employees": "64",
    "size_class": "50-99",
    "bht_duty": "yes",
    "bht_basis": "establishment",
    "bht_dispensation": "none",
    "living": True,
    "foreign": False,
    "age_months": 11 * 12,
    "last_inspected_on": date(2025, 5, 1),
    "last_bht_inspected_on": date(2024, 5, 1),
    "open_case": True,
    "other_authority_on": date(2026, 2, 1),
    "quality_flags": [],
}


@pytest.mark.parametrize(
    ("employees", "registered", "text", "size_class"),
    [
        (None, True, "1-4", "1-4"),
        (5, True, "5", "5-9"),
        (19, True, "19", "10-19"),
        (49, True, "49", "20-49"),
        (50, True, "50", "50-99"),
        (100, True, "100", "100-249"),
        (250, True, "250", "250+"),
    ],
)
def test_employees_in_words_and_classes(
    employees: int | None, registered: bool, text: str, size_class: str, tmp_path: Path
) -> None:
    (row,) = members(tmp_path, Target.BHT_USE, {"employees": employees, "employees_registered": registered})
    assert (row["employees"], row["size_class"]) == (text, size_class)


def test_what_is_uncertain_about_a_row_is_flagged(tmp_path: Path) -> None:
    (row,) = members(tmp_path, Target.BHT_USE, {"industry_code": "81.210", "industry_standard": "SN2007"})
    assert row["quality_flags"] == ["employees_censored", "industry_in_other_standard", "county_unknown"]


@pytest.mark.parametrize("day", [date(2025, 9, 15), date(2025, 10, 7), date(2026, 7, 1)])
def test_the_duty_in_sql_is_the_duty_of_the_rule(day: date, tmp_path: Path) -> None:
    """The rule in `parameters.bht_duty.duty` was written from the statute; the cohort looks it up by code."""
    with AsOfView.open(store_of(small_country(21, 150), tmp_path), None, [AsOf(day)]) as view:
        define_candidates(view)
        rows = view.connection.sql("""
            SELECT c.*, e.employees_registered, e.employees, p.industry_sn2007 AS p2007, p.industry_sn2025 AS p2025
            FROM candidates_asof c JOIN enterprises_asof p USING (as_of, enterprise)
            JOIN establishments_asof e USING (as_of, establishment)""").to_arrow_table()
    assert len({row["bht_duty"] for row in rows.to_pylist()}) > 1
    for row in rows.to_pylist():
        facts = EstablishmentFacts(
            establishment_codes=_codes(row["industry_sn2007"], row["industry_sn2025"]),
            enterprise_codes=_codes(row["p2007"], row["p2025"]),
            employees=EmployeeBand.of(row["employees_registered"], row["employees"]),
            dispensation=Dispensation(row["bht_dispensation"]),
        )
        assert row["bht_duty"] == duty(facts, AsOf(day)).answer


def _codes(sn2007: str | None, sn2025: str | None) -> tuple[IndustryCode, ...]:
    pairs = ((sn2007, Standard.SN2007), (sn2025, Standard.SN2025))
    return tuple(IndustryCode(code, standard) for code, standard in pairs if code)


def test_each_day_of_a_view_has_the_cohort_it_has_alone(tmp_path: Path) -> None:
    store = store_of(small_country(22), tmp_path)
    days = [AsOf(date(2022, 1, 1)), AsOf(date(2024, 4, 1)), AsOf(date(2026, 1, 1))]
    with AsOfView.open(store, None, days) as view:
        together = cohort_members(view, [Target.BHT_USE])[Target.BHT_USE].to_pylist()
    alone = []
    for day in days:
        with AsOfView.open(store, None, [day]) as view:
            alone += cohort_members(view, [Target.BHT_USE])[Target.BHT_USE].to_pylist()
    assert together == alone


INCIDENTS = """
    incident | establishment | occurred_on | known_on   | kind
    H1       | E1            | 2025-03-01  | 2025-03-02 | accident
    H2       | E1            | 2025-06-01  | 2025-06-01 | tip
    H3       | E1            | 2025-08-01  | 2026-01-01 | accident
    H4       | E2            | 2025-09-01  | 2025-09-01 | tip
"""


def test_the_newest_incident_that_was_known_is_told(tmp_path: Path) -> None:
    (row,) = members(tmp_path / "some", Target.BHT_USE, {}, incidents=INCIDENTS)
    assert row["last_incident_on"] == date(2025, 6, 1)  # H3 was not known yet, H4 is somebody else's
    (row,) = members(tmp_path / "none", Target.BHT_USE, {})
    assert row["last_incident_on"] is None


REGISTER = """
    enterprise | scheme   | known_on   | status | approved
    {of}       | {scheme} | 2025-06-30 | x      | {answer}
"""


@pytest.mark.parametrize(
    ("why", "unit", "register", "missing"),
    [
        ("approved", {}, ("H1", "cleaning", "yes"), []),
        ("refused", {}, ("H1", "cleaning", "no"), ["cleaning"]),
        ("not in the register", {}, ("H2", "cleaning", "yes"), ["cleaning"]),
        ("nothing known of the register", {}, ("H2", "agency", "yes"), []),
        ("no such duty", {"industry_code": "43.210"}, ("H2", "cleaning", "yes"), []),
    ],
)
def test_a_required_approval_that_is_missing_is_told_as_a_fact(
    why: str, unit: Mapping[str, object], register: tuple[str, str, str], missing: list[str], tmp_path: Path
) -> None:
    of, scheme, answer = register
    (row,) = members(tmp_path, Target.BHT_USE, unit, approvals=REGISTER.format(of=of, scheme=scheme, answer=answer))
    assert row["approvals_missing"] == missing, why


MISSED = """
    visit | establishment | known_on   | reason
    B1    | E1            | 2025-03-01 | moved
    B2    | E1            | 2025-05-01 | no_answer
    B3    | E1            | 2026-01-01 | closed_down
"""


@pytest.mark.parametrize(
    ("why", "inspected_on", "missed"),
    [
        ("never inspected", None, (date(2025, 5, 1), "no_answer")),
        ("inspected before", "2025-04-01", (date(2025, 5, 1), "no_answer")),
        ("inspected since", "2025-05-02", (None, None)),
    ],
)
def test_what_could_not_be_inspected_is_told_until_an_inspection(
    why: str, inspected_on: str | None, missed: tuple[date | None, str | None], tmp_path: Path
) -> None:
    inspections = f"""
        inspection | establishment | occurred_on    | known_on       | status
        T1         | E1            | {inspected_on} | {inspected_on} | lukket
    """
    more = {"missed_visits": MISSED} | ({"inspections": inspections} if inspected_on else {})
    (row,) = members(tmp_path, Target.BHT_USE, {}, None, **more)
    assert (row["missed_on"], row["missed_because"]) == missed, why


@pytest.mark.parametrize(
    ("why", "parents", "group"),
    [
        ("no hierarchy", {}, "H1"),
        ("one step", {"H1": "K1"}, "K1"),
        ("the top of two", {"H1": "K1", "K1": "K2"}, "K2"),
        ("a parent that is not in the register", {"H1": "K9"}, "K9"),
    ],
)
def test_the_owner_group_is_the_top_of_the_public_hierarchy(
    why: str, parents: Mapping[str, str], group: str, tmp_path: Path
) -> None:
    owners = [OWNER | {"enterprise": name, "parent": parents.get(name)} for name in ("H1", "K1", "K2")]
    tables = {
        "establishments": conforming(BY_NAME["establishments"], [UNIT]),
        "enterprises": conforming(BY_NAME["enterprises"], owners),
    }
    (row,) = cohort_rows(store_of(tables, tmp_path), NOW, Target.BHT_USE).to_pylist()
    assert row["owner_group"] == group, why


def test_enterprises_that_name_each_other_as_parent_do_not_stop_the_cohort(tmp_path: Path) -> None:
    owners = [OWNER | {"enterprise": name, "parent": parent} for name, parent in (("H1", "K1"), ("K1", "H1"))]
    tables = {
        "establishments": conforming(BY_NAME["establishments"], [UNIT]),
        "enterprises": conforming(BY_NAME["enterprises"], owners),
    }
    (row,) = cohort_rows(store_of(tables, tmp_path), NOW, Target.BHT_USE).to_pylist()
    assert row["owner_group"] in {"H1", "K1"}
