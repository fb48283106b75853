"""§ 13-1 of the regulation on organisation, leadership and participation, sentence by sentence."""

from datetime import date, timedelta

import pytest

from targeting.domain import (
    AsOf,
    BadInputError,
    Dispensation,
    EmployeeBand,
    EstablishmentFacts,
    IndustryCode,
    Standard,
)
from targeting.parameters.bht_duty import answer, duty

NEW_LIST = date(2025, 10, 7)
DAY_BEFORE = NEW_LIST - timedelta(days=1)
OLD = Standard.SN2007
NEW = Standard.SN2025

# code | the statute's sentence | answer
IN_THE_2025_LIST = """
02.100 | forestry is listed as a whole division                                  | yes
03.110 | fishing at sea is not listed                                            | no
03.212 | aquaculture is listed                                                   | yes
03.300 | services to fishing and aquaculture: only the aquaculture part          | conditional
01.110 | agriculture is not listed                                               | no
06.100 | extraction of oil and gas is not listed                                 | no
09.100 | services to oil and gas extraction are not listed                       | no
09.900 | services to other mining are listed                                     | yes
10.110 | food production is listed as a whole division                           | yes
18.110 | printing is listed                                                      | yes
18.200 | reproduction of recordings is not                                       | no
26.510 | measuring instruments are listed                                        | yes
26.520 | clocks and watches are not                                              | no
32.300 | sports goods: only the rubber and plastic part                          | conditional
32.400 | games and toys: only the rubber and plastic part                        | conditional
32.500 | medical and dental instruments are listed                               | yes
32.990 | other manufacturing is listed                                           | yes
35.230 | trade of gas through mains is listed                                    | yes
35.240 | storage of gas is not                                                   | no
41.000 | erection of buildings is listed                                         | yes
43.410 | roofing is listed                                                       | yes
43.600 | intermediation of building work is not                                  | no
46.870 | wholesale of waste and scrap is listed                                  | yes
46.310 | other wholesale is not                                                  | no
47.110 | retail is not listed                                                    | no
49.330 | transport on demand is listed with all land transport                   | yes
49.320 | transport without timetable is listed with all land transport           | yes
50.101 | sea transport is not listed                                             | no
52.100 | storage is not listed                                                   | no
52.210 | services to land transport are listed                                   | yes
52.220 | services to sea transport are listed except rescue                      | conditional
52.250 | logistics is not listed                                                 | no
53.200 | post and courier services are listed                                    | yes
53.300 | intermediation of post and courier services is not                      | no
55.100 | hotels are listed                                                       | yes
55.200 | hostels and holiday homes are not                                       | no
55.300 | camping sites are not                                                   | no
56.110 | restaurants are listed                                                  | yes
56.120 | mobile food stands are not                                              | no
56.210 | event catering is not                                                   | no
56.220 | canteens are listed, other catering is not                              | conditional
56.300 | bars are listed                                                         | yes
62.100 | programming is not listed                                               | no
75.000 | veterinary services are listed                                          | yes
77.110 | hiring-out of motor vehicles is listed                                  | yes
78.200 | temporary-work agencies are not listed                                  | no
80.010 | private security is listed except investigation                         | conditional
80.090 | other security is listed                                                | yes
81.100 | combined facility services are not listed                               | no
81.210 | cleaning is listed                                                      | yes
81.300 | landscape care is not                                                   | no
84.110 | general public administration is not listed                             | no
84.220 | defence is not                                                          | no
84.230 | courts and prisons: only the prison service                             | conditional
84.240 | police and prosecution: only the police                                 | conditional
84.250 | fire service is listed                                                  | yes
85.100 | kindergartens are listed                                                | yes
85.201 | primary school is listed                                                | yes
85.610 | intermediation of courses is not                                        | no
85.691 | other services to education are listed                                  | yes
86.210 | general practice is listed                                              | yes
86.970 | intermediation of health services is not                                | no
87.910 | intermediation of residential care is not                               | no
87.991 | child-welfare institutions are listed                                   | yes
88.991 | the child welfare service is listed with all social services            | yes
91.300 | conservation of cultural heritage is listed                             | yes
91.211 | museums are not                                                         | no
95.230 | repair of footwear: only of rubber or plastic                           | conditional
95.240 | repair of furniture is listed                                           | yes
95.310 | repair of motor vehicles is listed with an exception                    | conditional
95.320 | repair of motorcycles is listed                                         | yes
96.100 | laundries are listed                                                    | yes
96.210 | hairdressers are listed                                                 | yes
96.220 | beauty care is not                                                      | no
96.230 | day spas are not                                                        | no
"""

