"""The planner's whole story in a real Chromium, in both languages: from a filter to what a plan of 300 found."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page
from python_calamine import CalamineWorkbook

from api.main import create_app
from targeting.planning.permissions import Role
from tests.lib.browser import enter, running, too_wide
from tests.lib.pictures import HEAVIEST, keep_picture
from tests.lib.signed_in import development

WORDS = {
    "nb": {
        "name": "Tilsyn", "save": "Lagre som utkast", "propose": "Foreslå planen", "approve": "Godkjenn planen",
        "begin": "Start planen", "send": "Send inn", "withdraw": "Trekk planen", "work_out": "Regn det ut",
        "clash": "Ingen plan holder alle disse reglene", "changed": "Noen endret planen imens",
        "change": "Endre listen", "warning": "Hvor ofte tilsynene fant brudd, er ikke hvor vanlig brudd er.",
        "own": "En plan godkjennes av en annen enn den som laget eller endret den.",
        "unfinished": "Planen kan avsluttes når hver plass har et utfall eller en årsak.",
    },
    "en": {
        "name": "Inspections", "save": "Save as a draft", "propose": "Propose the plan", "approve": "Approve the plan",
        "begin": "Begin the plan", "send": "Send in", "withdraw": "Withdraw the plan", "work_out": "Work it out",
        "clash": "No plan keeps all these rules", "changed": "Somebody changed the plan meanwhile",
        "change": "Change the list",
        "warning": "How often the inspections found a breach is not how common breaches are.",
        "own": "A plan is approved by another person than those who made or changed it.",
        "unfinished": "A plan can be closed when every slot has an outcome or a reason.",
    },
}  # fmt: skip
WIDE = {"width": 1366, "height": 900}
NARROW = {"width": 320, "height": 640}
CAPACITY, OSLO = 300, 60


class Story(NamedTuple):
    """One person's window on the service, in one language."""

    page: Page
    address: str
    language: str
    pictures: Path

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}{'&' if '?' in path else '?'}lang={self.language}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=WORDS[self.language][name], exact=True)

    def look(self, name: str) -> None:
        """The page, with all that it holds, fits a narrow screen; the rest is tested of each state elsewhere."""
        assert self.page.locator("html").get_attribute("lang") == self.language
        if self.language == "nb":
            assert keep_picture(self.page, self.pictures, name).stat().st_size < HEAVIEST
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert too_wide(self.page) == [], name
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    def said(self, text: str) -> bool:
        return WORDS[self.language][text] in self.page.locator("main").inner_text().replace("\xa0", " ")


