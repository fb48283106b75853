"""The pages of plans without a browser: forms that act once, refusals in words, and no script needed for any of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from api.pages.languages import speech
from api.pages.plans.rules_in_words import in_words
from api.pages.plans.wishes import PlanForm, form_of, wish_in
from targeting.domain import Target
from targeting.ledger import EventKind, open_ledger, url_of, verify
from targeting.planning import default_problem, problem_from_mapping
from targeting.planning.life import live_plan
from targeting.planning.permissions import Role
from tests.lib.published_run import publish
from tests.lib.signed_in import development, log_in
from tests.lib.small_country import number

WISH: dict[str, Any] = {
    "act": "save",
    "capacity": "20",
    "explore": "40",
    "standby": "3",
    "duty": ["yes", "conditional", "no"],
    "quota_kind": ["at_least", "at_most"],
    "quota_where": ["county=03", "priority_areas=kindergartens"],
    "quota_count": ["4", "6"],
}
NOBODY = "0" * 64


class Country(NamedTuple):
    app: FastAPI
    home: Path


@pytest.fixture
def country(tmp_path: Path) -> Iterator[Country]:
    publish(tmp_path, seed=5, establishments=300, targets=tuple(Target))
    made = create_app(development(tmp_path), lambda: datetime(2027, 1, 4, 9, tzinfo=UTC))
    yield Country(made, tmp_path)
    made.state.ledger.close()


@pytest.fixture
def ada(country: Country) -> TestClient:
    return person(country, "ada", Role.PLANNER, Role.APPROVER)


def person(country: Country, name: str, *roles: Role) -> TestClient:
    client = log_in(country.app, roles, name)
    client.follow_redirects = False
    return client


def token(client: TestClient) -> str:
    return re.findall(r'csrf_token" value="(\w+)"', client.get("/planer").text)[0]


def drafted(client: TestClient, **changes: Any) -> str:
    """A plan of the form, saved; its address."""
    answer = client.post("/planer/ny", data={**WISH, **changes, "csrf_token": token(client)})
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"]).partition("?")[0]


def form_on(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to `action`."""
    found = re.search(rf'<form[^>]* action="{re.escape(action)}[^"]*".*?</form>', html, re.DOTALL)
    assert found, f"no form leads to {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0]))


def acted(client: TestClient, plan: str, path: str, **fields: str) -> Any:
    return client.post(f"{plan}/{path}", data={**form_on(client.get(plan).text, f"{plan}/{path}"), **fields})


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").split())


def acts_of(country: Country, plan: str) -> list[str]:
    ledger = open_ledger(url_of(country.home))
    assert verify(ledger) == ()
    with ledger.read() as connection:
        return [one.kind for one in live_plan(connection, plan.rpartition("/")[2]).events]


@pytest.mark.parametrize("target", list(Target))
def test_the_form_as_first_shown_says_the_default_problem(target: Target) -> None:
    wish = wish_in(form_of(default_problem(target)))
    assert (problem_from_mapping(wish.document), wish.errors) == (default_problem(target), {})


def test_every_rule_that_the_form_can_make_has_words_in_both_languages() -> None:
    hours = {"hours": "100", "hours_of": ["5"] * 8, "per_address": "1", "duty": ["yes"]}
    wish = wish_in(PlanForm.model_validate({**WISH, **hours, "months_any": "12", "age_min": "6"}))
    problem = problem_from_mapping(wish.document)
    made = (*problem.at_least, *problem.at_most, *problem.at_most_per, *problem.total, *default_problem().exclude)
    named = [*(one.name for one in (*made, *problem.exclude)), "exploration share 0.4", "capacity 20", "in_no_plan"]
    for name in named:
        said = [in_words(speech(language), name) for language in ("nb", "en")]
        assert name not in said
        assert said[0] != said[1], name


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"capacity": ""}, "capacity", "Skriv et helt tall fra 1 til 5000."),
        ({"capacity": "ti"}, "capacity", "Skriv et helt tall fra 1 til 5000."),
        ({"explore": "101"}, "explore", "Skriv et helt tall fra 0 til 100."),
        ({"quota_where": ["", "county=03"]}, "quota_0", "Velg hvem denne kvoten gjelder."),
        ({"quota_where": ["enterprise=311111116", ""]}, "quota_0", "Velg hvem denne kvoten gjelder."),
        ({"quota_count": ["", "2"]}, "quota_0", "Skriv et helt tall"),
        ({"duty": []}, "duty", "Velg minst én."),
        ({"hours": "10", "hours_of": ["2"] * 7 + [""]}, "hours_of", "Skriv hvor mange timer"),
    ],
)
def test_a_slip_of_the_finger_is_answered_beside_its_field(
    ada: TestClient, changes: dict[str, Any], field: str, says: str
) -> None:
    answer = ada.post("/planer/ny", data={**WISH, **changes, "csrf_token": token(ada)})
    assert answer.status_code == 200
    beside = re.search(rf'id="{field}-wrong">(.*?)</p>', answer.text)
    assert beside and says in beside[1]
    assert f'href="#{field}"' in answer.text


