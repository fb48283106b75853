from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from targeting.domain import BadInputError
from targeting.sources.reading import Batch, Quarantined
from targeting.sources.tilda import read_reports
from targeting.sources.tilda_coordination import read_coordination
from tests.lib.schema_payloads import Payloads
from tests.lib.small_country import number

_KNOWN_ON = date(2026, 6, 30)


def _report(**parts: Any) -> dict[str, Any]:
    return {
        "tildaenhet": number(1),
        "ansvarligTilsynsmyndighet": number(2),
        "tilsynsegenskaper": {"internTilsynsid": "T1", "uanmeldttilsyn": "ja", "tilsynsstatus": "lukket"},
        "utfoerteTilsynsaktiviteter": [{"startdatoForTilsynsaktivitet": "2026-04-26T11:18:02.06+02:00"}],
    } | parts


def _written(folder: Path, content: object) -> Path:
    path = folder / "tilda.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _rows(batches: Iterable[Batch]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for batch in batches:
        rows.setdefault(batch.table.about.name, []).extend(batch.rows.to_pylist())
    return rows


def _refused(batches: Iterable[Batch]) -> list[Quarantined]:
    return [refusal for batch in batches for refusal in batch.quarantined]


def _check_counts(batches: Iterable[Batch]) -> None:
    assert all(batch.read == len(batch.rows) + len(batch.quarantined) for batch in batches)


def test_a_report_gives_an_inspection_and_for_each_breach_a_finding_and_a_reaction(tmp_path: Path) -> None:
    breaches = [
        {
            "bruddOgReaksjonsreferanse": 7,
            "lovparagraf": "aml. § 3-3",
            "reaksjonsdato": "2026-05-01T00:00:00",
            "alvorsgrad": {"utmaaltReaksjonstype": "Vedtak om tvangsmulkt", "utmaaltReaksjonsverdi": 5000},
        },
        {"lovparagraf": "aml. § 3-3", "alvorsgrad": {"utmaaltReaksjonstype": "Samtale", "utmaaltReaksjonsverdi": 1}},
    ]

    rows = _rows(
        read_reports(
            _written(tmp_path, {"tilsynsrapporter": [_report(bruddOgReaksjoner=breaches)]}), known_on=_KNOWN_ON
        )
    )

    (inspection,) = rows["inspections"]
    assert (inspection["inspection"], inspection["establishment"], inspection["authority"]) == (
        "T1",
        number(1),
        number(2),
    )
    assert (inspection["occurred_on"], inspection["known_on"]) == (date(2026, 4, 26), _KNOWN_ON)
    assert (inspection["form"], inspection["status"], inspection["origin"]) == ("unannounced", "lukket", None)
    assert [(row["control_point"], row["answer"]) for row in rows["findings"]] == [
        ("aml. § 3-3", "breach"),
        ("aml. § 3-3 2", "breach"),
    ]
    assert [(row["reference"], row["kind"], row["amount"], row["occurred_on"]) for row in rows["reactions"]] == [
        ("7", "coercive_fine", 5000.0, date(2026, 5, 1)),
        ("2", None, None, None),
    ]


def test_a_report_without_breaches_gives_no_answer_at_all(tmp_path: Path) -> None:
    assert set(_rows(read_reports(_written(tmp_path, _report()), known_on=_KNOWN_ON))) == {"inspections"}


@pytest.mark.parametrize(
    "wrap", [lambda report: {"status": "ok", "tilsynsrapporter": [report, None]}, lambda report: [report]]
)
def test_envelope_bare_object_and_array_are_read_alike(tmp_path: Path, wrap: Any) -> None:
    bare = _rows(read_reports(_written(tmp_path, _report()), known_on=_KNOWN_ON))

    assert _rows(read_reports(_written(tmp_path, wrap(_report())), known_on=_KNOWN_ON)) == bare


@pytest.mark.parametrize("content", [{"status": "ikkeFunnet", "tilsynsrapporter": None}, {"tilsynsrapporter": []}])
def test_an_answer_without_reports_is_an_empty_delivery(tmp_path: Path, content: object) -> None:
    assert list(read_reports(_written(tmp_path, content), known_on=_KNOWN_ON)) == []