@pytest.fixture(params=["nb", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(country: Path, tmp_path: Path) -> Iterator[str]:
    """The country of all tests, with a ledger of this test's own."""
    home = shutil.copytree(country, tmp_path / "home")
    app: FastAPI = create_app(development(home))
    with running(app) as found:
        yield found
    app.state.ledger.close()


def window(browser: Browser, address: str, language: str, pictures: Path, name: str, *roles: Role) -> Story:
    page = browser.new_context(viewport=WIDE).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(20_000)
    enter(page, address, roles, name)
    return Story(page, address, language, pictures)


def test_the_planners_whole_story(browser: Browser, address: str, language: str, pictures: Path) -> None:
    ada = window(browser, address, language, pictures, "ada", Role.PLANNER, Role.APPROVER)
    bo = window(browser, address, language, pictures, "bo", Role.APPROVER)
    filters_and_opens_a_reason(ada)
    plan, planned = draws_and_saves(ada)
    swaps_a_slot(ada, plan)
    ada.button("propose").click()
    ada.page.wait_for_url("**done=proposed")
    ada.look("plan_proposed")
    assert ada.said("own")
    assert ada.button("approve").is_disabled()
    approved = approves_while_ada_withdraws(ada, bo, plan)
    listed = begins_and_takes_out(ada, plan)
    assert len(set(listed)) == CAPACITY
    assert listed == approved
    assert len(set(listed) & set(planned)) == CAPACITY - 1
    sends_in_outcomes(ada, plan)
    reads_the_result(ada, plan)
    for one in (ada, bo):
        one.page.context.close()


def filters_and_opens_a_reason(ada: Story) -> None:
    ada.go("/planer")
    ada.look("plans_none")
    ada.go("/kandidater")
    ada.page.select_option("#county", "46")
    ada.page.wait_for_url("**county=46**")
    ada.page.locator("tbody a").first.click()
    ada.page.wait_for_url("**/virksomheter/*")
    assert ada.page.locator("svg[role=img]").count() > 0


def draws_and_saves(ada: Story) -> tuple[str, list[str]]:
    """Quotas, expected breaches at once, the dial; the plan's address and who is in it."""
    ada.go("/planer/ny")
    page, expected = ada.page, ada.page.locator("#summary .big")
    page.fill("#capacity", str(CAPACITY))
    expected.filter(has_text=re.compile(rf"\b{CAPACITY}\b")).wait_for()
    page.fill("#explore", "15")
    page.select_option("#where-0", "county=03")
    page.fill("#quota_0", str(CAPACITY - 10))
    expected.filter(has_text=WORDS[ada.language]["clash"]).wait_for()
    ada.look("plan_new_clash")
    page.fill("#quota_0", str(OSLO))
    expected.filter(has_text=re.compile(rf"\b{CAPACITY}\b")).wait_for()
    assert re.search(r"\d", expected.inner_text())
    page.locator("#shown summary").first.click()
    counties = page.locator("#shown figure tbody tr").all_inner_texts()
    assert len(counties) == 15
    assert sum(int(one.split()[-1]) for one in counties if one.startswith("Oslo")) >= OSLO
    ada.button("work_out").click()
    page.locator("#dial svg").nth(1).wait_for()
    ada.look("plan_new")
    ada.button("save").click()
    page.wait_for_url("**done=drafted")
    ada.look("plan_draft")
    return page.url.partition("?")[0].removeprefix(ada.address), numbers_in(page)


def numbers_in(page: Page) -> list[str]:
    """Who is in the list of the plan that is shown, in its order."""
    links = page.locator("section:has(#list) tbody th a")
    hrefs: list[str] = links.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [one.rpartition("/")[2] for one in hrefs]


def swaps_a_slot(ada: Story, plan: str) -> None:
    ada.page.locator(f'a[href^="{plan}/plasser/"]').first.click()
    ada.page.wait_for_url("**/plasser/*")
    ada.look("plan_slot")
    ada.page.select_option("#code", "local_knowledge")
    ada.page.fill("#why", "Ny eier")
    ada.button("change").click()
    ada.page.wait_for_url("**done=slot_swapped")
    assert "Ny eier" in ada.page.locator("section:has(#changes) tbody").inner_text()


def approves_while_ada_withdraws(ada: Story, bo: Story, plan: str) -> list[str]:
    """Two act on the same page: the first one's act stands, the other is told what happened. Who was approved."""
    ada.go(plan)
    bo.go(plan)
    bo.look("plan_to_approve")
    bo.button("approve").click()
    bo.page.wait_for_url("**done=approved")
    bo.look("plan_approved")
    assert len(bo.page.locator(".hash code").inner_text()) == 64
    ada.page.locator("summary", has_text=WORDS[ada.language]["withdraw"]).click()
    ada.page.fill("#why-withdrawn", "Feil kvartal")
    ada.button("withdraw").click()
    ada.page.locator("h1", has_text=WORDS[ada.language]["changed"]).wait_for()
    assert "bo" in ada.page.locator(".life").inner_text()
    ada.look("plan_changed")
    return numbers_in(bo.page)


def begins_and_takes_out(ada: Story, plan: str) -> list[str]:
    """Who is in the workbook: the same as on the page."""
    ada.go(plan)
    ada.button("begin").click()
    ada.page.wait_for_url("**done=begun")
    ada.look("plan_begun")
    assert ada.said("unfinished")
    shown = numbers_in(ada.page)
    with ada.page.expect_download() as taken:
        ada.page.get_by_role("link", name="XLSX").click()
    rows = CalamineWorkbook.from_path(str(taken.value.path())).get_sheet_by_name("Plan").to_python()
    column = rows[0].index("establishment")
    assert [str(row[column]) for row in rows[1:]] == shown
    return shown


def sends_in_outcomes(ada: Story, plan: str) -> None:
    """The CSV filled in, one row of it wrong and one not visited."""
    with ada.page.expect_download() as taken:
        ada.page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(taken.value.path()).read_text("utf-8-sig"))))
    for place, row in enumerate(rows):
        breach = "yes" if place % 3 else "no"
        row |= {"result": "inspected", "breach": breach, "inspected_on": date(2026, 1, 5).isoformat()}
    rows[0] |= {"result": "not_inspected", "breach": "", "reason": "closed_down", "inspected_on": ""}
    rows[1] |= {"result": "perhaps"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    ada.page.set_input_files(
        "#file", {"name": "filled.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
    )
    ada.button("send").click()
    ada.page.locator("#aside").wait_for()
    figures = [one.split("\n")[0] for one in ada.page.locator(".figures .big").all_inner_texts()]
    assert figures == [str(CAPACITY - 1), "1", "0", str(CAPACITY)]
    assert "perhaps" in ada.page.locator("section:has(#aside) tbody").inner_text()
    ada.look("plan_outcomes")


def reads_the_result(ada: Story, plan: str) -> None:
    ada.page.locator(f'main a[href="{plan}/resultat"]').first.click()
    ada.page.wait_for_url("**/resultat")
    assert ada.said("warning")
    assert ada.page.locator("svg[role=img]").count() >= 2
    for summary in ada.page.locator("main summary").all():
        summary.click()
    ada.look("plan_result")
    ada.go("/planer")
    ada.look("plans")
    ada.go(f"{plan}/resultat")


def test_without_a_script_everything_still_works(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, address, [Role.PLANNER])
    page.goto(f"{address}/planer/ny?lang=nb")
    page.fill("#capacity", "10")
    page.get_by_role("button", name="Vis planen").click()
    assert " 10 " in page.locator("#summary").inner_text().replace("\xa0", " ")
    page.get_by_role("button", name="Regn det ut").click()
    assert page.locator("#dial svg").count() == 2
    assert page.locator("#capacity").input_value() == "10"
    page.get_by_role("button", name="En kvote til").click()
    page.get_by_role("button", name="Lagre som utkast").click()
    page.get_by_role("button", name="Foreslå planen").click()
    assert "done=proposed" in page.url
    context.close()
