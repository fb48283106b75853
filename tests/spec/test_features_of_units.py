"""What the workforce, enterprise and accounts features say, told as small stories."""

from __future__ import annotations

import math

import pytest

from tests.lib.feature_oracle.story import ask


def test_a_count_of_one_to_four_is_censored_and_counts_as_one() -> None:
    told = ask(
        "workforce",
        "A",
        "2025-01-01",
        establishments="""
            establishment | enterprise | employees | employees_registered
            A             | X          | -         | yes
        """,
    )
    assert (told["employees_low"], told["size_class"], told["employees_censored"]) == (1, 1, True)


def test_an_unknown_count_is_never_zero() -> None:
    told = ask("workforce", "A", "2025-01-01", establishments="establishment | enterprise\nA | X")
    assert (told["employees_low"], told["employees_censored"], told["newly_employing"]) == (None, None, None)


def test_no_employees_is_zero_and_not_censored() -> None:
    told = ask(
        "workforce",
        "A",
        "2025-01-01",
        establishments="establishment | enterprise | employees_registered\nA | X | no",
    )
    assert (told["employees_low"], told["size_class"], told["employees_censored"]) == (0, 0, False)


def test_growth_is_from_what_was_known_a_year_before() -> None:
    told = ask(
        "workforce",
        "A",
        "2025-01-01",
        establishments="""
            establishment | enterprise | known_on   | employees | employees_registered
            A             | X          | 2023-12-31 | -         | yes
            A             | X          | 2024-01-01 | 7         | yes
            A             | X          | 2024-12-31 | 12        | yes
            A             | X          | 2025-01-01 | 90        | yes
        """,
    )
    assert told["employee_change_1y"] == 12 - 1
    assert told["employee_growth_1y"] == (12 + 1) / (1 + 1)
    assert told["size_class_change_1y"] == 3 - 1


def test_a_unit_that_was_not_in_the_register_a_year_ago_has_no_change() -> None:
    told = ask(
        "workforce",
        "A",
        "2025-01-01",
        establishments="establishment | enterprise | known_on | employees\nA | X | 2024-02-01 | 12",
    )
    assert (told["employees_low"], told["employee_change_1y"]) == (12, None)


def test_deleted_units_are_not_counted_among_the_enterprise_s_establishments() -> None:
    told = ask(
        "workforce",
        "A",
        "2025-01-01",
        establishments="""
            establishment | enterprise | status  | employees
            A             | X          | living  | 10
            B             | X          | living  | 30
            C             | X          | deleted | 50
        """,
    )
    assert (told["enterprise_establishments"], told["share_of_enterprise_employees"]) == (2, 10 / (10 + 30))


def test_a_new_code_standard_is_not_a_change_of_industry() -> None:
    told = ask(
        "enterprise",
        "A",
        "2026-01-01",
        establishments="""
            establishment | enterprise | known_on   | industry_code | industry_standard
            A             | X          | 2024-01-01 | 49.320        | SN2007
            A             | X          | 2025-09-10 | 49.330        | SN2025
        """,
    )
    assert told["industry_changed_1y"] is None


def test_revenue_in_dollars_has_no_log_but_its_ratios_hold() -> None:
    told = ask(
        "accounts",
        "A",
        "2025-01-01",
        establishments="establishment | enterprise\nA | X",
        enterprises="enterprise | form | employees\nX | AS | 8",
        accounts="""
            enterprise | year | currency | revenue | payroll | equity | assets
            X          | 2023 | USD      | 1000    | 400     | 50     | 200
            X          | 2022 | NOK      | 9000    | -       | -      | -
        """,
    )
    assert (told["log_revenue"], told["log_revenue_per_employee"]) == (None, None)
    assert (told["payroll_share"], told["solidity"]) == (400 / 1000, 50 / 200)
    assert told["revenue_growth_1y"] is None  # the currencies differ


def test_revenue_in_kroner_is_on_a_log_scale() -> None:
    told = ask(
        "accounts",
        "A",
        "2025-01-01",
        establishments="establishment | enterprise\nA | X",
        enterprises="enterprise | employees\nX | 8",
        accounts="enterprise | year | currency | revenue\nX | 2023 | NOK | 799",
    )
    assert told["log_revenue"] == pytest.approx(math.log(799 + 1))
    assert told["log_revenue_per_employee"] == pytest.approx(math.log(800 / 8))


@pytest.mark.parametrize(("as_of", "overdue"), [("2024-07-31", False), ("2024-08-01", True)])
def test_last_year_s_accounts_are_due_from_august(as_of: str, overdue: bool) -> None:
    told = ask(
        "accounts",
        "A",
        as_of,
        establishments="establishment | enterprise\nA | X",
        enterprises="enterprise | form | registered_on | last_accounts_year\nX | AS | 2015-03-01 | 2022",
    )
    assert told["accounts_overdue"] is overdue
