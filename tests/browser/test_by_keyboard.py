"""The planner's story without a mouse: every form of the service is filled in and sent with keys alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from api.main import create_app
from targeting.planning.permissions import Role
from tests.lib.browser import running
from tests.lib.keyboard import Keys
from tests.lib.page_views import template_of, templates
from tests.lib.published_run import publish
from tests.lib.signed_in import development

pytestmark = pytest.mark.night

CAPACITY = 6


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    publish(home, seed=5, establishments=300)
    with running(create_app(development(home))) as found:
        yield found


class Sent(set[str]):
    """The routes that forms were sent to."""

    def watch(self, page: Page) -> None:
        page.on("request", lambda asked: self.take(asked.method, asked.url))

    def take(self, method: str, url: str) -> None:
        if method == "POST" and (template := template_of(urlsplit(url).path, "POST")):
            self.add(template)


def person(browser: Browser, address: str, sent: Sent, name: str, *roles: Role) -> Keys:
    """Log in: the name is written, each role ticked with Space, and Enter sends it."""
    page = browser.new_context(viewport={"width": 1366, "height": 900}, reduced_motion="reduce").new_page()
    page.set_default_timeout(20_000)
    sent.watch(page)
    page.goto(f"{address}/login?lang=nb")
    keys = Keys(page)
    keys.write(page.locator("#name"), name)
    for role in roles:
        keys.press(page.locator(f"#role-{role}"), "Space")
        assert page.locator(f"#role-{role}").is_checked()
    keys.press(page.locator("main button"))
    page.wait_for_url(f"{address}/")
    return keys


@pytest.mark.night
def test_every_form_is_filled_in_and_sent_with_keys_alone(browser: Browser, address: str, tmp_path: Path) -> None:
    sent = Sent()
    ada = person(browser, address, sent, "ada", Role.PLANNER, Role.AUDITOR)
    bo = person(browser, address, sent, "bo", Role.APPROVER)
    looks_around(ada)
    plan = makes_a_plan(ada)
    changes_the_list(ada, plan)
    presses(ada, "Foreslå planen", "proposed")
    gives_its_reason(bo, plan, "Send den tilbake", "returned")
    ada.page.goto(plan)
    presses(ada, "Foreslå planen", "proposed")
    bo.page.goto(plan)
    presses(bo, "Godkjenn planen", "approved")
    ada.page.goto(plan)
    presses(ada, "Start planen", "begun")
    sends_in_outcomes(ada, tmp_path)
    ada.press(ada.page.get_by_role("link", name="Tilbake til planen"))
    presses(ada, "Avslutt planen", "closed")
    gives_its_reason(ada, makes_a_plan(ada, CAPACITY + 1), "Trekk planen", "withdrawn")
    for one, button in ((ada, "Logg ut"), (bo, "Logg ut overalt")):
        one.press(one.page.get_by_role("button", name=button, exact=True))
        one.page.wait_for_url("**/logged-out")
        one.page.context.close()
    assert set(templates("POST")) - sent == set(), "a form that nobody has sent with keys alone"


def looks_around(ada: Keys) -> None:
    """The menu, a filter, the order of the list, a reason, an establishment, the areas and the audit."""
    page = ada.page
    ada.press(page.get_by_role("link", name="Kandidater", exact=True))
    page.wait_for_url("**/kandidater")
    ada.write(page.locator("#county"), "O")
    page.wait_for_url("**county=03**")
    ada.press(page.locator("#by-employees"))
    page.wait_for_url("**sort=-employees**")
    page.locator("th[aria-sort=descending] #by-employees").wait_for()
    assert page.evaluate("document.activeElement.id") == "by-employees", "the focus stays where it was"
    assert "flest ansatte først" in str(page.locator("#count").text_content())
    ada.press(page.locator("tbody summary").first, "Space")
    assert page.locator("tbody details").first.get_attribute("open") is not None
    ada.press(page.locator("tbody th a").first)
    page.wait_for_url("**/virksomheter/*")
    ada.press(page.locator(".as-table summary").first)
    assert page.locator(".as-table table").first.is_visible()
    ada.press(page.get_by_role("link", name="Prioriterte næringer", exact=True))
    page.wait_for_url("**/naeringer")
    ada.write(page.locator("#inspections"), "40")
    ada.press(page.locator("#minimum"), "Enter")
    page.wait_for_url("**inspections=40**")
    ada.press(page.get_by_role("link", name="Modeller", exact=True))
    page.wait_for_url("**/modeller")
    ada.press(page.locator("main summary").first, "Space")
    ada.press(page.get_by_role("link", name="Revisjon", exact=True))
    page.wait_for_url("**/revisjon")
    ada.write(page.locator("#actor"), "ada")
    ada.press(page.get_by_role("button", name="Vis"))
    page.wait_for_url("**actor=ada**")


def makes_a_plan(ada: Keys, capacity: int = CAPACITY) -> str:
    """From the list of plans to a saved draft, whose address it gives."""
    page = ada.page
    ada.press(page.get_by_role("link", name="Planer", exact=True))
    ada.press(page.get_by_role("link", name="Lag en ny plan"))
    page.wait_for_url("**/planer/ny**")
    ada.write(page.locator("#capacity"), str(capacity))
    page.locator("#summary .big", has_text=f" {capacity} tilsyn").wait_for()
    ada.write(page.locator("#where-0"), "O")
    ada.write(page.locator("#quota_0"), "1")
    ada.press(page.locator("[value=dial]"), "Space")
    page.locator("#dial svg").nth(1).wait_for()
    ada.press(page.get_by_role("button", name="Lagre som utkast"))
    page.wait_for_url("**done=drafted")
    return page.url.partition("?")[0]


def changes_the_list(ada: Keys, plan: str) -> None:
    """One is swapped, and then added again."""
    page = ada.page
    slot = page.locator("a[href*='/plasser/']").first
    number = str(slot.get_attribute("href")).rpartition("/")[2]
    ada.press(slot)
    page.wait_for_url("**/plasser/*")
    ada.press(page.locator("[name=act][value=swap]"), "Space")
    ada.write(page.locator("#code"), "L")
    ada.write(page.locator("#why"), "Ny eier")
    ada.press(page.get_by_role("button", name="Endre listen"))
    page.wait_for_url("**done=slot_swapped")
    ada.write(page.locator("#establishment"), number)
    ada.to(page.locator("#add-code"))
    page.keyboard.press("ArrowDown")
    ada.write(page.locator("#add-why"), "Likevel")
    ada.press(page.get_by_role("button", name="Legg til"))
    page.wait_for_url("**done=slot_added")
    assert page.url.startswith(plan)


def presses(keys: Keys, button: str, done: str) -> None:
    keys.press(keys.page.get_by_role("button", name=button))
    keys.page.wait_for_url(f"**done={done}")


def gives_its_reason(keys: Keys, plan: str, act: str, done: str) -> None:
    """An act behind a summary: opened, its reason written, sent."""
    page = keys.page
    page.goto(plan)
    keys.press(page.locator("summary", has_text=act))
    keys.write(page.locator("details[open] textarea"), "Feil kvartal")
    keys.press(page.locator("details[open] form button"))
    page.wait_for_url(f"**done={done}")


def sends_in_outcomes(ada: Keys, folder: Path) -> None:
    """The list is taken out, filled in, and chosen in the browser's own dialogue, which Enter opens."""
    page = ada.page
    with page.expect_download() as taken:
        ada.press(page.get_by_role("link", name="CSV"))
    rows = list(csv.DictReader(io.StringIO(Path(taken.value.path()).read_text("utf-8-sig"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(row | {"result": "inspected", "breach": "no", "inspected_on": "2026-01-05"} for row in rows)
    filled = folder / "filled.csv"
    filled.write_text(text.getvalue())
    with page.expect_file_chooser() as asked:
        ada.press(page.locator("#file"))
    asked.value.set_files(filled)
    ada.press(page.get_by_role("button", name="Send inn"))
    page.wait_for_url("**/utfall**")


@pytest.mark.parametrize(
    ("path", "busy", "field", "says"),
    [
        ("/kandidater", "#busy", "#county", "Regner"),
        ("/naeringer", "#busy", "#target", "Regner"),
        ("/planer/ny", "#busy", "#capacity", "Regner"),
        ("/planer/ny", "#busy-dial", "[value=dial]", "Seks planer"),
    ],
)
def test_long_work_says_that_it_goes_on_and_that_it_is_over(
    browser: Browser, address: str, path: str, busy: str, field: str, says: str
) -> None:
    """In a place that is read out, filled when the work begins and empty when it is over."""
    keys = person(browser, address, Sent(), "ada", Role.PLANNER)
    page, held = keys.page, []
    page.goto(f"{address}{path}?lang=nb")
    place = page.locator(f"{busy}[role=status]")
    assert place.inner_text() == ""
    page.route(f"**{path}*", lambda route: held.append(route))
    if field == "[value=dial]":
        keys.press(page.locator(field))
    elif field == "#capacity":
        keys.write(page.locator(field), "5")
    else:
        keys.to(page.locator(field))
        page.keyboard.press("ArrowDown")
    page.wait_for_function("([busy, says]) => document.querySelector(busy).innerText.includes(says)", arg=[busy, says])
    assert page.locator("[aria-busy=true]").count() == 1
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_function("busy => document.querySelector(busy).innerText === ''", arg=busy)
    assert page.locator("[aria-busy=true]").count() == 0
    page.context.close()


def test_a_file_that_is_refused_is_a_page_that_says_why(browser: Browser, address: str) -> None:
    """Not the answer of a program, saved as if it were the file."""
    keys = person(browser, address, Sent(), "ada", Role.PLANNER)
    page = keys.page
    page.goto(f"{address}/kandidater?lang=nb")
    for link in ("/kandidater.csv?target=work_crime", f"/planer/{'f' * 64}/liste?format=xlsx"):
        page.locator("a.ds-button").first.evaluate("(one, link) => one.setAttribute('href', link)", link)
        keys.press(page.locator("a.ds-button").first)
        page.locator("main .problem").wait_for()
        page.go_back()
    page.context.close()
