from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from targeting.domain import BadInputError
from targeting.sources.regnskapsregisteret import read_accounts
from tests.lib.schema_payloads import Payloads
from tests.lib.small_country import number

_KNOWN_ON = date(2026, 6, 17)


def _account(enterprise: str, **parts: Any) -> dict[str, Any]:
    return {
        "regnskapstype": "SELSKAP",
        "virksomhet": {"organisasjonsnummer": enterprise},
        "regnskapsperiode": {"fraDato": "2024-07-01", "tilDato": "2025-06-30"},
        "valuta": "NOK",
    } | parts


def _read(folder: Path, content: object) -> tuple[list[dict[str, Any]], list[str]]:
    path = folder / "regnskap_2026-06-17.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    batches = list(read_accounts(path, known_on=_KNOWN_ON))
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    refused = [refusal for batch in batches for refusal in batch.quarantined]
    assert sum(batch.read for batch in batches) == len(rows) + len(refused)
    return rows, [f"{refusal.line} {refusal.column}: {refusal.got}" for refusal in refused]


def test_a_number_that_was_not_reported_is_null_and_a_zero_is_zero(tmp_path: Path) -> None:
    holding = {"resultatregnskapResultat": {"driftsresultat": {"driftsinntekter": {}, "driftsresultat": 0}}}

    (row,), refused = _read(tmp_path, [_account(number(1), **holding)])

    assert refused == []
    assert (row["revenue"], row["operating_result"], row["equity"]) == (None, 0.0, None)


def test_the_year_is_the_one_the_period_ends_in_and_the_currency_is_kept(tmp_path: Path) -> None:
    (row,), _ = _read(tmp_path, [_account(number(1), valuta="USD", regnskapstype="KONSERN")])

    assert (row["year"], row["currency"], row["kind"], row["known_on"]) == (2025, "USD", "group", _KNOWN_ON)


def test_every_amount_of_the_table_is_found_under_the_service_s_own_spelling(tmp_path: Path) -> None:
    account = _account(
        number(1),
        avviklingsregnskap=False,
        revisjon={"fravalgRevisjon": True},
        egenkapitalGjeld={
            "egenkapital": {"sumEgenkapital": 1},
            "gjeldOversikt": {"sumGjeld": 2, "kortsiktigGjeld": {"sumKortsiktigGjeld": 3}},
        },
        eiendeler={"sumEiendeler": 4, "omloepsmidler": {"sumOmloepsmidler": 5}},
        resultatregnskapResultat={
            "aarsresultat": -6,
            "driftsresultat": {
                "driftsresultat": 7.5,
                "driftsinntekter": {"sumDriftsinntekter": 72_000_000_000},
                "driftskostnad": {"loennskostnad": 9, "sumDriftskostnad": 10},
            },
        },
    )

    (row,), _ = _read(tmp_path, [account])

    assert {name: value for name, value in row.items() if isinstance(value, float | bool)} == {
        "revenue": 72e9,
        "operating_costs": 10,
        "payroll": 9,
        "operating_result": 7.5,
        "annual_result": -6,
        "equity": 1,
        "assets": 4,
        "current_assets": 5,
        "debt": 2,
        "current_debt": 3,
        "audit_waived": True,
        "liquidation": False,
    }


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ({"valuta": "valutakode"}, "1 valuta: 'valutakode'"),
        ({"regnskapstype": None}, "1 regnskapstype: nothing"),
        ({"regnskapsperiode": {}}, "1 regnskapsperiode.tilDato: nothing"),
        ({"eiendeler": {"sumEiendeler": "mye"}}, "1 eiendeler.sumEiendeler: 'mye'"),
        ({"eiendeler": 5}, "1 eiendeler.sumEiendeler: '5'"),
        ({"avviklingsregnskap": 1}, "1 avviklingsregnskap: '1'"),
    ],
)
def test_an_account_that_cannot_be_one_is_refused_by_its_path(
    tmp_path: Path, parts: dict[str, Any], refusal: str
) -> None:
    assert _read(tmp_path, [_account(number(1), **parts)]) == ([], [refusal])


def test_a_repeated_account_and_a_repeated_key_are_refused(tmp_path: Path) -> None:
    account = json.dumps(_account(number(1)))
    twice = account.replace('"valuta": "NOK"', '"valuta": "NOK", "valuta": "USD"').replace(number(1), number(2))

    rows, refused = _read(tmp_path, f"[{account}, {account}, {twice}]")

    assert len(rows) == 1
    assert refused == ["2 None: the same again, first on line 1", "3 None: the key 'valuta' twice"]


def test_the_answer_for_one_enterprise_and_a_gzipped_file_are_read_alike(tmp_path: Path) -> None:
    one = tmp_path / "one.json"
    one.write_text(json.dumps(_account(number(1))))
    zipped = tmp_path / "all.json.gz"
    zipped.write_bytes(gzip.compress(json.dumps([_account(number(1))]).encode()))

    assert [len(batch.rows) for path in (one, zipped) for batch in read_accounts(path, known_on=_KNOWN_ON)] == [1, 1]


def test_a_page_that_is_not_json_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="expected a JSON array or object"):
        _read(tmp_path, "<html>Ikke tilgjengelig</html>")


def test_the_public_example_has_an_invalid_number_and_says_so(shared_data: Path) -> None:
    (batch,) = read_accounts(shared_data / "norway" / "regnskap_eksempel.json", known_on=_KNOWN_ON)

    (refusal,) = batch.quarantined
    assert (batch.read, refusal.line, refusal.column) == (1, 1, "virksomhet.organisasjonsnummer")
    assert refusal.got == "'123456789'"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_service_s_schema_allows_is_read_or_refused_with_a_reason(
    tmp_path: Path, shared_data: Path, seed: int
) -> None:
    document = yaml.safe_load((shared_data / "norway" / "skjema" / "regnskapsregister.yaml").read_text())
    payloads = Payloads(
        document,
        seed,
        {
            "organisasjonsnummer": lambda rng: number(rng.randrange(500)),
            "valuta": lambda rng: rng.choice(("NOK", "EUR")),
        },
    )
    accounts = [payloads.draw({"$ref": "#/components/schemas/Regnskap"}) for _ in range(200)]

    rows, refused = _read(tmp_path, accounts)

    assert len(rows) + len(refused) == 200
    assert len(rows) > 20
    reasons = {line.split(" ", 1)[1] for line in refused}
    assert reasons <= {
        "virksomhet.organisasjonsnummer: nothing",
        "regnskapsperiode.tilDato: nothing",
        "regnskapstype: nothing",
    } | {reason for reason in reasons if "the same again" in reason}