@pytest.mark.parametrize(
    "content", [{"status": "feil", "statustekst": "nede"}, {"trendrapporter": []}, [1], {"tilsynsrapporter": {}}]
)
def test_anything_else_is_refused_as_a_whole(tmp_path: Path, content: object) -> None:
    with pytest.raises(BadInputError):
        list(read_reports(_written(tmp_path, content), known_on=_KNOWN_ON))


def test_people_and_free_notes_never_reach_a_row(tmp_path: Path) -> None:
    secret = "Kari Kontaktperson"
    report = _report(
        kontaktpunkt=[{"kontaktperson": secret}],
        tilsynsnotater=secret,
        anmerkninger=[{"anmerkning": secret}],
        bruddOgReaksjoner=[{"lovparagraf": "§ 1", "utredningAvBruddOgReaksjon": secret}],
    )
    report["utfoerteTilsynsaktiviteter"][0] |= {
        "observasjonFraTilsynsaktivitet": secret,
        "meldingTilAnnenMyndighet": [{"meldingsinnholdTilAnnenMyndighet": secret}],
    }

    batches = list(read_reports(_written(tmp_path, report), known_on=_KNOWN_ON))

    assert sum(len(batch.rows) for batch in batches) == 1 + 1 + 1
    assert secret not in str([batch.rows.to_pylist() for batch in batches])


@pytest.mark.parametrize(
    ("parts", "column", "got"),
    [
        ({"tildaenhet": "123456789"}, "tildaenhet", "'123456789'"),
        ({"tildaenhet": None}, "tildaenhet", "nothing"),
        ({"ansvarligTilsynsmyndighet": "1"}, "ansvarligTilsynsmyndighet", "'1'"),
        ({"utfoerteTilsynsaktiviteter": None}, "startdatoForTilsynsaktivitet", "no activity with a start date"),
        (
            {"utfoerteTilsynsaktiviteter": [{"startdatoForTilsynsaktivitet": "0001-01-01T00:00:00"}]},
            "startdatoForTilsynsaktivitet",
            "no activity with a start date",
        ),
        (
            {"utfoerteTilsynsaktiviteter": [{"startdatoForTilsynsaktivitet": "2026-07-01T00:00:00"}]},
            "startdatoForTilsynsaktivitet",
            "2026-07-01",
        ),
        ({"tilsynsegenskaper": {"tilsynsstatus": "ferdig"}}, "tilsynsegenskaper.tilsynsstatus", "'ferdig'"),
        ({"tilsynsegenskaper": {"tilsynstema": 4}}, "tilsynsegenskaper.tilsynstema", "'4'"),
        ({"bruddOgReaksjoner": "ingen"}, "bruddOgReaksjoner", "'ingen'"),
    ],
)
def test_a_report_that_cannot_be_one_is_refused_by_its_path(
    tmp_path: Path, parts: dict[str, Any], column: str, got: str
) -> None:
    batches = list(read_reports(_written(tmp_path, _report(**parts)), known_on=_KNOWN_ON))

    assert [(refusal.column, refusal.got) for refusal in _refused(batches)] == [(column, got)]


def test_the_breaches_of_a_refused_report_are_refused_with_it(tmp_path: Path) -> None:
    report = _report(tildaenhet="123456789", bruddOgReaksjoner=[{"lovparagraf": "§ 1"}])

    batches = list(read_reports(_written(tmp_path, report), known_on=_KNOWN_ON))

    _check_counts(batches)
    assert [refusal.column for refusal in _refused(batches)] == ["tildaenhet", "bruddOgReaksjoner", "bruddOgReaksjoner"]


def test_a_report_without_an_id_gets_one_from_what_it_says(tmp_path: Path) -> None:
    (row,) = _rows(read_reports(_written(tmp_path, _report(tilsynsegenskaper=None)), known_on=_KNOWN_ON))["inspections"]

    assert row["inspection"] == f"{number(2)}/{number(1)}/2026-04-26"


