"""What pages say that takes more than one run: earlier scores, how a list moved, whom it lists; and their order."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from targeting.domain import AsOf, Quarter, Target
from targeting.planning.permissions import Role
from targeting.published import ESTABLISHMENTS, SCORES, SECTORS, PublishedTables, Run, write_run
from tests.lib.published_run import establishment_rows, score_rows, sector_rows, target_run
from tests.lib.signed_in import signed_in

THEN, NOW = date(2026, 10, 1), date(2027, 1, 1)
ONLY = Target.BHT_USE


class Service(NamedTuple):
    client: TestClient
    home: Path
    rows: list[dict[str, Any]]
    then: list[dict[str, Any]]
    now: list[dict[str, Any]]


def publish_rows(home: Path, rows: list[dict[str, Any]], seed: int, digit: str, as_of: date, release: str) -> Any:
    scores = score_rows(random.Random(seed), rows, ONLY, seed)
    tables = PublishedTables(
        establishments=pa.Table.from_pylist(rows, schema=ESTABLISHMENTS),
        sectors=pa.Table.from_pylist(sector_rows(random.Random(1), [ONLY]), schema=SECTORS),
        scores={ONLY: pa.Table.from_pylist(scores, schema=SCORES)},
    )
    about = {ONLY: target_run(ONLY, release)}
    write_run(home, Run(AsOf(as_of), Quarter.of(as_of), seed, digit * 64, about), tables)
    return scores


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("home")
    rows = establishment_rows(random.Random(7), 120, NOW)
    before = [row | {"quality_flags": ["county_unknown"] if place < 30 else []} for place, row in enumerate(rows)]
    then = publish_rows(home, before, 3, "a", THEN, "v0")
    rows = [row | {"quality_flags": ["county_unknown"] if place < 12 else []} for place, row in enumerate(rows)]
    now = publish_rows(home, rows, 4, "b", NOW, "v1")
    yield Service(signed_in(home, Role.PLANNER), home, rows, then, now)


def shown(client: TestClient, query: str) -> list[str]:
    return re.findall(r'<a class="ds-link" href="/virksomheter/(\d{9})"', client.get(f"/kandidater{query}").text)


def employees(row: dict[str, Any]) -> float:
    return float("inf") if row["employees_low"] is None else row["employees_low"]


def fewest_last(row: dict[str, Any]) -> float:
    return float("inf") if row["employees_low"] is None else -row["employees_low"]


def longest_ago(row: dict[str, Any]) -> date:
    return row["last_inspected_on"] or date.min


@pytest.mark.parametrize(
    ("sort", "key", "backwards"),
    [
        ("employees", employees, False),
        ("-employees", fewest_last, False),
        ("inspected", longest_ago, False),
        ("-inspected", lambda row: -longest_ago(row).toordinal(), False),
        ("-score", lambda row: 0, False),
        ("score", lambda row: 0, True),
        ("-rank", lambda row: 0, True),
    ],
)
def test_the_list_is_ordered_as_asked_and_equal_ones_stay_by_rank(
    service: Service, sort: str, key: Callable[[dict[str, Any]], Any], backwards: bool
) -> None:
    known = {row["establishment"]: row for row in service.rows}
    by_rank = [row["establishment"] for row in sorted(service.now, key=lambda row: row["rank"])]
    wanted = by_rank[::-1] if backwards else sorted(by_rank, key=lambda one: key(known[one]))
    assert shown(service.client, f"?sort={sort}") == wanted[:50]
    assert shown(service.client, f"?sort={sort}&page=2") == wanted[50:100]
    text = service.client.get(f"/kandidater.csv?sort={sort}").content.decode("utf-8-sig")
    assert [line["establishment"] for line in csv.DictReader(io.StringIO(text))] == wanted, "the file is the list"


def test_the_head_of_a_column_says_how_the_list_is_ordered_and_turns_it_round(service: Service) -> None:
    html = unescape(service.client.get("/kandidater?county=03&sort=-employees").text)
    heads = re.findall(r'<th role="columnheader" scope="col"([^>]*)><a [^>]*id="by-(\w+)" href="([^"]+)"', html)
    assert [(name, ordered.strip()) for ordered, name, _ in heads] == [
        ("rank", ""),
        ("employees", 'aria-sort="descending"'),
        ("score", ""),
        ("inspected", ""),
    ]
    leads = {name: address for _, name, address in heads}
    assert leads["employees"] == "/kandidater?target=bht_use&county=03&sort=employees"
    assert leads["rank"] == "/kandidater?target=bht_use&county=03"
    assert 'name="sort" value="-employees" form="filters"' in html, "a filter keeps the order"
    assert service.client.get("/kandidater?sort=name").status_code == 422


def test_each_earlier_score_is_shown_as_it_was_published(service: Service) -> None:
    both = {row["establishment"] for row in service.then} & {row["establishment"] for row in service.now}
    chosen = min(both)
    html = unescape(service.client.get(f"/virksomheter/{chosen}?lang=en").text).replace("\xa0", " ")
    for rows, day, release in ((service.then, "1 Oct 2026", "v0"), (service.now, "1 Jan 2027", "v1")):
        row = next(one for one in rows if one["establishment"] == chosen)
        said = f"{day}: rank {row['rank']} of {len(rows)}"
        line = html.split(f'<th scope="row">{said}</th>')[1].split("</tr>")[0]
        cells = re.findall(r"<td>([^<]*)</td>", line)
        percent = f"{round(100 * row['score']):d}%"
        assert (cells[0], cells[-2], cells[-1]) == (percent, percent, release)
    assert html.index("1 Oct 2026: rank") < html.index("1 Jan 2027: rank")


def test_who_is_new_in_the_list_has_no_earlier_score(service: Service) -> None:
    new = {row["establishment"] for row in service.now} - {row["establishment"] for row in service.then}
    html = service.client.get(f"/virksomheter/{min(new)}?lang=en").text
    assert "No earlier run has a score for it." in html
    assert "1 Oct 2026" not in html


def test_how_the_list_moved_since_the_run_before_adds_up(service: Service) -> None:
    html = re.sub(r"\s+", " ", unescape(service.client.get("/modeller?lang=en").text))
    then, now = ({row["establishment"]: row["score"] for row in rows} for rows in (service.then, service.now))
    first = min(len(then), len(now))
    kept = {row["establishment"] for row in service.then[:first]} & {
        row["establishment"] for row in service.now[:first]
    }
    assert f"Still among the first {first}</dt><dd>{len(kept)}</dd>" in html
    means = [f"{100 * sum(one.values()) / len(one):.1f}%" for one in (then, now)]
    assert f"Mean score</dt><dd>{means[0]} → {means[1]}</dd>" in html
    assert f"{len(then)} → {len(now)}" in html
    assert '<td class="figure">25.0%</td><td class="figure">10.0%</td>' in html, "30 and 12 of 120 flagged"


def test_groups_are_those_of_the_version_that_serves_or_it_says_that_there_are_none(service: Service) -> None:
    client, folder = service.client, service.home / "evaluations" / "2027-01-01"
    assert "Not yet evaluated" in client.get("/modeller?lang=en").text
    folder.mkdir(parents=True)
    for version, told in (("v0", False), ("v1", True)):
        (folder / "evaluation.json").write_text(json.dumps({"bht_use": evaluation(version)}))
        html = unescape(client.get("/modeller?lang=en").text).replace("\xa0", " ")
        assert ("Not yet evaluated" not in html) is told
        assert ("26% (13–39%)" in html and "too few to tell" in html and "Troms" in html) is told


def evaluation(version: str) -> dict[str, Any]:
    rate = {"share": 0.26, "low": 0.13, "high": 0.39, "hits": 26, "n": 100}
    row = {"dimension": "county", "group": "55", "selection": rate, "precision": None}
    everybody = row | {"dimension": "everybody", "group": "everybody", "precision": rate}
    groups = {"k": 300, "minimum": 10, "everybody": everybody, "groups": [row]}
    return {"version": version, "as_of": "2027-01-01", "groups": groups}
