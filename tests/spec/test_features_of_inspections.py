"""What the inspection features say, told as small stories."""

from __future__ import annotations

from datetime import date

import pytest

from tests.lib.feature_oracle.story import ask

UNIT = """
    establishment | enterprise
    A             | X
    B             | X
"""
ONE_VISIT = """
    inspection | establishment | occurred_on | known_on
    T1         | A             | 2024-09-01  | 2024-09-01
"""


def test_never_inspected_is_zero_visits_and_no_last_visit() -> None:
    told = ask("inspection_history", "A", "2025-01-01", establishments=UNIT)
    assert (told["inspections_all"], told["days_since_inspection"], told["last_serious"]) == (0, None, None)


def test_a_breach_known_late_is_not_seen_before_it_was_known() -> None:
    answer = """
        inspection | control_point | known_on   | answer
        T1         | BHT-01        | 2025-01-01 | breach
    """
    before = ask("inspection_history", "A", "2025-01-01", establishments=UNIT, inspections=ONE_VISIT, findings=answer)
    after = ask("inspection_history", "A", "2025-01-02", establishments=UNIT, inspections=ONE_VISIT, findings=answer)
    assert (before["inspections_1y"], before["answered_inspections"], before["last_bht_breach"]) == (1, 0, None)
    assert before["days_answers_pending"] == (date(2025, 1, 1) - date(2024, 9, 1)).days
    assert (after["answered_inspections"], after["last_bht_breach"], after["days_answers_pending"]) == (1, True, None)


def test_a_corrected_answer_replaces_the_first_one_from_the_day_it_is_known() -> None:
    answers = """
        inspection | control_point | known_on   | answer
        T1         | BHT-01        | 2024-11-01 | breach
        T1         | BHT-01        | 2025-02-01 | met
    """
    first = ask("inspection_history", "A", "2025-01-01", establishments=UNIT, inspections=ONE_VISIT, findings=answers)
    then = ask("inspection_history", "A", "2025-04-01", establishments=UNIT, inspections=ONE_VISIT, findings=answers)
    assert (first["last_bht_breach"], then["last_bht_breach"]) == (True, False)


def test_own_breach_rate_starts_from_four_inspections_at_the_country_s_rate() -> None:
    told = ask(
        "inspection_history",
        "A",
        "2025-01-01",
        establishments=UNIT,
        inspections="""
            inspection | establishment | occurred_on
            T1         | A             | 2023-01-10
            T2         | B             | 2023-02-10
        """,
        findings="""
            inspection | control_point | known_on   | answer
            T1         | HMS-01        | 2023-06-01 | breach
            T2         | HMS-01        | 2023-06-01 | met
        """,
    )
    assert told["breach_rate_smoothed"] == pytest.approx((1 + 4 * 1 / 2) / (1 + 4))
    assert told["enterprise_breach_rate_smoothed"] == pytest.approx((1 + 4 * 1 / 2) / (2 + 4))


def test_an_aborted_or_planned_inspection_is_not_a_visit() -> None:
    told = ask(
        "inspection_history",
        "A",
        "2025-01-01",
        establishments=UNIT,
        inspections="""
            inspection | establishment | occurred_on | status
            T1         | A             | 2024-05-01  | avbrutt
            T2         | A             | 2024-06-01  | planlegging
            T3         | A             | 2024-07-01  | lukket
        """,
    )
    assert told["inspections_all"] == 1


def test_a_stop_makes_an_inspection_serious_with_a_single_breach() -> None:
    told = ask(
        "inspection_history",
        "A",
        "2025-01-01",
        establishments=UNIT,
        inspections=ONE_VISIT,
        findings="inspection | control_point | known_on | answer\nT1 | HMS-01 | 2024-11-01 | breach",
        reactions="inspection | kind\nT1 | stop",
    )
    assert (told["last_serious"], told["serious_5y"], told["sanctions_5y"]) == (True, 1, 1)


def test_industry_rates_shrink_each_level_toward_the_one_above() -> None:
    told = ask(
        "industry",
        "A",
        "2025-01-01",
        establishments="""
            establishment | enterprise | industry_code | industry_standard
            A             | X          | 56.101        | SN2007
            B             | X          | 43.210        | SN2007
        """,
        inspections="""
            inspection | establishment | occurred_on
            T1         | A             | 2023-01-10
            T2         | B             | 2023-02-10
        """,
        findings="""
            inspection | control_point | known_on   | answer
            T1         | HMS-01        | 2023-06-01 | breach
            T2         | HMS-01        | 2023-06-01 | met
        """,
    )
    country = 1 / 2
    two = (1 + 20 * country) / (1 + 20)
    three = (1 + 20 * two) / (1 + 20)
    assert told["industry_breach_rate"] == pytest.approx((1 + 20 * three) / (1 + 20))


def test_the_breach_rate_at_an_address_is_that_of_the_others() -> None:
    told = ask(
        "neighbourhood",
        "A",
        "2025-01-01",
        establishments="""
            establishment | enterprise | address     | postal_code
            A             | X          | Storgata 1  | 0150
            B             | Y          | STORGATA  1 | 0150
        """,
        inspections="""
            inspection | establishment | occurred_on
            T1         | A             | 2023-01-10
            T2         | B             | 2023-02-10
        """,
        findings="""
            inspection | control_point | known_on   | answer
            T1         | HMS-01        | 2023-06-01 | breach
            T2         | HMS-01        | 2023-06-01 | met
        """,
    )
    assert (told["address_establishments"], told["address_results"]) == (2, 1)
    assert told["address_breach_rate"] == pytest.approx((0 + 4 * 1 / 2) / (1 + 4))


def test_a_missing_approval_is_seen_where_the_code_requires_one_and_the_register_has_filled() -> None:
    units = """
        establishment | enterprise | industry_code | industry_standard
        A             | X          | 78.200        | SN2007
        B             | X          | 62.010        | SN2007
    """
    owner = "enterprise | form\nX | AS"
    register = """
        enterprise | scheme | known_on   | approved
        Y          | agency | 2019-08-01 | yes
    """
    tables = {"establishments": units, "enterprises": owner, "approvals": register}
    agency = ask("approvals", "A", "2025-01-01", **tables)
    office = ask("approvals", "B", "2025-01-01", **tables)
    assert (agency["scheme_duty"], agency["scheme_not_approved"]) == (True, True)
    assert (office["scheme_duty"], office["scheme_not_approved"]) == (False, False)
    filling = ask("approvals", "A", "2020-01-01", **tables)
    not_loaded = ask("approvals", "A", "2025-01-01", establishments=units, enterprises=owner)
    assert (filling["scheme_duty"], filling["scheme_not_approved"]) == (True, None)
    assert (not_loaded["scheme_duty"], not_loaded["scheme_not_approved"]) == (True, None)
