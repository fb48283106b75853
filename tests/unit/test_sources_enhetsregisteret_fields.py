"""Each field of the register lands in its column, and says nothing that was not said."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from targeting.domain import Standard
from targeting.sources.enhetsregisteret_fields import ENTERPRISE, ESTABLISHMENT, Stamp, standard_on
from targeting.sources.reading import RowError, table_rows
from tests.lib.register_payloads import deleted_unit, main_unit, organisation_number, sub_unit

STAMP = Stamp(date(2024, 2, 1), 0, Standard.SN2007)
NUMBER, PARENT = organisation_number(0), organisation_number(0, "2")


def _establishment(**changes: Any) -> dict[str, object]:
    row = ESTABLISHMENT.row(sub_unit(**changes), STAMP)
    assert list(row) and table_rows(ESTABLISHMENT.table, [row]).num_rows == 1
    return row


def _enterprise(**changes: Any) -> dict[str, object]:
    row = ENTERPRISE.row(main_unit(**changes), STAMP)
    assert table_rows(ENTERPRISE.table, [row]).num_rows == 1
    return row


def test_a_sub_unit_fills_every_column_of_establishments() -> None:
    row = _establishment(datoEierskifte="2020-01-01", nedleggelsesdato="2025-01-01", naeringskode2={"kode": "56.101"})
    assert row == {
        "establishment": NUMBER,
        "enterprise": PARENT,
        "known_on": date(2024, 2, 1),
        "version": 0,
        "status": "living",
        "name": "SYNTETISK VERKSTED",
        "form": "BEDR",
        "industry_code": "45.200",
        "industry_standard": "SN2007",
        "industry_code_2": "56.101",
        "industry_code_3": None,
        "auxiliary_code": None,
        "employees": 12,
        "employees_registered": True,
        "municipality": "0301",
        "postal_code": "0122",
        "address": "Bryggen 1",
        "country": "NO",
        "registered_on": date(2017, 10, 20),
        "started_on": date(2017, 9, 1),
        "ceased_on": date(2025, 1, 1),
        "ownership_changed_on": date(2020, 1, 1),
        "vat_registered": True,
        "extra": None,
    }
    assert set(row) == set(ESTABLISHMENT.table.columns())


def test_a_main_unit_fills_every_column_of_enterprises() -> None:
    row = _enterprise(erIKonsern=True, fravalgRevisjonDato="2021-05-01", overordnetEnhet=NUMBER)
    assert set(row) == set(ENTERPRISE.table.columns())
    assert (row["enterprise"], row["parent"]) == (PARENT, NUMBER)
    assert (row["address"], row["postal_code"], row["municipality"]) == ("c/o Regnskap AS, Torget 2", "5003", "4601")
    assert (row["sector_code"], row["founded_on"], row["last_accounts_year"]) == ("2100", date(2010, 2, 1), 2024)
    assert (row["in_group"], row["audit_waived_on"], row["business_registered"]) == (True, date(2021, 5, 1), True)
    assert (row["bankrupt"], row["bankrupt_on"], row["winding_up"]) == (False, None, False)
    assert row["extra"] is None


@pytest.mark.parametrize(
    ("count", "registered", "band"),
    [
        (12, True, (12, True)),
        (5, True, (5, True)),
        (..., True, (None, True)),
        (..., False, (None, False)),
        (..., ..., (None, None)),
        (3, True, (None, True)),
        (3, ..., (None, True)),
        (0, ..., (None, False)),
        (0, False, (None, False)),
        (12.0, True, (12, True)),
        ("12", "true", (12, True)),
    ],
)
def test_a_missing_count_is_a_band_and_never_zero(count: object, registered: object, band: tuple[object, ...]) -> None:
    row = _establishment(antallAnsatte=count, harRegistrertAntallAnsatte=registered)
    assert (row["employees"], row["employees_registered"]) == band


@pytest.mark.parametrize(
    ("day", "standard"), [(date(2025, 8, 31), Standard.SN2007), (date(2025, 9, 1), Standard.SN2025)]
)
def test_the_register_turned_to_sn2025_in_september_2025(day: date, standard: Standard) -> None:
    assert standard_on(day) is standard


@pytest.mark.parametrize("code", [..., None, {"kode": "00.000", "beskrivelse": "Uoppgitt"}, {"beskrivelse": "?"}])
def test_no_industry_has_no_standard(code: object) -> None:
    row = _establishment(naeringskode1=code)
    assert (row["industry_code"], row["industry_standard"]) == (None, None)


def test_a_second_code_alone_still_has_a_standard() -> None:
    row = _establishment(naeringskode1=..., naeringskode2={"kode": "56.101"})
    assert (row["industry_code"], row["industry_standard"]) == (None, "SN2007")


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["Bryggen 1", None, None], "Bryggen 1"),
        ([None, " ", ""], None),
        ([], None),
        (None, None),
        ("c/o Ole/nBryggen 1", "c/o Ole, Bryggen 1"),
    ],
)
def test_address_lines_are_joined_without_the_empty_ones(lines: object, address: str | None) -> None:
    assert _establishment(beliggenhetsadresse={"adresse": lines})["address"] == address


def test_no_address_is_no_address() -> None:
    row = _establishment(beliggenhetsadresse=...)
    assert (row["address"], row["municipality"], row["country"]) == (None, None, None)


def test_the_postal_address_does_not_stand_in_for_the_location() -> None:
    row = _establishment(beliggenhetsadresse=..., postadresse={"postnummer": "0101", "kommunenummer": "0301"})
    assert row["municipality"] is None
    assert json.loads(str(row["extra"]))["postadresse"]["postnummer"] == "0101"


@pytest.mark.parametrize("form", ["BEDR", "AAFY"])
def test_a_deleted_sub_unit_ceased_the_day_it_was_deleted(form: str) -> None:
    row = ESTABLISHMENT.row(deleted_unit(form=form), STAMP)
    assert (row["status"], row["ceased_on"], row["industry_standard"]) == ("deleted", date(2026, 2, 3), None)
    assert (row["employees"], row["employees_registered"], row["extra"]) == (None, None, None)


def test_a_deleted_main_unit_keeps_the_day_in_extra() -> None:
    row = ENTERPRISE.row(deleted_unit(PARENT, form="AS"), STAMP)
    assert (row["status"], row["extra"]) == ("deleted", '{"slettedato":"2026-02-03"}')


def test_a_unit_that_closed_before_it_was_deleted_ceased_when_it_closed() -> None:
    row = ESTABLISHMENT.row(deleted_unit() | {"nedleggelsesdato": "2025-12-31"}, STAMP)
    assert row["ceased_on"] == date(2025, 12, 31)


def test_every_ground_of_dissolution_is_read_and_the_first_day_counts() -> None:
    row = _enterprise(
        underTvangsavviklingEllerTvangsopplosning=True,
        tvangsopplostPgaManglendeDagligLederDato="2024-05-01",
        tvangsopplostPgaManglendeRevisorDato="2024-04-01",
        tvangsopplostPgaManglendeRegnskapDato="2024-03-01",
        tvangsopplostPgaMangelfulltStyreDato="2024-02-01",
        tvangsavvikletPgaManglendeSlettingDato="2024-06-01",
    )
    assert row["dissolution_warned_on"] == date(2024, 2, 1)
    assert row["dissolution_grounds"] == "manager,auditor,accounts,board,deletion"
    assert row["compulsory_dissolution"] is True
    assert row["extra"] is None


def test_no_ground_is_no_warning() -> None:
    assert (_enterprise()["dissolution_warned_on"], _enterprise()["dissolution_grounds"]) == (None, None)


def test_unknown_keys_are_kept_sorted_and_compact() -> None:
    row = _enterprise(
        nytt={"b": 1, "a": [None, "x"]}, historiskeNavn=[{"navn": "GAMMELT AS"}], tomt="", ingen=[], antall=0
    )
    assert row["extra"] == '{"antall":0,"historiskeNavn":[{"navn":"GAMMELT AS"}],"nytt":{"a":["x"],"b":1}}'


def test_what_is_new_inside_a_known_object_is_kept() -> None:
    row = _establishment(beliggenhetsadresse={"kommunenummer": "0301", "bruksenhet": "H0101"})
    assert row["extra"] == '{"beliggenhetsadresse":{"bruksenhet":"H0101"}}'


def test_extra_is_json_whatever_the_number() -> None:
    row = _enterprise(nytt=json.loads("[1e999, -1e999, 1.5]"))
    assert row["extra"] == '{"nytt":["inf","-inf",1.5]}'


def test_contact_fields_are_never_imported_at_any_depth() -> None:
    contact = {"epostadresse": "a@b.no", "telefon": "1", "mobil": "2", "hjemmeside": "c.no", "Telefon": "3"}
    row = _enterprise(**contact, utenlandskRegisterAdresse={"land": "SE", **contact}, paategninger=[contact])
    assert row["extra"] == '{"utenlandskRegisterAdresse":{"land":"SE"}}'


def test_links_and_monthly_bookkeeping_days_are_left_out() -> None:
    row = _establishment(_links={"self": {"href": "x"}}, registreringsdatoAntallAnsatteNAVAaregisteret="2026-03-10")
    assert row["extra"] is None


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"organisasjonsnummer": NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)}, "organisasjonsnummer", "check digit"),
        ({"organisasjonsnummer": ...}, "organisasjonsnummer", "check digit"),
        ({"organisasjonsnummer": 123}, "organisasjonsnummer", "text"),
        ({"overordnetEnhet": "123"}, "overordnetEnhet", "check digit"),
        ({"naeringskode1": {"kode": "45.2"}}, "naeringskode1.kode", "NN.NNN"),
        ({"naeringskode1": "45.200"}, "naeringskode1", "an object"),
        ({"oppstartsdato": "2023-02-29"}, "oppstartsdato", "a date that exists"),
        ({"oppstartsdato": "20230201"}, "oppstartsdato", "a date that exists"),
        ({"antallAnsatte": -1}, "antallAnsatte", "a whole number"),
        ({"antallAnsatte": 7.5}, "antallAnsatte", "a whole number"),
        ({"antallAnsatte": True}, "antallAnsatte", "a whole number"),
        ({"harRegistrertAntallAnsatte": "ja"}, "harRegistrertAntallAnsatte", "true or false"),
        ({"harRegistrertAntallAnsatte": 1}, "harRegistrertAntallAnsatte", "true or false"),
        ({"beliggenhetsadresse": {"kommunenummer": "301"}}, "beliggenhetsadresse.kommunenummer", "four digits"),
        ({"beliggenhetsadresse": {"adresse": [1]}}, "beliggenhetsadresse.adresse", "lines of text"),
        ({"organisasjonsform": {"kode": "AS"}}, "organisasjonsform.kode", "BEDR or AAFY"),
        ({"navn": ["A"]}, "navn", "text"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_column(changes: dict[str, Any], column: str, expected: str) -> None:
    with pytest.raises(RowError) as refused:
        ESTABLISHMENT.row(sub_unit(**changes), STAMP)
    assert refused.value.column == column
    assert expected in refused.value.expected


def test_a_sub_unit_among_main_units_is_refused() -> None:
    with pytest.raises(RowError, match="the form of a main unit"):
        ENTERPRISE.row(main_unit(organisasjonsform={"kode": "BEDR"}), STAMP)
    with pytest.raises(RowError, match="a year of four digits"):
        ENTERPRISE.row(main_unit(sisteInnsendteAarsregnskap="24"), STAMP)