# The list before, in the codes of that time.
IN_THE_OLDER_LIST = """
88.911 | kindergartens are listed with social services                           | yes
55.101 | hotels with a restaurant are listed                                     | yes
55.102 | hotels without a restaurant are listed                                  | yes
56.101 | restaurants are listed                                                  | yes
56.102 | street kitchens are not                                                 | no
56.290 | canteens are listed                                                     | yes
56.301 | pubs are listed                                                         | yes
45.200 | repair of motor vehicles is listed                                      | yes
45.403 | repair of motorcycles is listed                                         | yes
45.112 | sale of cars is not                                                     | no
52.221 | ports are listed                                                        | yes
52.222 | rescue service is not                                                   | no
78.200 | temporary-work agencies are not                                         | no
80.100 | private security is listed                                              | yes
80.300 | investigation is not                                                    | no
81.210 | cleaning is listed                                                      | yes
85.100 | pre-school teaching is listed with education                            | yes
49.320 | taxis are listed with land transport                                    | yes
88.994 | permanently adapted work is listed with social services                 | yes
96.020 | hairdressers are listed                                                 | yes
41.200 | erection of buildings is listed                                         | yes
"""


def rows(table: str) -> list[tuple[str, str, str]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.strip().splitlines()]  # type: ignore[misc]


@pytest.mark.parametrize(("code", "sentence", "expected"), rows(IN_THE_2025_LIST))
def test_the_list_of_7_october_2025(code: str, sentence: str, expected: str) -> None:
    assert answer(IndustryCode(code, NEW), NEW_LIST).answer == expected, sentence


@pytest.mark.parametrize(("code", "sentence", "expected"), rows(IN_THE_OLDER_LIST))
def test_the_older_list_until_6_october_2025(code: str, sentence: str, expected: str) -> None:
    assert answer(IndustryCode(code, OLD), DAY_BEFORE).answer == expected, sentence


def test_the_rule_set_is_the_one_of_the_day() -> None:
    code = IndustryCode("10.110", OLD)
    assert answer(code, DAY_BEFORE).rule_set == "bht-sn2007-2010"
    assert answer(code, NEW_LIST).rule_set == "bht-sn2025-2025-10-07"


def test_before_the_first_known_list_there_is_no_answer_to_give() -> None:
    with pytest.raises(BadInputError, match="2010-01-01"):
        answer(IndustryCode("10.110", OLD), date(2009, 12, 31))


@pytest.mark.parametrize(
    ("code", "standard", "on", "names"),
    [
        ("85.100", OLD, DAY_BEFORE, "85 Undervisning"),  # pre-school teaching
        ("85.100", NEW, NEW_LIST, "85.1 Førskoleundervisning og drift av barnehager"),
        ("88.911", OLD, NEW_LIST, "svarer til 85.100"),  # the kindergarten's code of yesterday
        ("49.320", OLD, NEW_LIST, "svarer til 49.330"),  # taxi
        ("49.320", NEW, DAY_BEFORE, "svarer til 49.392"),  # coach
        ("88.994", OLD, NEW_LIST, "svarer til 88.993"),  # permanently adapted work
        ("88.994", NEW, DAY_BEFORE, "svarer til 88.997"),  # services to vulnerable groups
    ],
)
def test_same_digits_are_read_in_their_own_standard(code: str, standard: Standard, on: date, names: str) -> None:
    found = answer(IndustryCode(code, standard), on)
    assert (found.answer, names in found.clause) == ("yes", True), found.clause


