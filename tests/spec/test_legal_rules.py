"""Hiring ban, approval schemes, priority areas and the other dated parameters: both sides of each switch day."""

from datetime import date

import pytest

from targeting.domain import BadInputError, IndustryCode, Scheme, Standard
from targeting.parameters import (
    approval_schemes,
    control_points,
    counties,
    hiring_ban,
    industry_pairs,
    minimum_rates,
    priority_areas,
    sections,
    thresholds,
)
from targeting.parameters.document import Parameter, read

OLD = Standard.SN2007
NEW = Standard.SN2025


@pytest.mark.parametrize(
    ("place", "on", "banned"),
    [
        ("03", date(2023, 3, 31), False),
        ("03", date(2023, 4, 1), True),
        ("30", date(2023, 4, 1), True),  # Viken, until the county reform
        ("3005", date(2023, 4, 1), True),
        ("3803", date(2023, 4, 1), True),  # the former Vestfold
        ("3806", date(2023, 4, 1), False),  # the former Telemark
        ("38", date(2023, 4, 1), False),  # only part of the county
        ("31", date(2024, 1, 1), True),
        ("32", date(2024, 1, 1), True),
        ("33", date(2024, 1, 1), True),
        ("39", date(2024, 1, 1), True),
        ("3301", date(2026, 1, 1), True),
        ("34", date(2026, 1, 1), False),
        ("40", date(2026, 1, 1), False),
        ("50", date(2026, 1, 1), False),
    ],
)
def test_hiring_for_building_work_is_banned_in_the_oslo_fjord_region_from_1_april_2023(
    place: str, on: date, banned: bool
) -> None:
    assert hiring_ban.in_ban(place, on) is banned


def test_running_contracts_could_be_carried_out_until_1_july_2023() -> None:
    days = (date(2023, 3, 31), date(2023, 4, 1), date(2023, 6, 30), date(2023, 7, 1))
    assert [hiring_ban.phase(day) for day in days] == ["none", "transition", "transition", "full"]


def test_the_ban_lists_todays_five_counties_and_no_county_before_it() -> None:
    assert set(hiring_ban.counties(date(2024, 1, 1))) >= {"03", "31", "32", "33", "39"}
    assert hiring_ban.counties(date(2023, 3, 31)) == ()


@pytest.mark.parametrize(
    ("code", "standard", "on", "schemes"),
    [
        ("78.200", OLD, date(2023, 12, 31), ()),
        ("78.200", OLD, date(2024, 1, 1), (Scheme.AGENCY,)),
        ("78.300", OLD, date(2024, 1, 1), (Scheme.AGENCY,)),
        ("78.200", NEW, date(2026, 1, 1), (Scheme.AGENCY,)),
        ("78.100", NEW, date(2026, 1, 1), ()),
        ("81.210", OLD, date(2012, 8, 31), ()),
        ("81.210", OLD, date(2012, 9, 1), (Scheme.CLEANING,)),
        ("81.220", NEW, date(2026, 1, 1), (Scheme.CLEANING,)),
        ("81.100", NEW, date(2026, 1, 1), ()),
        ("45.200", OLD, date(2022, 12, 31), ()),
        ("45.200", OLD, date(2023, 1, 1), (Scheme.CAR_CARE,)),
        ("95.310", NEW, date(2026, 1, 1), (Scheme.CAR_CARE,)),
        ("52.212", NEW, date(2026, 1, 1), (Scheme.CAR_CARE,)),
        ("52.212", OLD, date(2026, 1, 1), ()),
        ("95.320", NEW, date(2026, 1, 1), ()),
    ],
)
def test_agencies_cleaners_and_car_care_must_be_approved_from_their_day(
    code: str, standard: Standard, on: date, schemes: tuple[Scheme, ...]
) -> None:
    assert approval_schemes.duties(IndustryCode(code, standard), on) == schemes


def test_each_scheme_knows_its_first_day() -> None:
    assert approval_schemes.tells_from(Scheme.AGENCY) == date(2024, 12, 31)
    assert approval_schemes.tells_from(Scheme.BHT_PROVIDER) is None


IN_2026 = date(2026, 1, 1)


def area_levels(code: str, standard: Standard = NEW, **facts: str) -> dict[str, str]:
    return dict(priority_areas.areas_of(IndustryCode(code, standard), IN_2026, **facts))


@pytest.mark.parametrize(
    ("code", "standard", "area", "level"),
    [
        ("42.130", NEW, "quartz_dust", "core"),
        ("23.700", NEW, "quartz_dust", "secondary"),
        ("20.110", NEW, "chemical_exposure", "core"),
        ("43.340", NEW, "chemical_users", "core"),
        ("85.100", NEW, "kindergartens", "core"),
        ("88.911", OLD, "kindergartens", "core"),  # the same kindergarten under its older code
        ("49.330", NEW, "new_forms_of_organisation", "core"),
        ("49.320", OLD, "new_forms_of_organisation", "core"),  # taxi
        ("56.110", NEW, "hotels_and_restaurants", "core"),
        ("79.121", NEW, "hotels_and_restaurants", "secondary"),
        ("41.000", NEW, "building_strain", "core"),
        ("42.110", NEW, "building_strain", "secondary"),
        ("16.101", NEW, "wood_injuries", "core"),
        ("10.110", NEW, "food_injuries", "core"),
        ("11.050", NEW, "food_injuries", "secondary"),
        ("81.210", NEW, "approval_schemes", "core"),
        ("88.102", NEW, "psychosocial", "core"),
        ("10.110", OLD, "food_injuries", "core"),  # a division without pairs keeps its number
    ],
)
def test_a_code_belongs_to_its_priority_areas(code: str, standard: Standard, area: str, level: str) -> None:
    assert area_levels(code, standard)[area] == level