@pytest.mark.parametrize(
    ("text", "origin"),
    [("Stikkprøve, tilfeldig valgt", "random"), ("Bekymring og tips", "tip"), ("Årlig", "other"), ("", None)],
)
def test_how_an_inspection_was_chosen_is_told_from_the_words_of_free_text(
    tmp_path: Path, text: str, origin: str | None
) -> None:
    report = _report(tilsynsegenskaper={"tilsynsutvelgelse": text})

    (row,) = _rows(read_reports(_written(tmp_path, report), known_on=_KNOWN_ON))["inspections"]

    assert row["origin"] == origin


def test_a_coordination_gives_what_is_open_and_each_planned_control(tmp_path: Path) -> None:
    coordination = {
        "tildaenhet": number(1),
        "ansvarligtilsynsmyndighet": number(2),
        "aapnetilsyn": 2,
        "planlagteKontroller": [
            {"planlagtkontrolldato": "2026-08-18T11:18:02.16+02:00", "tilsynstema": "Brann"},
            {"planlagtkontrolldato": "0001-01-01T00:00:00"},
        ],
        "tilsynskampanjer": [{"kampanjenavn": "Sommer"}],
    }

    rows = _rows(read_coordination(_written(tmp_path, {"tilsynskoordineringer": [coordination]}), known_on=_KNOWN_ON))

    assert [
        (row["reference"], row["status"], str(row["planned_on"]), row["topic"], row["campaign"])
        for row in rows["coordination"]
    ] == [
        ("1", "open", "None", None, "Sommer"),
        ("1/1", "planned", "2026-08-18", "Brann", "Sommer"),
        ("1/2", "planned", "None", None, "Sommer"),
    ]


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({}, "unknown"),
        ({"aapnetilsyn": 0}, "unknown"),
        ({"aapnetilsyn": 1}, "open"),
        ({"tilsynsstatus": "avbrutt"}, "aborted"),
    ],
)
def test_a_coordination_without_plans_still_gives_its_status(
    tmp_path: Path, parts: dict[str, Any], status: str
) -> None:
    coordination = {"tildaenhet": number(1), "ansvarligtilsynsmyndighet": number(2)} | parts

    (row,) = _rows(read_coordination(_written(tmp_path, coordination), known_on=_KNOWN_ON))["coordination"]

    assert (row["reference"], row["status"]) == ("1", status)


def test_the_public_examples_hold_invalid_numbers_and_say_so(shared_data: Path) -> None:
    folder = shared_data / "norway"
    reports = list(read_reports(folder / "tilda_eksempel_tilsynsrapporter.json", known_on=_KNOWN_ON))
    coordinations = list(read_coordination(folder / "tilda_eksempel_tilsynskoordineringer.json", known_on=_KNOWN_ON))

    _check_counts(reports + coordinations)
    assert _refused(reports)[0].column == "tildaenhet"
    assert [refusal.column for refusal in _refused(coordinations)] == ["ansvarligtilsynsmyndighet"]


_MADE = {
    "tildaenhet": lambda rng: number(rng.randrange(300)),
    "ansvarligTilsynsmyndighet": lambda rng: number(rng.randrange(300, 304)),
    "ansvarligtilsynsmyndighet": lambda rng: number(rng.randrange(300, 304)),
    "internTilsynsid": lambda rng: f"T{rng.randrange(10**6)}",
    "kommunenummer": lambda rng: rng.choice(("0301", "4601", None)),
}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["tilsynsrapporter", "tilsynskoordineringer"])
def test_whatever_tilda_s_schema_allows_is_read_or_refused_with_a_reason(
    tmp_path: Path, shared_data: Path, name: str, seed: int
) -> None:
    schema = json.loads((shared_data / "norway" / "skjema" / f"tilda_{name}_schema.json").read_text())
    payloads = Payloads(schema, seed, _MADE)
    content = {name: [payloads.draw(schema["properties"][name]["items"]) for _ in range(60)]}
    jsonschema.Draft7Validator(schema).validate(content)
    read = read_reports if name == "tilsynsrapporter" else read_coordination

    batches = list(read(_written(tmp_path, content), known_on=_KNOWN_ON))

    _check_counts(batches)
    assert sum(len(batch.rows) for batch in batches) > 20
    assert {refusal.column for refusal in _refused(batches)} <= {"startdatoForTilsynsaktivitet", "bruddOgReaksjoner"}
