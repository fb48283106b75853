"""Filters that mean what they say, a file that a spreadsheet opens safely, and looks that are in the ledger first."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Mapping
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from api.main import create_app
from targeting.domain import AsOf, IndustryCode, Quarter, Standard, Target
from targeting.ledger import Asked, Event, open_ledger, trail_of
from targeting.parameters.sections import section_of
from targeting.planning.permissions import Role
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, write_run
from tests.lib.published_run import OPEN_TARGETS, establishment_rows, publish, score_rows, sector_rows, target_run
from tests.lib.signed_in import development, log_in
from tests.lib.small_country import number

Facts = Mapping[str, Any]
AS_OF = date(2027, 1, 1)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "＝1+1")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    made = establishment_rows(random.Random(11), 240, AS_OF)
    for row, name in zip(made, FORMULAS, strict=False):
        row["name"], row["sole_proprietor"], row["form"] = f"{name} AS", False, "AS"
    made[10] |= {"quality_flags": ["employees_unknown"], "open_case": True, "other_authority_on": date(2027, 2, 1)}
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> Path:
    folder, rng = tmp_path_factory.mktemp("home"), random.Random(12)
    about = {target: target_run(target, "v1") for target in OPEN_TARGETS}
    scores = {one: pa.Table.from_pylist(score_rows(rng, rows, one, 1), schema=SCORES) for one in OPEN_TARGETS}
    tables = PublishedTables(
        establishments=pa.Table.from_pylist(rows, schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist(sector_rows(rng, OPEN_TARGETS), schema=SECTORS),
        scores=scores,
    )
    write_run(folder, Run(AsOf(AS_OF), Quarter.of(AS_OF), 1, "a" * 64, about), tables)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return log_in(create_app(development(home)), [Role.PLANNER, Role.AUDITOR])


def taken(client: TestClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/kandidater.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def letter(facts: Facts) -> str | None:
    if facts["industry"] is None:
        return None
    section = section_of(IndustryCode(facts["industry"], Standard.SN2007))
    return section.letter if section else None


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("", lambda one: True),
        ("?county=46", lambda one: one["county"] == "46"),
        ("?section=F", lambda one: letter(one) == "F"),
        ("?size=1-4", lambda one: one["size_class"] == "1-4"),
        ("?size=250%2B", lambda one: one["size_class"] == "250+"),
        ("?duty=conditional", lambda one: one["bht_duty"] == "conditional"),
        ("?area=kindergartens", lambda one: "kindergartens" in one["priority_areas"]),
        ("?age_years_min=10", lambda one: one["age_months"] is not None and one["age_months"] >= 120),
        ("?text=syntetisk+12", lambda one: "SYNTETISK 12" in one["name"] and not one["sole_proprietor"]),
        (f"?text={number(7)[:5]}+{number(7)[5:]}", lambda one: one["establishment"] == number(7)),
        (
            "?section=F&size=1-4&age_years_min=1",
            lambda one: letter(one) == "F" and one["size_class"] == "1-4" and (one["age_months"] or 0) >= 12,
        ),
    ],
)
def test_a_filter_leaves_exactly_those_it_names(
    client: TestClient, rows: list[dict[str, Any]], query: str, holds: Callable[[Facts], bool]
) -> None:
    everybody = [line["establishment"] for line in taken(client)]
    wanted = {row["establishment"] for row in rows if holds(row)}
    found = [line["establishment"] for line in taken(client, query)]
    assert found == [one for one in everybody if one in wanted]
    shown = re.findall(r'<a class="ds-link" href="/virksomheter/(\d{9})"', client.get(f"/kandidater{query}").text)
    assert shown == found[:50]


def test_the_pages_of_the_list_are_the_list(client: TestClient) -> None:
    everybody = [line["establishment"] for line in taken(client)]
    pages = [client.get(f"/kandidater?page={page}").text for page in range(1, 7)]
    shown = [re.findall(r'href="/virksomheter/(\d{9})"', page) for page in pages]
    assert [one for page in shown[:5] for one in page] == everybody
    assert shown[5] == shown[4], "beyond the end there is the last page"


def test_a_sole_proprietor_is_not_found_by_a_persons_name_nor_named(
    client: TestClient, rows: list[dict[str, Any]]
) -> None:
    sole = next(row for row in rows if row["sole_proprietor"])
    assert taken(client, f"?text={quote(sole['name'])}") == []
    line = next(line for line in taken(client) if line["establishment"] == sole["establishment"])
    assert line["name"] == ""
    assert sole["name"].split("&")[0] not in client.get(f"/virksomheter/{sole['establishment']}").text


def test_a_spreadsheet_runs_nothing_of_the_file(client: TestClient) -> None:
    lines = taken(client)
    cells = [cell for line in lines for cell in line.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    assert (
        {f"'{name} AS" for name in FORMULAS}
        >= {line["name"] for line in lines if line["name"].startswith("'")}
        != set()
    )
    assert {line["run"] for line in lines} == {"a" * 16}
    assert "aldri et bevis" in lines[0]["note"]


def looks(home: Path, **asked: Any) -> tuple[Event, ...]:
    ledger = open_ledger(f"sqlite:///{home / 'ledger.db'}")
    with ledger.read() as connection:
        return trail_of(connection, Asked(**asked)).events


def test_every_look_is_in_the_ledger(client: TestClient, home: Path) -> None:
    client.get("/kandidater?county=46&page=2")
    newest = looks(home)[0]
    assert (newest.kind, newest.actor, newest.target) == ("listed", "ada", "bht_use")
    assert newest.payload["filters"] == {"county": "46"}
    file = client.get("/kandidater.csv?county=46")
    newest = looks(home)[0]
    assert newest.kind == "exported"
    assert newest.payload["rows"] == file.text.count("\r\n") - 1
    assert newest.payload["sha256"][:12] in file.headers["content-disposition"]
    client.get(f"/virksomheter/{number(3)}")
    seen = looks(home, establishment=number(3))
    assert {one.kind for one in seen} == {"looked_up"}
    assert {one.target for one in seen} <= {str(target) for target in OPEN_TARGETS}
    client.get("/revisjon?actor=ada")
    assert looks(home)[0].kind == "audit_read"


def test_a_look_that_is_refused_or_finds_nobody_is_none(client: TestClient, home: Path) -> None:
    before = looks(home)[0].number
    assert client.get(f"/virksomheter/{number(99_999)}").status_code == 404
    assert client.get("/kandidater?target=work_crime").status_code == 403
    assert client.get("/kandidater?county=oslo").status_code == 422
    assert looks(home)[0].number == before


def test_facts_stand_beside_the_scores(client: TestClient, rows: list[dict[str, Any]]) -> None:
    html = unescape(client.get(f"/virksomheter/{number(10)}?lang=nb").text)
    scores, facts = html.split('id="facts"')
    assert scores.count("<article") == scores.count('class="big"') > 0
    assert "antall ansatte er ikke kjent" in facts
    assert "Det er en åpen sak." in html
    assert "1. feb. 2027" in html
    assert "§ 13-1" in facts


def test_the_audit_is_read_page_by_page(client: TestClient, home: Path) -> None:
    for page in range(1, 56):
        client.get(f"/kandidater?page={page}")
    recorded = [one.at for one in looks(home, kinds=["listed"])][:50]
    first = client.get("/revisjon?kind=listed").text
    older = unescape(re.findall(r'rel="next" href="([^"]+)"', first)[0])
    assert "kind=listed" in older
    assert re.findall(r'<time datetime="([^"]+)">', first) == recorded
    second = re.findall(r'<time datetime="([^"]+)">', client.get(older).text)
    assert max(second) < min(recorded)


def test_spreading_inspections_adds_up_and_what_cannot_be_kept_says_so(client: TestClient) -> None:
    html = client.get("/naeringer?inspections=12&lang=nb").text
    table = html.split("Anbefalt antall tilsyn")[-1]
    counts = [int(one) for one in re.findall(r'<th scope="row">[^<]+</th><td>(\d+)</td>', table)]
    assert sum(counts) == 12
    refused = client.get("/naeringer?inspections=5&minimum=400&lang=nb")
    assert refused.status_code == 200
    assert 'role="alert"' in refused.text


def test_a_person_without_the_role_sees_earlier_runs_without_closed_targets(tmp_path: Path) -> None:
    publish(tmp_path, digit="b", as_of=date(2026, 10, 1), targets=tuple(Target))
    publish(tmp_path, digit="c", targets=tuple(Target))
    planner = log_in(create_app(development(tmp_path)), [Role.PLANNER])
    html = planner.get("/naeringer").text
    assert "1. okt. 2026" in html
    assert "c" * 16 not in html
    assert "work_crime" not in html