def test_a_coach_company_is_not_a_platform_taxi_though_the_older_digits_agree() -> None:
    assert "new_forms_of_organisation" not in area_levels("49.320", NEW)


@pytest.mark.parametrize(
    ("code", "facts", "area", "belongs"),
    [
        ("87.991", {"form": "AS"}, "private_child_welfare", True),
        ("87.991", {"form": "KOMM"}, "private_child_welfare", False),
        ("87.991", {"form": "AS", "sector_code": "6500"}, "private_child_welfare", False),
        ("88.991", {"form": "KOMM"}, "child_welfare_service", True),
        ("88.991", {"form": "AS"}, "child_welfare_service", False),
        ("88.991", {}, "child_welfare_service", False),
        ("85.201", {"form": "ORGL"}, "municipalities", True),
        ("41.000", {"place": "03"}, "unlawful_hiring", True),
        ("41.000", {"place": "50"}, "unlawful_hiring", False),
        ("78.200", {"place": "50"}, "unlawful_hiring", True),  # lenders belong wherever they are
    ],
)
def test_an_area_may_ask_for_more_than_the_code(code: str, facts: dict[str, str], area: str, belongs: bool) -> None:
    assert (area in area_levels(code, **facts)) is belongs


def test_there_are_seventeen_areas_in_2026_and_none_in_2025() -> None:
    assert len(priority_areas.areas(IN_2026)) == 17
    assert priority_areas.areas(date(2025, 12, 31)) == ()
    assert len({area.id for area in priority_areas.areas(IN_2026)}) == 17


@pytest.mark.parametrize(
    ("code", "standard", "to", "expected"),
    [
        ("88.911", OLD, NEW, ("85.100",)),
        ("87.901", OLD, NEW, ("87.991",)),
        ("45.200", OLD, NEW, ("95.31",)),
        ("78.300", OLD, NEW, ("78.2",)),
        ("43.990", OLD, NEW, ("43.420", "43.500", "43.990")),
        ("41.109", OLD, NEW, ("68.12",)),
        ("96.020", OLD, NEW, ("96.210",)),
        ("55.100", NEW, OLD, ("55.101", "55.102")),
        ("49.330", NEW, OLD, ("49.320",)),
        ("01.110", OLD, NEW, ()),  # no pair is known
        ("49.320", OLD, OLD, ("49.320",)),
    ],
)
def test_codes_are_translated_by_activity_and_not_by_digits(
    code: str, standard: Standard, to: Standard, expected: tuple[str, ...]
) -> None:
    assert industry_pairs.translate(IndustryCode(code, standard), to) == expected


def test_a_minimum_rate_begins_on_its_day() -> None:
    assert minimum_rates.rates("building", date(2025, 6, 15))["unskilled"] == 239.61
    assert minimum_rates.rates("building", date(2025, 6, 14)) == {}
    assert minimum_rates.rates("no such sector", date(2025, 6, 15)) == {}


def test_control_points_have_a_topic() -> None:
    points = ("BHT-05", "HMS-20", "INN-01", "AKR-08", "OLD-1")
    assert [control_points.topic_of(p) for p in points] == ["bht", "working_environment", "hiring", "crime", None]
    assert control_points.prefix("hiring") == "INN-"
    assert control_points.point_title("BHT-01", "en") == "Agreement with an approved service"
    assert control_points.point_title("HMS-01", "nb") == "HMS-01"


def test_there_are_fifteen_counties_each_on_its_own_tile() -> None:
    assert len(counties.counties()) == len({(one.row, one.column) for one in counties.counties()}) == 15


def test_a_division_has_the_section_of_its_own_standard() -> None:
    letters = {
        (standard, code): section.letter if (section := sections.section_of(IndustryCode(code, standard))) else None
        for standard, code in [(OLD, "45.200"), (NEW, "45.200"), (OLD, "86.101"), (NEW, "86.101")]
    }
    assert letters == {(OLD, "45.200"): "G", (NEW, "45.200"): None, (OLD, "86.101"): "Q", (NEW, "86.101"): "R"}


def test_pacing_rules_have_a_first_day() -> None:
    assert thresholds.pacing(IN_2026).any_topic_months == 12
    with pytest.raises(BadInputError, match="pacing rules"):
        thresholds.pacing(date(2015, 12, 31))


def test_a_parameter_file_with_an_unknown_key_is_refused() -> None:
    class Nothing(Parameter):
        title: str

    with pytest.raises(BadInputError, match=r"counties\.toml"):
        read("counties.toml", Nothing)