@pytest.mark.parametrize(
    ("code", "standard", "on", "expected"),
    [
        ("45.200", OLD, NEW_LIST, "conditional"),  # one pair, which the list carves out
        ("80.100", OLD, NEW_LIST, "conditional"),
        ("55.101", OLD, NEW_LIST, "yes"),
        ("95.320", NEW, DAY_BEFORE, "yes"),
        ("10.110", NEW, DAY_BEFORE, "yes"),  # no pair, but the whole division is listed in both
        ("62.010", OLD, NEW_LIST, "no"),  # no pair, and the whole division is in neither
        ("43.600", NEW, DAY_BEFORE, "conditional"),  # an activity that had no code before
        ("90.039", OLD, NEW_LIST, "no"),
        ("56.102", OLD, NEW_LIST, "conditional"),  # two successors with different answers
    ],
)
def test_a_code_of_the_other_standard_is_translated_or_left_open(
    code: str, standard: Standard, on: date, expected: str
) -> None:
    assert answer(IndustryCode(code, standard), on).answer == expected


def test_what_was_mapped_by_name_says_so() -> None:
    assert "ikke lest i forskriften" in answer(IndustryCode("81.210", OLD), DAY_BEFORE).clause
    assert "ikke lest i forskriften" not in answer(IndustryCode("10.110", OLD), DAY_BEFORE).clause
    assert "ikke lest i forskriften" not in answer(IndustryCode("81.210", NEW), NEW_LIST).clause


AS_OF = AsOf(date(2026, 1, 1))
CLEANING = (IndustryCode("81.210", NEW),)
OFFICE = (IndustryCode("70.200", NEW),)
TOYS = (IndustryCode("32.400", NEW),)
FIVE = EmployeeBand.of(True, 5)


@pytest.mark.parametrize(
    ("own", "parent", "expected", "basis"),
    [
        (CLEANING, OFFICE, "yes", "establishment"),
        (OFFICE, CLEANING, "yes", "enterprise"),  # the main activity covers all employees
        (TOYS, CLEANING, "yes", "enterprise"),
        (TOYS, OFFICE, "conditional", "establishment"),
        (OFFICE, TOYS, "conditional", "enterprise"),
        (OFFICE, OFFICE, "no", "none"),
        ((), CLEANING, "yes", "enterprise"),
        (CLEANING, (), "yes", "establishment"),
        ((), (), "no", "none"),
    ],
)
def test_the_main_activity_of_the_enterprise_counts_too(
    own: tuple[IndustryCode, ...], parent: tuple[IndustryCode, ...], expected: str, basis: str
) -> None:
    found = duty(EstablishmentFacts(own, parent, FIVE), AS_OF)
    assert (found.answer, found.basis) == (expected, basis)
    assert (found.why_not is None) == (expected != "no")


def test_municipal_kindergartens_have_the_duty_though_the_municipality_is_not_listed() -> None:
    facts = EstablishmentFacts((IndustryCode("85.100", NEW),), (IndustryCode("84.110", NEW),), FIVE, form="KOMM")
    found = duty(facts, AS_OF)
    assert (found.answer, found.basis) == ("yes", "establishment")
    assert found.by_enterprise is not None
    assert found.by_enterprise.answer == "no"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"employees": EmployeeBand.of(False, None)}, "no"),
        ({"employees": EmployeeBand.of(False, None), "form": "ENK"}, "no"),
        ({"employees": EmployeeBand.of(None, None)}, "yes"),  # unknown is not zero
        ({"employees": EmployeeBand.of(True, None)}, "yes"),  # 1-4: the list has no employee threshold
        ({"only_owner_works": True}, "no"),
        ({"only_owner_works": False}, "yes"),
        ({"dispensation": Dispensation.FULL}, "no"),
        ({"dispensation": Dispensation.PARTIAL}, "yes"),  # only a separate part is let off
    ],
)
def test_who_is_let_off_though_the_industry_is_listed(changes: dict[str, object], expected: str) -> None:
    facts = EstablishmentFacts(CLEANING, CLEANING, **({"employees": FIVE} | changes))  # type: ignore[arg-type]
    assert duty(facts, AS_OF).answer == expected


def test_the_code_written_in_the_lists_own_standard_is_preferred() -> None:
    both = (IndustryCode("80.100", OLD), IndustryCode("80.090", NEW))
    assert duty(EstablishmentFacts(both, (), FIVE), AS_OF).answer == "yes"