def test_what_cannot_be_kept_is_said_with_the_least_that_must_give_way(ada: TestClient) -> None:
    answer = ada.post("/planer/ny", data={**WISH, "quota_count": ["21", "6"], "csrf_token": token(ada)})
    said = words(answer.text)
    assert "Ingen plan holder alle disse reglene" in said
    assert "«minst 21: Oslo» blir" in said


def test_for_htmx_only_the_part_that_changed_is_sent_and_it_is_the_same_without(ada: TestClient) -> None:
    asked = {**WISH, "act": "show", "csrf_token": token(ada)}
    whole = ada.post("/planer/ny", data=asked).text
    part = ada.post("/planer/ny", data=asked, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    expected = re.search(r'<p class="big">([\d,]+)', part)
    assert expected and f'<p class="big">{expected[1]}' in whole
    counties = dict(re.findall(r'<th scope="row">([^<]+)</th><td>(\d+)</td>', part))
    assert len(counties) == 15
    assert 4 <= int(counties["Oslo"]) <= 20
    for html in (
        ada.post("/planer/ny", data={**asked, "act": "dial"}, headers=head).text for head in ({}, {"HX-Request": "1"})
    ):
        assert len(re.findall(r"<svg", html)) == 2
    more = ada.post("/planer/ny", data={**asked, "act": "rows"}).text
    assert more.count('name="quota_where"') == 3


def test_a_double_click_saves_one_plan_and_proposes_it_once(country: Country, ada: TestClient) -> None:
    plan = drafted(ada)
    assert drafted(ada) == plan
    asked = form_on(ada.get(plan).text, f"{plan}/forslag")
    answers = [ada.post(f"{plan}/forslag", data=asked) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert acts_of(country, plan) == [EventKind.DRAFTED, EventKind.PROPOSED]
    assert ada.get("/planer").text.count(f'href="{plan}"') == 1


def test_the_same_plan_saved_from_another_form_leads_to_the_one_that_is_there(
    country: Country, ada: TestClient
) -> None:
    plan = drafted(ada)
    bea = person(country, "bea", Role.PLANNER)
    assert drafted(bea) == plan
    assert acts_of(country, plan) == [EventKind.DRAFTED]


def test_whoever_comes_too_late_is_told_what_happened(country: Country, ada: TestClient) -> None:
    plan = drafted(ada)
    acted(ada, plan, "forslag")
    old = form_on(ada.get(plan).text, f"{plan}/trekking")
    bo = person(country, "bo", Role.APPROVER)
    assert acted(bo, plan, "godkjenning").status_code == 303
    answer = ada.post(f"{plan}/trekking", data={**old, "text": "for sent"})
    assert answer.status_code == 412
    said = words(answer.text)
    assert "Noen endret planen imens" in said
    assert "bo godkjente en plan" in said
    assert "for sent" not in said
    assert acts_of(country, plan)[-1] == EventKind.APPROVED


def test_the_author_sees_why_they_cannot_approve(country: Country, ada: TestClient) -> None:
    plan = drafted(ada)
    acted(ada, plan, "forslag")
    html = ada.get(plan).text
    assert f'action="{plan}/godkjenning"' not in html
    assert "En plan godkjennes av en annen enn den som laget eller endret den." in words(html)
    english = words(ada.get(f"{plan}?lang=en").text)
    assert "A plan is approved by another person than those who made or changed it." in english


def test_a_swap_stands_beside_what_was_proposed_and_an_addition_needs_its_reason(
    country: Country, ada: TestClient
) -> None:
    plan = drafted(ada)
    slot = re.findall(rf'{plan}/plasser/(\d{{9}})"', ada.get(plan).text)[0]
    address = f"{plan}/plasser/{slot}"
    asked = form_on(ada.get(address).text, address)
    for lacking in ({"reason_code": "local_knowledge", "text": "  "}, {"reason_code": "", "text": "x"}):
        assert ada.post(address, data={**asked, "act": "swap", **lacking}).status_code == 422
    why = {"reason_code": "local_knowledge", "text": "Besøkt i fjor"}
    assert ada.post(address, data={**asked, "act": "swap", **why}).status_code == 303
    said = words(ada.get(plan).text)
    assert "Endringer ved siden av det som ble foreslått" in said
    assert "lokalkunnskap Besøkt i fjor ada" in said
    assert ada.get(address).status_code == 404
    listed = set(re.findall(r'/virksomheter/(\d{9})"', ada.get(plan).text))
    stranger = next(one for one in map(number, range(300)) if one not in listed)
    tip = {"reason_code": "tip_or_incident", "text": "Tips"}
    on_list = re.findall(rf'{plan}/plasser/(\d{{9}})"', ada.get(plan).text)[0]
    for wrong in (on_list, "123 456 789"):
        refused = acted(ada, plan, "plasser", establishment=wrong, **tip)
        assert (refused.status_code, "Ingen ble lagt til" in refused.text) == (422, True)
    added = acted(ada, plan, "plasser", establishment=stranger, **tip)
    assert added.headers["location"].endswith("?done=slot_added")
    assert acts_of(country, plan) == [EventKind.DRAFTED, EventKind.SLOT_SWAPPED, EventKind.SLOT_ADDED]


def test_rows_that_cannot_be_read_are_told_of_in_words_and_a_file_sent_twice_counts_once(
    country: Country, ada: TestClient
) -> None:
    plan = begun(country, ada)
    rows = exported(ada, plan)
    wrong = [
        {"result": "bogus"},
        {"result": "inspected", "breach": "yes", "inspected_on": "i går"},
        {"result": "inspected", "breach": "no", "inspected_on": "2027-12-01"},
        {"result": "not_inspected", "reason": "ferie"},
        {"result": "not_inspected", "reason": "moved", "breach": "no"},
        {"result": "inspected", "breach": "yes", "reason": "moved", "inspected_on": "2027-01-01"},
        {"result": "inspected", "establishment": "311111116"},
    ]
    for row, change in zip(rows, wrong, strict=False):
        row |= change
    rows[7] |= {"result": "inspected", "breach": "yes", "inspected_on": "2027-01-02"}
    action = unescape(re.findall(rf'action="({plan}/utfall[^"]+)"', ada.get(plan).text)[0])
    sent = {"file": ("filled.csv", as_csv(rows), "text/csv")}
    pages = [ada.post(action, data={"csrf_token": token(ada)}, files=sent) for _ in range(2)]
    assert [one.status_code for one in pages] == [200, 200]
    said = words(pages[1].text)
    assert "1 rader ført 7 rader lagt til side 12 rader ikke utfylt ennå 20 rader i filen" in said
    for told in ("ett av inspected", "dagen for tilsynet", "en dag til og med 4. jan. 2027", "ikke noe om brudd",
                 "ingen årsak der", "en virksomhet på listen"):  # fmt: skip
        assert told in said
    assert acts_of(country, plan)[-2:] == [EventKind.BEGUN, EventKind.OUTCOMES_RECORDED]
    assert "1 av 20 foreslåtte tilsyn har et utfall" in words(ada.get(f"{plan}/resultat").text)


def begun(country: Country, ada: TestClient) -> str:
    plan = drafted(ada)
    assert acted(ada, plan, "forslag").status_code == 303
    assert acted(person(country, "bo", Role.APPROVER), plan, "godkjenning").status_code == 303
    assert acted(ada, plan, "start").status_code == 303
    return plan


def exported(client: TestClient, plan: str) -> list[dict[str, str]]:
    sent = client.get(f"/v1/plans/{plan.rpartition('/')[2]}/export?format=csv").text
    return list(csv.DictReader(io.StringIO(sent.lstrip("\ufeff"))))


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_before_the_first_outcome_the_result_says_so(country: Country, ada: TestClient) -> None:
    assert "Ingenting er sendt inn ennå" in words(ada.get(f"{drafted(ada)}/resultat").text)


def test_a_plan_that_is_hidden_is_as_absent_as_one_that_is_not_there(country: Country) -> None:
    analyst = person(country, "kim", Role.PLANNER, Role.AKRIM_ANALYST)
    asked = {**WISH, "csrf_token": token(analyst)}
    hidden = analyst.post("/planer/ny?target=work_crime", data=asked).headers["location"].partition("?")[0]
    assert analyst.get(hidden).status_code == 200
    ada = person(country, "ada", Role.PLANNER)
    for path in ("", "/resultat", f"/plasser/{number(0)}"):
        absent = ada.get(f"/planer/{NOBODY}{path}")
        found = ada.get(hidden + path)
        assert (found.status_code, absent.status_code) == (404, 404)
        assert found.text.replace(hidden, "") == absent.text.replace(f"/planer/{NOBODY}", "")
    assert hidden not in ada.get("/planer").text
    assert "work_crime" not in ada.get("/planer").text
    assert ada.get("/planer/ny?target=work_crime").status_code == 403


def test_a_look_at_a_plan_is_in_the_ledger(country: Country, ada: TestClient) -> None:
    plan = drafted(ada)
    slot = re.findall(rf'{plan}/plasser/(\d{{9}})"', ada.get(plan).text)[0]
    ada.get(f"{plan}/plasser/{slot}")
    ada.get(f"{plan}/resultat")
    auditor = person(country, "eva", Role.AUDITOR)
    seen = auditor.get("/v1/audit?kind=plan_viewed").json()["rows"]
    assert {one["payload"]["part"] for one in seen if one["actor"] == "ada"} >= {"plan", "slot", "result"}
