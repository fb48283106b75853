"""What the pages but those of plans do in a real Chromium, and the pictures of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from api.main import create_app
from targeting.domain import Target
from targeting.ledger import EventKind, Outcome, OutcomeResult, open_ledger, record_event, record_outcomes, record_plan
from targeting.planning.permissions import Role
from tests.lib.browser import enter, running, too_wide, violations
from tests.lib.ledger_story import PLAN, event, plan
from tests.lib.pictures import HEAVIEST, keep_picture
from tests.lib.published_run import publish
from tests.lib.signed_in import development
from tests.lib.small_country import number

EVERYBODY = tuple(Role)
PAGES = {
    "overview": "/",
    "candidates": "/kandidater",
    "establishment": "/virksomheter/{number}",
    "sectors": "/naeringer",
    "models": "/modeller",
    "audit": "/revisjon",
}
NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1366, "height": 900}


class Opened(NamedTuple):
    """A service and a person with every role in a browser."""

    address: str
    context: BrowserContext


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder, seed=5, establishments=30, targets=tuple(Target))
    ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    with ledger.write() as connection:
        record_plan(connection, event(EventKind.DRAFTED, "ada", plan="b" * 64), plan("b" * 64))
        record_plan(connection, event(EventKind.DRAFTED, "bo"), plan(slots=8))
        for kind in (EventKind.PROPOSED, EventKind.APPROVED, EventKind.BEGUN):
            record_event(connection, event(kind, "cy"))
        found = [_outcome(number(place), place % 2 == 0) for place in range(8)]
        record_outcomes(connection, event(EventKind.OUTCOMES_RECORDED, "bo"), found)
    ledger.close()
    return folder


def _outcome(establishment: str, breach: bool) -> Outcome:
    return Outcome(establishment, OutcomeResult.INSPECTED, breach, None, date(2027, 2, 1), date(2027, 3, 1))


@pytest.fixture(scope="module")
def app(home: Path) -> FastAPI:
    return create_app(development(home))


@pytest.fixture(scope="module")
def opened(browser: Browser, app: FastAPI) -> Iterator[Opened]:
    with running(app) as address:
        context = browser.new_context()
        enter(context.new_page(), address, EVERYBODY)
        yield Opened(address, context)
        context.close()


@pytest.fixture
def page(opened: Opened) -> Iterator[Page]:
    made = opened.context.new_page()
    made.set_viewport_size(WIDE)
    yield made
    made.close()


def go(page: Page, opened: Opened, name: str, language: str = "nb") -> None:
    path = PAGES[name].format(number=listed(page, opened)) if "{" in PAGES[name] else PAGES[name]
    page.goto(f"{opened.address}{path}{'&' if '?' in path else '?'}lang={language}")


def listed(page: Page, opened: Opened) -> str:
    page.goto(f"{opened.address}/kandidater")
    return str(page.locator("th a[href^='/virksomheter']").first.get_attribute("href")).rpartition("/")[2]


def test_without_the_style_sheets_from_elsewhere_it_is_as_accessible(page: Page, opened: Opened) -> None:
    page.route("**/vendor/**", lambda route: route.abort())
    for name in ("overview", "candidates", "establishment"):
        go(page, opened, name)
        assert violations(page) == []
        page.set_viewport_size(NARROW)
        assert too_wide(page) == []
        page.set_viewport_size(WIDE)


def test_a_filter_changes_the_list_and_the_address_and_back_undoes_it(page: Page, opened: Opened) -> None:
    go(page, opened, "candidates")
    before = page.locator("#list").inner_text()
    page.evaluate("window.untouched = document.querySelector('#count')")
    page.select_option("#county", "46")
    page.wait_for_function("before => document.querySelector('#list').innerText !== before", arg=before)
    assert "county=46" in page.url
    assert page.evaluate("window.untouched.isConnected"), "only what stays is read out"
    assert page.locator("#count").text_content() == page.locator("#list").text_content()
    assert set(page.locator("tbody td:nth-child(4)").all_inner_texts()) <= {"Vestland\n4601"}
    page.reload()
    assert page.locator("#county").input_value() == "46"
    page.go_back()
    page.wait_for_function("before => document.querySelector('#list').innerText === before", arg=before)


def test_the_other_language_is_one_click_away_keeps_the_filters_and_is_remembered(page: Page, opened: Opened) -> None:
    page.goto(f"{opened.address}/kandidater?duty=yes&lang=nb")
    numbers = page.locator("th .number").all_inner_texts()
    page.click("a.language")
    assert page.locator("h1").inner_text() == "Candidates"
    assert page.locator("#duty").input_value() == "yes"
    assert page.locator("th .number").all_inner_texts() == numbers
    page.click("nav.menu a[href='/modeller']")
    assert page.locator("h1").inner_text() == "Models"
    page.click("a.language")
    assert page.locator("h1").inner_text() == "Modeller"


def test_a_problem_behind_a_filter_is_shown_as_a_page(page: Page, opened: Opened) -> None:
    go(page, opened, "candidates")
    page.evaluate("document.querySelector('form.filters').setAttribute('novalidate', '')")
    page.click("details.more > summary")
    page.fill("#municipality", "12")
    page.press("#municipality", "Tab")
    page.wait_for_selector("main .problem")
    assert "query.municipality" in page.locator("main").inner_text()


def test_who_may_not_gets_a_page_that_says_why(browser: Browser, opened: Opened) -> None:
    context = browser.new_context()
    page = context.new_page()
    enter(page, opened.address, [Role.ADMINISTRATOR], "eva")
    places = page.locator("nav.menu a").all_inner_texts()
    assert places == ["Oversikt", "Prioriterte næringer", "Modeller"]
    page.goto(f"{opened.address}/kandidater")
    assert page.locator("h1").inner_text() == "Du har ikke tilgang til dette"
    assert "krever planlegger" in page.locator("main").inner_text()
    assert violations(page) == []
    context.close()


def test_before_the_first_run_the_page_that_says_so_is_in_nobodys_way(browser: Browser, tmp_path: Path) -> None:
    with running(create_app(development(tmp_path))) as address:
        context = browser.new_context()
        page = context.new_page()
        enter(page, address, [Role.PLANNER], "kari")
        page.goto(f"{address}/kandidater?lang=nb")
        assert page.locator("h1").inner_text() == "Ingenting å vise ennå"
        assert violations(page) == []
        page.set_viewport_size(NARROW)
        assert too_wide(page) == []
        context.close()


def test_what_needs_one_and_what_past_plans_found(page: Page, opened: Opened) -> None:
    go(page, opened, "overview")
    tasks = page.locator("#tasks + ul a")
    assert [str(one.get_attribute("href")) for one in tasks.all()] == [f"/planer/{'b' * 64}"]
    drawn = page.locator("svg desc").all_inner_texts()
    assert len(drawn) == 2
    page.locator("summary").last.click()
    rows = page.locator("table").last.locator("tbody tr").all_inner_texts()
    assert [re.findall(r"\d+(?=\s%)", row)[0] for row in rows] == ["57", "0"]  # 4 of 7 ranked, 0 of 1 drawn
    assert PLAN != "b" * 64


def test_pictures_for_the_documents(browser: Browser, app: FastAPI, pictures: Path, pictured_home: Path | None) -> None:
    shown = create_app(development(pictured_home)) if pictured_home else app
    with running(shown) as address:
        context = browser.new_context(viewport=WIDE)
        page = context.new_page()
        enter(page, address, [Role.PLANNER, Role.APPROVER, Role.AUDITOR])
        opened = Opened(address, context)
        for name in ("overview", "candidates", "establishment", "sectors", "models", "audit"):
            go(page, opened, name)
            if name == "candidates":
                page.locator("tbody summary").first.click()
            assert keep_picture(page, pictures, name).stat().st_size < HEAVIEST
        context.close()
